"""`/keys` and what is below."""

from dataclasses import replace

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.keys import change_key_form, create_key_form, rotate_key_form
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.operations import keys as operations
from turnkeeper.dialects.native.queries.keys import cursor_behind, key_filter
from turnkeeper.dialects.native.shapes.keys import KeysShape
from turnkeeper.dialects.native.translate.ids import key_in
from turnkeeper.dialects.native.translate.keys import key_shape, new_key_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with keys."""
    keys = actions.keys

    async def list_keys(asked: Asked) -> ASGIApp:
        wanted = key_filter(asked.query)
        found = await keys.list(asked.caller, replace(wanted, limit=wanted.limit + 1))
        shown, has_more = cut(found, wanted.limit)
        return answer(
            KeysShape(
                items=[key_shape(each) for each in shown],
                has_more=has_more,
                next_cursor=cursor_behind(shown[-1]) if has_more else None,
            )
        )

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body()
        wanted = create_key_form(body, asked.content_type)
        made = await keys.create(asked.caller, wanted, key=asked.key(body))
        location = f"/v1/keys/{prefixed('key', made.value.owned.key.public_id)}"
        return answer(new_key_shape(made.value), status=201, location=location, replayed=made.replayed)

    async def get(asked: Asked) -> ASGIApp:
        return answer(key_shape(await keys.get(asked.caller, asked.named("key_id", "key", key_in))))

    async def change(asked: Asked) -> ASGIApp:
        key = asked.named("key_id", "key", key_in)
        body = await asked.body()
        changes = change_key_form(body, asked.content_type)
        changed = await keys.change(asked.caller, key, changes, idempotency=asked.key(body))
        return answer(key_shape(changed.value), replayed=changed.replayed)

    async def revoke(asked: Asked) -> ASGIApp:
        key = asked.named("key_id", "key", key_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        revoked = await keys.revoke(asked.caller, key, idempotency=asked.key(body))
        return answer(key_shape(revoked.value), replayed=revoked.replayed)

    async def rotate(asked: Asked) -> ASGIApp:
        key = asked.named("key_id", "key", key_in)
        body = await asked.body()
        seconds = rotate_key_form(body, asked.content_type)
        made = await keys.rotate(asked.caller, key, grace_seconds=seconds, idempotency=asked.key(body))
        return answer(new_key_shape(made.value), replayed=made.replayed)

    return [
        Endpoint(operation=operations.LIST, handle=list_keys),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CHANGE, handle=change),
        Endpoint(operation=operations.REVOKE, handle=revoke),
        Endpoint(operation=operations.ROTATE, handle=rotate),
    ]
