"""The queries of lists of conversations and of their messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from turnkeeper.core.conversation_lists import Archived, ConversationFilter, Overview, Span
from turnkeeper.core.conversations import ConversationStatus, Message, Origin, Sort
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.labels import LONGEST_METADATA_KEY, LONGEST_METADATA_VALUE, MOST_TAGS, checked_tag
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, moment, word
from turnkeeper.dialects.native.translate.ids import account_in, agent_or_slug_in
from turnkeeper.http_kit.paging import cursor_of

LONGEST_SEARCH = 500
"""Characters."""
MOST_METADATA_WANTED = 10

SORTS: Mapping[str, Sort] = {
    "-updated_at": "updated_at_desc",
    "updated_at": "updated_at_asc",
    "-created_at": "created_at_desc",
    "created_at": "created_at_asc",
}
ARCHIVED: Mapping[str, Archived] = {"false": "no", "true": "yes", "any": "any"}
Direction = Literal["asc", "desc"]

_STATUSES: tuple[ConversationStatus, ...] = get_args(ConversationStatus)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_KNOWN = (
    *("agent", "status", "origin", "account", "archived", "search", "sort", "limit", "cursor"),
    *("created_after", "created_before", "updated_after", "updated_before"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagePage:
    """Which part of a conversation's messages is wanted."""

    direction: Direction
    behind: int | None
    limit: int


def conversation_filter(query: bytes) -> ConversationFilter:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=_KNOWN, many=("tag",), maps=("metadata",))
    sort = SORTS[fields.read("sort", word("sort", tuple(SORTS))) or "-updated_at"]
    tags = fields.every("tag", checked_tag)
    if len(tags) > MOST_TAGS:
        fields.wrong("tag", f"There are {len(tags)} tags; the most is {MOST_TAGS}.", "too_many")
    wanted = ConversationFilter(
        agent=fields.read("agent", _agent),
        status=fields.read("status", word("status", _STATUSES)),
        origin=fields.read("origin", word("origin", _ORIGINS)),
        account=fields.read("account", id_of(account_in, "account", "acc")),
        created=_span(fields, "created"),
        updated=_span(fields, "updated"),
        metadata=_metadata(fields),
        tags=tuple(tags),
        archived=ARCHIVED[fields.read("archived", word("archived", tuple(ARCHIVED))) or "false"],
        search=fields.read("search", _search),
        sort=sort,
        after=fields.position(sort),
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def cursor_behind(overview: Overview, sort: Sort) -> str:
    """The cursor for what comes after this one in a list of this order."""
    conversation = overview.conversation
    at = conversation.created_at if sort.startswith("created") else conversation.updated_at
    return cursor_of(at, conversation.id, sort)


def message_page(query: bytes) -> MessagePage:
    """Which part is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("order", "limit", "cursor"))
    found: Direction | None = fields.read("order", word("order", _DIRECTIONS))
    direction: Direction = "asc" if found is None else found
    behind = fields.position(f"messages_{direction}")
    page = MessagePage(direction=direction, behind=None if behind is None else behind[1], limit=fields.limit())
    fields.check()
    return page


def cursor_behind_message(message: Message, direction: Direction) -> str:
    """The cursor for what comes after this message or reply."""
    return cursor_of(message.created_at, message.id, f"messages_{direction}")


def _span(fields: Parameters, name: str) -> Span:
    start: datetime | None = fields.read(f"{name}_after", moment(f"{name}_after"))
    end: datetime | None = fields.read(f"{name}_before", moment(f"{name}_before"))
    return Span(start=start, end=end)


def _agent(text: str) -> UUID | str:
    return agent_or_slug_in(_storable("agent", text))


def _search(text: str) -> str:
    if not text.strip():
        raise InvalidError("search", "The parameter 'search' is blank; send words, or leave it out.", code="blank")
    if len(text) > LONGEST_SEARCH:
        why = f"The parameter 'search' has {len(text):,} characters; the most is {LONGEST_SEARCH}."
        raise InvalidError("search", why, code="too_long")
    return _storable("search", text)


def _storable(name: str, text: str) -> str:
    if "\x00" in text:
        raise InvalidError(name, f"The parameter {name!r} contains a NUL character, which nothing has.", code="nul")
    return text


def _metadata(fields: Parameters) -> Mapping[str, str]:
    wanted = fields.keyed("metadata")
    if len(wanted) > MOST_METADATA_WANTED:
        why = f"There are {len(wanted)} keys of metadata; the most is {MOST_METADATA_WANTED}."
        fields.wrong("metadata", why, "too_many")
    for key, value in wanted.items():
        name = f"metadata[{key}]"
        if not 1 <= len(key) <= LONGEST_METADATA_KEY or len(value) > LONGEST_METADATA_VALUE or "\x00" in key + value:
            why = f"A key has 1 to {LONGEST_METADATA_KEY} characters, a value at most {LONGEST_METADATA_VALUE}, no NUL."
            fields.wrong(name, why, "invalid")
    return wanted
