"""`/approvals` and what is below."""

from dataclasses import replace

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.approvals import decide_form
from turnkeeper.dialects.native.operations import approvals as operations
from turnkeeper.dialects.native.queries.approvals import approval_filter, cursor_behind
from turnkeeper.dialects.native.shapes.approvals import ApprovalsShape
from turnkeeper.dialects.native.translate.approvals import approval_shape
from turnkeeper.dialects.native.translate.ids import approval_in


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with approvals."""

    async def list_approvals(asked: Asked) -> ASGIApp:
        wanted = approval_filter(asked.query)
        # One more than is shown tells whether there are more.
        found = await actions.approvals.list(asked.caller, replace(wanted, limit=wanted.limit + 1))
        shown, has_more = cut(found, wanted.limit)
        return answer(
            ApprovalsShape(
                items=[approval_shape(approval) for approval in shown],
                has_more=has_more,
                next_cursor=cursor_behind(shown[-1]) if has_more else None,
            )
        )

    async def get(asked: Asked) -> ASGIApp:
        approval = asked.named("approval_id", "approval", approval_in)
        return answer(approval_shape(await actions.approvals.get(asked.caller, approval=approval)))

    async def decide(asked: Asked) -> ASGIApp:
        approval = asked.named("approval_id", "approval", approval_in)
        body = await asked.body()
        form = decide_form(body, asked.content_type)
        decided = await actions.approvals.decide(
            asked.caller, approval=approval, verdict=form.verdict, note=form.note, key=asked.key(body)
        )
        return answer(approval_shape(decided.value), replayed=decided.replayed)

    return [
        Endpoint(operation=operations.LIST, handle=list_approvals),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.DECIDE, handle=decide),
    ]
