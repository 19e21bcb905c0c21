"""`/data-sets/…/syncs`: runs that bring a data set up to date."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.idempotency import Once
from turnkeeper.core.syncs import Sync
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.operations import syncs as operations
from turnkeeper.dialects.native.queries.data_sets import (
    behind_error,
    behind_sync,
    errors_wanted,
    mode_wanted,
    syncs_wanted,
)
from turnkeeper.dialects.native.routes.data_sets import data_set_of
from turnkeeper.dialects.native.routes.receiving import received_files
from turnkeeper.dialects.native.shapes.syncs import SyncErrorsShape, SyncsShape
from turnkeeper.dialects.native.translate.ids import sync_in
from turnkeeper.dialects.native.translate.syncs import sync_error_shape, sync_path, sync_shape


async def accepted(actions: Actions, asked: Asked, once: Once[Sync]) -> ASGIApp:
    """202: a run was asked for; with `Prefer: wait=N` as it is when it has ended or N seconds are over."""
    sync, waited = once.value, asked.wait_seconds
    if waited:
        sync = await actions.syncs.get(asked.caller, sync.data_set_id, sync.id, wait_seconds=waited)
    return answer(
        sync_shape(sync),
        status=202,
        replayed=once.replayed,
        waited=waited,
        location=sync_path(sync),
        headers={} if sync.is_ended else {"Retry-After": "1"},
    )


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with runs."""
    syncs = actions.syncs

    async def begin(asked: Asked) -> ASGIApp:
        mode = mode_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        await syncs.check(asked.caller, data_set.id)
        key = asked.key(b"")
        kept = await received_files(syncs, asked)
        return await accepted(
            actions, asked, await syncs.begin(asked.caller, data_set.id, mode=mode, kept=kept, key=key)
        )

    async def list_syncs(asked: Asked) -> ASGIApp:
        wanted = syncs_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        found = await syncs.list(
            asked.caller, data_set.id, state=wanted.state, before=wanted.before, limit=wanted.limit + 1
        )
        shown, has_more = cut(found, wanted.limit)
        return answer(
            SyncsShape(
                items=[sync_shape(sync) for sync in shown],
                has_more=has_more,
                next_cursor=behind_sync(shown[-1]) if has_more else None,
            )
        )

    async def get(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        sync = asked.named("sync_id", "run", sync_in)
        found = await syncs.get(asked.caller, data_set.id, sync, wait_seconds=asked.wait_seconds)
        return answer(
            sync_shape(found), waited=asked.wait_seconds, headers={} if found.is_ended else {"Retry-After": "1"}
        )

    async def list_errors(asked: Asked) -> ASGIApp:
        after, limit = errors_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        sync = asked.named("sync_id", "run", sync_in)
        found = await syncs.errors(asked.caller, data_set.id, sync, after=after, limit=limit + 1)
        shown, has_more = cut(found, limit)
        return answer(
            SyncErrorsShape(
                items=[sync_error_shape(error) for error in shown],
                has_more=has_more,
                next_cursor=behind_error(shown[-1]) if has_more else None,
            )
        )

    async def cancel(asked: Asked) -> ASGIApp:
        body = await asked.body()
        empty_form(body, asked.content_type)
        data_set = await data_set_of(actions, asked)
        sync = asked.named("sync_id", "run", sync_in)
        done = await syncs.cancel(asked.caller, data_set.id, sync, key=asked.key(body))
        return answer(sync_shape(done.value), replayed=done.replayed)

    return [
        Endpoint(operation=operations.BEGIN, handle=begin),
        Endpoint(operation=operations.LIST, handle=list_syncs),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.LIST_ERRORS, handle=list_errors),
        Endpoint(operation=operations.CANCEL, handle=cancel),
    ]
