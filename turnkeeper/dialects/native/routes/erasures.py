"""`/erasures`: what is to be removed for good, and what was."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.erasures import erasure_form
from turnkeeper.dialects.native.operations import erasures as operations
from turnkeeper.dialects.native.queries.numbered import cursor_behind, page_query
from turnkeeper.dialects.native.shapes.erasures import ErasuresShape
from turnkeeper.dialects.native.translate.erasures import erasure_shape
from turnkeeper.dialects.native.translate.ids import erasure_in

_ERASURES = "erasures"


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be erased."""
    erasures = actions.erasures

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body()
        subject = erasure_form(body, asked.content_type)
        made = await erasures.request(asked.caller, subject, key=asked.key(body))
        return answer(
            erasure_shape(made.value),
            status=202,
            replayed=made.replayed,
            location=f"/v1/erasures/{prefixed('ers', made.value.public_id)}",
            headers={"Retry-After": "1"},
        )

    async def get(asked: Asked) -> ASGIApp:
        erasure = asked.named("erasure_id", "erasure", erasure_in)
        waited = asked.wait_seconds
        found = await erasures.get(asked.caller, erasure=erasure, wait_seconds=waited)
        return answer(erasure_shape(found), waited=waited)

    async def list_erasures(asked: Asked) -> ASGIApp:
        before, limit = page_query(asked.query, _ERASURES)
        found = await erasures.list(asked.caller, before=before, limit=limit + 1)
        shown, has_more = cut(found, limit)
        cursor = cursor_behind(shown[-1].created_at, shown[-1].id, _ERASURES) if has_more else None
        items = [erasure_shape(each) for each in shown]
        return answer(ErasuresShape(items=items, has_more=has_more, next_cursor=cursor))

    return [
        Endpoint(operation=operations.LIST, handle=list_erasures),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.GET, handle=get),
    ]
