"""Erasures in the dialect's words."""

from turnkeeper.core.erasures import Erasure
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.erasures import ErasureShape


def erasure_shape(erasure: Erasure) -> ErasureShape:
    """An erasure in the dialect's words."""
    target = erasure.target
    return ErasureShape(
        id=prefixed("ers", erasure.public_id),
        kind=erasure.kind,
        conversation_id=prefixed("conv", target) if target is not None and erasure.kind == "conversation" else None,
        account_id=prefixed("acc", target) if target is not None and erasure.kind == "person" else None,
        end_user_name=erasure.label,
        state=erasure.state,
        removed=dict(erasure.removed),
        created_at=moment(erasure.created_at),
        ended_at=None if erasure.ended_at is None else moment(erasure.ended_at),
        audit_number=erasure.audit_number,
        hash=None if erasure.hash is None else erasure.hash.hex(),
    )
