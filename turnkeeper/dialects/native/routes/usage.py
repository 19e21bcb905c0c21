"""`/usage` and `/limits`: what was spent, and what may be."""

from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.limits import limits_form
from turnkeeper.dialects.native.operations import usage as operations
from turnkeeper.dialects.native.queries.usage import usage_filter
from turnkeeper.dialects.native.translate.ids import conversation_in
from turnkeeper.dialects.native.translate.usage import limits_shape, report_csv, report_shape, usage_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be asked about spending."""
    usage = actions.usage

    async def report(asked: Asked) -> ASGIApp:
        wanted, form = usage_filter(asked.query, asked.request.headers.get("accept"))
        found = await usage.report_of(asked.caller, wanted)
        if form == "json":
            return answer(report_shape(found), headers={"Vary": "Accept"})
        name = f"usage-{found.first_day}-{found.last_day}.csv"
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
        }
        return ASGIResponse(body=report_csv(found).encode(), media_type="text/csv", headers=headers.items())

    async def of_conversation(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        return answer(usage_shape(await usage.of_conversation(asked.caller, conversation=conversation)))

    async def limits(asked: Asked) -> ASGIApp:
        return answer(limits_shape(await usage.ceilings(asked.caller)))

    async def set_limits(asked: Asked) -> ASGIApp:
        body = await asked.body()
        changes = limits_form(body, asked.content_type)
        changed = await usage.set_ceilings(asked.caller, changes, key=asked.key(body))
        return answer(limits_shape(changed.value), replayed=changed.replayed)

    return [
        Endpoint(operation=operations.REPORT, handle=report),
        Endpoint(operation=operations.OF_CONVERSATION, handle=of_conversation),
        Endpoint(operation=operations.LIMITS, handle=limits),
        Endpoint(operation=operations.SET_LIMITS, handle=set_limits),
    ]
