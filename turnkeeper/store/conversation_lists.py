"""Conversations as lists show them, at rest: found by what is said about them and by the words of their messages."""

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversation_lists import ConversationFilter, Match, NamedDataSet, Overview, Span
from turnkeeper.core.conversations import Sort
from turnkeeper.core.labels import Labels
from turnkeeper.core.usage import Usage
from turnkeeper.store.conversations import (
    CONVERSATION_COLUMNS,
    CONVERSATION_IS_VISIBLE,
    CONVERSATION_WIDTH,
    THIS_IS_VISIBLE,
    conversation_from,
)
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

WORDS: LiteralString = "simple"
"""The configuration by which texts become words: lower case, nothing left out, in any language."""
SEARCHED_CHARACTERS = 50_000
"""How much of a message is searched: its beginning."""
_SNIPPET_CHARACTERS = 10_000
"""How much of it a snippet is looked for in."""

_COLUMNS: LiteralString = f"""
    {CONVERSATION_COLUMNS}, o.public_id, c.title, c.tags, c.metadata::text, c.archived_at, c.revision, d.public_id, d.name,
    c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens, c.cost_usd, c.unpriced_calls,
    (SELECT count(*) FROM messages n WHERE n.conversation_id = c.id)
"""
_JOINED: LiteralString = """
    JOIN agents a ON a.id = c.agent_id JOIN accounts o ON o.id = c.account_id
    LEFT JOIN data_sets d ON d.id = c.data_set_id
"""
_WIDTH = CONVERSATION_WIDTH + 15
_STRINGS = msgspec.json.Decoder(dict[str, str])

_ORDERS: Mapping[Sort, tuple[LiteralString, LiteralString]] = {
    "created_at_asc": ("(c.created_at, c.id) > (%(after_at)s, %(after_id)s)", "c.created_at, c.id"),
    "created_at_desc": ("(c.created_at, c.id) < (%(after_at)s, %(after_id)s)", "c.created_at DESC, c.id DESC"),
    "updated_at_asc": ("(c.updated_at, c.id) > (%(after_at)s, %(after_id)s)", "c.updated_at, c.id"),
    "updated_at_desc": ("(c.updated_at, c.id) < (%(after_at)s, %(after_id)s)", "c.updated_at DESC, c.id DESC"),
}

# Of the page only: the newest message of each conversation that has the words.
_MATCH: LiteralString = """
    LEFT JOIN LATERAL (
        SELECT m.public_id, ts_headline(
            'simple', left(m.text, %(snippet_characters)s), wanted.query,
            'StartSel=**, StopSel=**, MaxFragments=2, MaxWords=20, MinWords=5, FragmentDelimiter= … ')
        FROM message_words w JOIN messages m ON m.id = w.message_id
        WHERE w.conversation_id = page.number AND w.words @@ wanted.query ORDER BY w.message_id DESC LIMIT 1
    ) AS match (message, snippet) ON true
"""


async def find(connection: Connection, caller: Caller, *, conversation: UUID) -> Overview | None:
    """All that is told of the conversation with this public id, if the caller may see it."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM conversations c {_JOINED} WHERE {THIS_IS_VISIBLE} AND c.public_id = %(conversation)s",
        {**scope(caller), "only_own": False, "conversation": conversation},
    )
    row = await cursor.fetchone()
    return None if row is None else _overview(row)


async def listed(connection: Connection, caller: Caller, wanted: ConversationFilter, *, most: int) -> list[Overview]:
    """Up to `most` conversations that the caller may see."""
    beyond, order = _ORDERS[wanted.sort]
    conditions, values = _conditions(wanted)
    if wanted.after is not None:
        conditions.append(beyond)
        values |= {"after_at": wanted.after[0], "after_id": wanted.after[1]}
    page: LiteralString = f"""
        SELECT {_COLUMNS}, c.id AS number, row_number() OVER (ORDER BY {order}) AS place
        FROM conversations c {_JOINED} {", wanted" if wanted.search is not None else ""}
        WHERE {" AND ".join([CONVERSATION_IS_VISIBLE, *conditions])} ORDER BY {order} LIMIT %(most)s
    """
    if wanted.search is None:
        query: LiteralString = page
    else:
        query = f"""
            WITH wanted AS MATERIALIZED (SELECT websearch_to_tsquery('simple', %(search)s) AS query), page AS ({page})
            SELECT page.*, match.message, match.snippet FROM wanted, page {_MATCH} ORDER BY page.place
        """
    cursor = await connection.execute(
        query,
        {**scope(caller), "only_own": False, "most": most, "snippet_characters": _SNIPPET_CHARACTERS, **values},
    )
    return [_overview(row) for row in await cursor.fetchall()]


def _conditions(wanted: ConversationFilter) -> tuple[list[LiteralString], dict[str, object]]:
    """The conditions of a filter, and the values that they name."""
    found: list[LiteralString] = []
    values: dict[str, object] = {}

    def add(condition: LiteralString, **named: object) -> None:
        found.append(condition)
        values.update(named)

    if isinstance(wanted.agent, UUID):
        add("a.public_id = %(agent)s", agent=wanted.agent)
    elif wanted.agent is not None:
        add("a.slug = %(agent)s", agent=wanted.agent)
    if wanted.status is not None:
        add("c.status = %(status)s", status=wanted.status)
    if wanted.origin is not None:
        add("c.origin = %(origin)s", origin=wanted.origin)
    if wanted.account is not None:
        add("o.public_id = %(owner)s", owner=wanted.account)
    if wanted.metadata:
        add("c.metadata @> %(metadata)s::jsonb", metadata=msgspec.json.encode(wanted.metadata).decode())
    if wanted.tags:
        add("c.tags @> %(tags)s::text[]", tags=list(wanted.tags))
    if wanted.archived != "any":
        add("c.archived_at IS NULL" if wanted.archived == "no" else "c.archived_at IS NOT NULL")
    if wanted.search is not None:
        add(
            "EXISTS (SELECT 1 FROM message_words w WHERE w.conversation_id = c.id AND w.words @@ wanted.query)",
            search=wanted.search,
        )
    _add_span(add_to=found, values=values, column="c.created_at", name="created", span=wanted.created)
    _add_span(add_to=found, values=values, column="c.updated_at", name="updated", span=wanted.updated)
    return found, values


def _add_span(
    *, add_to: list[LiteralString], values: dict[str, object], column: LiteralString, name: LiteralString, span: Span
) -> None:
    if span.start is not None:
        add_to.append(f"{column} >= %({name}_start)s")
        values[f"{name}_start"] = span.start
    if span.end is not None:
        add_to.append(f"{column} < %({name}_end)s")
        values[f"{name}_end"] = span.end


def _overview(row: TupleRow) -> Overview:
    rest, match = row[CONVERSATION_WIDTH:_WIDTH], row[_WIDTH + 2 :]
    return Overview(
        conversation=conversation_from(row),
        account=rest[0],
        labels=Labels(title=rest[1], tags=tuple(rest[2] or ()), metadata=_STRINGS.decode(rest[3] or "{}")),
        archived_at=rest[4],
        revision=rest[5],
        data_set=None if rest[6] is None else NamedDataSet(public_id=rest[6], name=rest[7]),
        usage=Usage(
            input_tokens=rest[8] or 0,
            output_tokens=rest[9] or 0,
            cache_read_tokens=rest[10] or 0,
            cache_write_tokens=rest[11] or 0,
            cost_usd=rest[12],
            unpriced_calls=rest[13] or 0,
        ),
        message_count=rest[14],
        match=Match(message_id=match[0], snippet=match[1]) if match and match[0] is not None else None,
    )
