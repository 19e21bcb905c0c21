"""The query of the list of approvals."""

from typing import get_args

from turnkeeper.core.approvals import Approval, ApprovalFilter, ApprovalState
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, word
from turnkeeper.dialects.native.translate.ids import conversation_in, message_in
from turnkeeper.http_kit.paging import cursor_of

_KNOWN = ("state", "conversation", "message", "limit", "cursor")
_STATES: tuple[ApprovalState, ...] = get_args(ApprovalState)
_ORDER = "approvals"


def approval_filter(query: bytes) -> ApprovalFilter:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=_KNOWN)
    behind = fields.position(_ORDER)
    wanted = ApprovalFilter(
        state=fields.read("state", word("state", _STATES)),
        conversation=fields.read("conversation", id_of(conversation_in, "conversation", "conv")),
        message=fields.read("message", id_of(message_in, "message", "msg")),
        before=None if behind is None else behind[1],
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def cursor_behind(approval: Approval) -> str:
    """The cursor for what was asked before this one."""
    return cursor_of(approval.created_at, approval.number, _ORDER)
