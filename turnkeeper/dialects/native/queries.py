"""What query strings say, checked: every fault is told at once, and a parameter that is not known is refused by name."""

import re
from collections.abc import Callable
from typing import TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec

from turnkeeper.core.approvals import Approval, ApprovalFilter, ApprovalState
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import Fault, FaultsError, shown
from turnkeeper.dialects.native.translate import conversation_in, message_in
from turnkeeper.http_kit.paging import cursor_of, position_of

T = TypeVar("T")

DEFAULT_LIMIT = 50
MOST = 100
_MOST_PARAMETERS = 100
_APPROVALS = ("state", "conversation", "message", "limit", "cursor")
_STATES: tuple[str, ...] = get_args(ApprovalState)
_ORDER = "approvals"
_WHOLE = re.compile(r"[0-9]{1,9}")


def approval_filter(query: bytes) -> ApprovalFilter:
    """The query of the list of approvals.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = _Parameters(query, known=_APPROVALS)
    wanted = ApprovalFilter(
        state=fields.read("state", _state),
        conversation=fields.read("conversation", _id_of(conversation_in, "conversation", "conv")),
        message=fields.read("message", _id_of(message_in, "message", "msg")),
        before=fields.read("cursor", _number_in),
        limit=fields.read("limit", _limit) or DEFAULT_LIMIT,
    )
    fields.check()
    return wanted


def no_query(query: bytes) -> None:
    """Check the query of an operation that has none.

    Raises:
        FaultsError: there is one.
    """
    _Parameters(query, known=()).check()


def cursor_behind(approval: Approval) -> str:
    """The cursor for what was asked before this one."""
    return cursor_of(approval.created_at, approval.number, _ORDER)


class _Parameters:
    """The parameters of a query string, each at most once."""

    def __init__(self, query: bytes, *, known: tuple[str, ...]) -> None:
        self._faults: list[Fault] = []
        self._values: dict[str, str] = {}
        takes = f"there are {', '.join(known)}" if known else "there are none"
        for name, value in _pairs(query):
            if name not in known:
                self._wrong(name, f"The parameter {shown(name)} is not known here; {takes}.", "unknown_parameter")
            elif name in self._values:
                self._wrong(name, f"The parameter {name!r} came more than once; send it once.", "repeated")
            self._values[name] = value

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """What a parameter means; None when it is not there. `reader` raises InvalidError."""
        text = self._values.get(name)
        if text is None:
            return None
        try:
            return reader(text)
        except InvalidError as error:
            self._wrong(name, error.why, error.code)
            return None

    def check(self) -> None:
        """Raise all that was wrong."""
        if self._faults:
            raise FaultsError(self._faults)

    def _wrong(self, name: str, why: str, code: str) -> None:
        self._faults.append(Fault(where="query", place=name, why=why, code=code))


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise InvalidError(
            "query", f"The query has more than {_MOST_PARAMETERS} parameters.", code="too_many"
        ) from error


def _state(text: str) -> ApprovalState:
    try:
        return msgspec.convert(text, ApprovalState)
    except msgspec.ValidationError as error:
        raise InvalidError("state", f"The parameter 'state' must be one of {', '.join(_STATES)}.") from error


def _limit(text: str) -> int:
    number = int(text) if _WHOLE.fullmatch(text) else 0
    if not 1 <= number <= MOST:
        raise InvalidError("limit", f"The parameter 'limit' must be a whole number from 1 to {MOST}.")
    return number


def _number_in(cursor: str) -> int:
    return position_of(cursor, _ORDER)[1]


def _id_of(read: Callable[[str], T | None], kind: str, prefix: str) -> Callable[[str], T]:
    def reader(text: str) -> T:
        found = read(text)
        if found is None:
            why = f"{shown(text)} is no id of a {kind}; expected `{prefix}_` and 26 characters."
            raise InvalidError(kind, why, code="malformed_id")
        return found

    return reader
