"""The queries about agents and their revisions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from turnkeeper.core.agents import Agent, AgentFilter
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import from_prefixed
from turnkeeper.core.revisions import Revision
from turnkeeper.dialects.native.queries.reading import Parameters, flag, id_of, whole
from turnkeeper.http_kit.paging import cursor_of

T = TypeVar("T")
_LARGEST_NUMBER = 2**31 - 1
_ORDER = "agents"
_REVISIONS = "revisions"
_LONGEST_TEXT = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeQuery:
    """What becomes of a change: whether it answers at once, and from which revision it goes on."""

    deploys: bool
    base: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PageOfRevisions:
    """Which revisions are wanted."""

    before: int | None
    limit: int


def agent_filter(query: bytes) -> AgentFilter:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("data_set", "model", "search", "limit", "cursor"))
    wanted = AgentFilter(
        data_set=fields.read("data_set", id_of(_data_set, "data set", "ds")),
        model=fields.read("model", text("model")),
        search=fields.read("search", text("search")),
        before=fields.position(_ORDER),
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def agent_behind(agent: Agent) -> str:
    """The cursor for what was made before this one."""
    return cursor_of(agent.created_at, agent.id, _ORDER)


def change_query(query: bytes) -> ChangeQuery:
    """How a change is meant. Raises: as `agent_filter`."""
    fields = Parameters(query, known=("deploy", "base"))
    deploys = fields.read("deploy", flag("deploy"))
    base = fields.read("base", _number("base"))
    fields.check()
    return ChangeQuery(deploys=deploys is not False, base=base)


def revisions_query(query: bytes) -> PageOfRevisions:
    """Which revisions are wanted. Raises: as `agent_filter`."""
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_REVISIONS), fields.limit()
    fields.check()
    if behind is not None and behind[1] > _LARGEST_NUMBER:
        raise InvalidError("query", "This cursor was not made by this server; start again without one.")
    return PageOfRevisions(before=None if behind is None else behind[1], limit=limit)


def revision_behind(revision: Revision) -> str:
    """The cursor for what was before this one."""
    return cursor_of(revision.created_at, revision.number, _REVISIONS)


def against_query(query: bytes) -> int | None:
    """With which revision to compare. Raises: as `agent_filter`."""
    fields = Parameters(query, known=("against",))
    against = fields.read("against", _number("against"))
    fields.check()
    return against


def number_in(segment: str) -> int | None:
    """The number of a revision that a path names."""
    return int(segment) if segment.isascii() and segment.isdecimal() and len(segment) < 10 else None


def text(name: str) -> Callable[[str], str]:
    """A reader of short texts."""

    def read(value: str) -> str:
        if "\x00" in value or not value.strip() or len(value) > _LONGEST_TEXT:
            raise InvalidError(name, f"The parameter {name!r} has 1 to {_LONGEST_TEXT} characters, not all blank.")
        return value

    return read


def _number(name: str) -> Callable[[str], int]:
    return whole(name, least=1, most=_LARGEST_NUMBER)


def _data_set(value: str) -> UUID | None:
    return from_prefixed(("ds",), value)
