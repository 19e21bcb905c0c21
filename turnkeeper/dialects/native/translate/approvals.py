"""Approvals in the dialect's words."""

import msgspec

from turnkeeper.core.approvals import Approval
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.approvals import ApprovalShape
from turnkeeper.dialects.native.shapes.common import moment

_OBJECT = msgspec.json.Decoder(dict[str, object])


def approval_shape(approval: Approval) -> ApprovalShape:
    """An approval in the dialect's words."""
    return ApprovalShape(
        id=prefixed("apr", approval.id),
        state=approval.state,
        question=approval.question,
        agent=approval.agent,
        tool=approval.tool,
        arguments=arguments_shape(approval.arguments),
        reason=approval.reason,
        conversation_id=prefixed("conv", approval.conversation_id),
        message_id=prefixed("msg", approval.message_id),
        call_id=approval.call_id,
        note=approval.note,
        decided_by=None if approval.decided_by is None else prefixed("acc", approval.decided_by),
        created_at=moment(approval.created_at),
        expires_at=None if approval.expires_at is None else moment(approval.expires_at),
        decided_at=None if approval.decided_at is None else moment(approval.decided_at),
    )


def arguments_shape(text: str) -> msgspec.Raw:
    """The arguments as the model wrote them, so that a person decides about what the tool will get.

    Calls whose arguments are no object are never asked about; should there be one, it is told as a string.
    """
    try:
        _OBJECT.decode(text.strip() or "{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.Raw(msgspec.json.encode(text))
    return msgspec.Raw((text.strip() or "{}").encode())
