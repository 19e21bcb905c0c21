"""The query of list-for-agent: filters, order, and which part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args
from urllib.parse import parse_qsl

import msgspec

from turnkeeper.core.conversations import AgentFilter, Conversation, ConversationStatus, Sort
from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.paging import cursor_of, position_of

_STATUSES: tuple[str, ...] = get_args(ConversationStatus)
_SORTS: tuple[Sort, ...] = ("created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc")
_WHOLE = re.compile(r"[0-9]{1,18}")
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MILLISECOND_MICROSECONDS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class JobsQuery:
    """What a client asks of the list."""

    statuses: tuple[ConversationStatus, ...] | None
    updated_after: datetime | None
    sort: Sort
    limit: int
    offset: int
    cursor: str | None


def jobs_query(query: bytes) -> JobsQuery:
    """Check a query string. Unknown parameters are ignored; of one that comes twice the last counts.

    Raises:
        InvalidError: a parameter cannot be used.
    """
    values = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    if "cursor" in values and "offset" in values:
        raise InvalidError("cursor", "cursor and offset exclude each other: send one of them")
    return JobsQuery(
        statuses=_statuses(values.get("status")),
        updated_after=_updated_after(values.get("updated_after")),
        sort=_sort(values.get("sort")),
        limit=_whole(values, "limit", default=50, least=1, most=100),
        offset=_whole(values, "offset", default=0, least=0, most=None),
        cursor=values.get("cursor"),
    )


def agent_filter(query: JobsQuery, *, agent_id: int) -> AgentFilter:
    """The query as the store understands it, for one conversation more than is shown: it tells whether there are more.

    Raises:
        InvalidError: the cursor is not of this list.
    """
    return AgentFilter(
        agent_id=agent_id,
        statuses=query.statuses,
        updated_after=query.updated_after,
        sort=query.sort,
        after=None if query.cursor is None else position_of(query.cursor, query.sort),
        offset=query.offset,
        limit=query.limit + 1,
    )


def cursor_behind(conversation: Conversation, sort: Sort) -> str:
    """The cursor for what follows this conversation."""
    at = conversation.created_at if sort.startswith("created_at") else conversation.updated_at
    return cursor_of(at, conversation.id, sort)


def _statuses(text: str | None) -> tuple[ConversationStatus, ...] | None:
    if text is None:
        return None
    try:
        return msgspec.convert(text.split(","), tuple[ConversationStatus, ...])
    except msgspec.ValidationError as error:
        raise InvalidError("status", f"status must be a comma-separated list of {', '.join(_STATUSES)}") from error


def _sort(text: str | None) -> Sort:
    if text is None:
        return "created_at_desc"
    for sort in _SORTS:
        if sort == text:
            return sort
    raise InvalidError("sort", f"sort must be one of {', '.join(_SORTS)}")


def _whole(values: Mapping[str, str], name: str, *, default: int, least: int, most: int | None) -> int:
    text = values.get(name)
    if text is None:
        return default
    number = int(text) if _WHOLE.fullmatch(text) else -1
    if number < least or (most is not None and number > most):
        bounds = f"of at least {least}" if most is None else f"between {least} and {most}"
        raise InvalidError(name, f"{name} must be an integer {bounds}")
    return number


def _updated_after(text: str | None) -> datetime | None:
    """The last moment that is shown as not after the given one: clients know moments to the millisecond only.

    Without this, a client that hands back the `updated_at` it saw would get the same row again and again.
    """
    if text is None:
        return None
    # A plus that was not percent-encoded arrives as a space.
    found = _RFC_3339.fullmatch(re.sub(r" (\d\d:\d\d)$", r"+\1", text))
    at = None if found is None else _moment(*found.groups())
    if at is None:
        raise InvalidError(
            "updated_after", "updated_after must be an RFC 3339 time with a zone, such as 2026-04-12T18:45:12.000Z"
        )
    past = at.microsecond % _MILLISECOND_MICROSECONDS
    return at + timedelta(microseconds=_MILLISECOND_MICROSECONDS - 1 - past)


def _moment(date: str, time: str, fraction: str | None, zone: str) -> datetime | None:
    """The moment, or None when the calendar has no such day or time."""
    try:
        return datetime.fromisoformat(f"{date}T{time}.{(fraction or '')[:6]:0<6}{zone.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
