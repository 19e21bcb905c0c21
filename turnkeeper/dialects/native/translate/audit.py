"""The audit log in the dialect's words."""

import msgspec

from turnkeeper.actions.audit import Verified
from turnkeeper.core.audit import AuditEntry, AuditHead, FailedSignIns
from turnkeeper.core.audit_files import exact_moment
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.audit import (
    AuditActorShape,
    AuditEntryShape,
    AuditHeadShape,
    AuditTargetShape,
    FailedSignInsShape,
    VerifiedShape,
)


def entry_shape(entry: AuditEntry) -> AuditEntryShape:
    """An entry in the dialect's words."""
    return AuditEntryShape(
        number=entry.number,
        at=exact_moment(entry),
        actor=AuditActorShape(
            origin=entry.origin,
            account_id=None if entry.account is None else prefixed("acc", entry.account),
            account_name=entry.account_name,
            key_id=None if entry.key is None else prefixed("key", entry.key),
        ),
        action=entry.action,
        target=AuditTargetShape(kind=entry.target_kind, id=entry.target),
        details=msgspec.Raw(entry.details.encode()),
        request_id=entry.request_id,
        previous_hash=entry.previous.hex(),
        hash=entry.hash.hex(),
    )


def head_shape(head: AuditHead) -> AuditHeadShape:
    """The end of the log in the dialect's words."""
    return AuditHeadShape(number=head.number, hash=head.hash.hex(), head=str(head))


def verified_shape(found: Verified) -> VerifiedShape:
    """What a walk through the log found."""
    return VerifiedShape(
        holds=found.broken_at is None,
        head=str(found.head),
        entries=found.head.number,
        broken_at=found.broken_at,
        why=found.why or None,
    )


def failed_sign_ins_shape(counted: FailedSignIns) -> FailedSignInsShape:
    """A count in the dialect's words."""
    return FailedSignInsShape(day=counted.day, reason=counted.reason, count=counted.count)
