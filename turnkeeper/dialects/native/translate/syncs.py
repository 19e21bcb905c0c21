"""Runs of data sets in the dialect's words."""

from turnkeeper.core.ids import prefixed
from turnkeeper.core.syncs import Sync, SyncError
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.syncs import SyncErrorShape, SyncFailureShape, SyncShape


def sync_shape(sync: Sync) -> SyncShape:
    """A run in the dialect's words."""
    failure = None
    if sync.error is not None:
        failure = SyncFailureShape(code=sync.error_code or "internal", detail=sync.error)
    return SyncShape(
        id=prefixed("sync", sync.public_id),
        data_set_id=prefixed("ds", sync.data_set_public_id),
        state=sync.state,
        mode=sync.mode,
        origin=sync.origin,
        files=sync.files,
        found=sync.found,
        skipped=sync.skipped,
        to_read=sync.to_handle,
        read=sync.handled,
        added=sync.added,
        changed=sync.changed,
        unchanged=sync.unchanged,
        removed=sync.removed,
        unreadable=sync.unreadable,
        documents=sync.documents,
        products=sync.products,
        passages=sync.passages,
        vectors_waiting=sync.vectors_waiting,
        error=failure,
        requested_by=None if sync.account_public_id is None else prefixed("acc", sync.account_public_id),
        created_at=moment(sync.created_at),
        started_at=None if sync.started_at is None else moment(sync.started_at),
        ended_at=None if sync.ended_at is None else moment(sync.ended_at),
    )


def sync_error_shape(error: SyncError) -> SyncErrorShape:
    """Something that a run could not read, in the dialect's words."""
    return SyncErrorShape(address=error.address, detail=error.why)


def sync_path(sync: Sync) -> str:
    """Where a run is found."""
    return f"/v1/data-sets/{prefixed('ds', sync.data_set_public_id)}/syncs/{prefixed('sync', sync.public_id)}"
