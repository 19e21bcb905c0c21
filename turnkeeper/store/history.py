"""Earlier turns of a conversation, read page by page: what a page costs does not depend on how many turns there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import LiteralString

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.history import HistoryTurn, PastCall, PastRound
from turnkeeper.store.database import Connection

CANCELLED = "The message was cancelled before the answer was complete."


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """The finished messages of a conversation whose ids lie between two others, both not included."""

    conversation_id: int
    after: int = 0
    before: int


class _Call(msgspec.Struct):
    call_id: str
    tool: str
    arguments: str


class _Step(msgspec.Struct):
    """A recorded step: of a call of the model (with `calls`) or of a tool (with `output`)."""

    name: str
    text: str | None = None
    calls: list[_Call] | None = None
    outcome: str | None = None
    output: str | None = None
    length: int | None = None


class _Said(msgspec.Struct):
    """What the person said while the turn waited or ran, before this call of the model: 1, 2, 3 …"""

    call: int
    text: str


_STEPS = msgspec.json.Decoder(list[_Step])
_SAID = msgspec.json.Decoder(list[_Said])

# The index messages_conversation is walked from one end of the stretch; nothing beyond the page is read. The steps of a
# turn are looked up for the rows of the page only, and long texts are cut before they leave the database.
_PAGE: LiteralString = """
    SELECT r.reply_to, left(q.text, %(text_characters)s), q.status, r.role, left(r.text, %(text_characters)s), (
        SELECT json_agg(json_build_object(
                   'name', s.name, 'text', s.value ->> 'text', 'calls', s.value -> 'tool_calls',
                   'outcome', s.value ->> 'outcome', 'output', left(s.value ->> 'output', %(output_characters)s),
                   'length', length(s.value ->> 'output')))::text
        FROM steps s WHERE s.message_id = r.reply_to), (
        SELECT json_agg(json_build_object('call', j.joined_call, 'text', left(j.text, %(text_characters)s)) ORDER BY j.id)
        FROM messages j WHERE j.answered_with = r.reply_to)::text
    FROM messages r JOIN messages q ON q.id = r.reply_to
    WHERE r.conversation_id = %(conversation)s AND r.reply_to IS NOT NULL AND r.left_out IS NULL
      AND coalesce(r.reply_to, r.id) > %(after)s AND coalesce(r.reply_to, r.id) < %(before)s
    ORDER BY coalesce(r.reply_to, r.id) {direction} LIMIT %(limit)s
"""
_NEWEST_FIRST: LiteralString = _PAGE.replace("{direction}", "DESC")
_OLDEST_FIRST: LiteralString = _PAGE.replace("{direction}", "ASC")


async def page(
    connection: Connection,
    stretch: Stretch,
    *,
    limit: int,
    text_characters: int,
    output_characters: int,
    oldest_first: bool = False,
) -> list[HistoryTurn]:
    """Up to `limit` turns from one end of the stretch, newest first unless asked otherwise.

    Turns that were rolled back or superseded are not among them.
    Questions and answers longer than `text_characters`, and outputs of tools longer than `output_characters`, are cut.
    """
    cursor = await connection.execute(
        _OLDEST_FIRST if oldest_first else _NEWEST_FIRST,
        {
            "conversation": stretch.conversation_id,
            "after": stretch.after,
            "before": stretch.before,
            "limit": limit,
            "text_characters": text_characters,
            "output_characters": output_characters,
        },
    )
    return [_turn_from(row) for row in await cursor.fetchall()]


def _turn_from(row: TupleRow) -> HistoryTurn:
    message_id, question, status, role, reply, steps, said = row
    was_answered = role == "assistant"
    failure = CANCELLED if status == "cancelled" else None
    said = [] if said is None else _SAID.decode(said)
    rounds = _rounds([] if steps is None else _STEPS.decode(steps))
    last = max(rounds, default=1)
    return HistoryTurn(
        message_id=message_id,
        # What was answered together with the question was a part of it.
        question="\n\n".join([question, *(one.text for one in said if one.call == 1)]),
        answer=reply if was_answered else "",
        failure=failure if was_answered else reply,
        rounds=tuple(_with_said(number, rounds, said) for number in rounds),
        said=tuple(one.text for one in said if one.call > last),
    )


def _with_said(number: int, rounds: Mapping[int, PastRound], said: Sequence[_Said]) -> PastRound:
    """The round of this call of the model, with what was said since the one before it."""
    before = max((one for one in rounds if one < number), default=1)
    return replace(rounds[number], said=tuple(one.text for one in said if before < one.call <= number))


def _rounds(steps: Sequence[_Step]) -> Mapping[int, PastRound]:
    """The calls of tools in their order, by the call of the model that asked for them, each with what it came to.

    A call of the model is the step `model:2`; `tool:2:c1` is what came of its call `c1`.
    """
    by_name = {step.name: step for step in steps}
    numbers = sorted(
        int(step.name.removeprefix("model:"))
        for step in steps
        if step.calls and step.name.removeprefix("model:").isdecimal()
    )
    return {number: _round(number, by_name) for number in numbers}


def _round(number: int, by_name: Mapping[str, _Step]) -> PastRound:
    model = by_name[f"model:{number}"]
    calls = [_past_call(call, by_name.get(f"tool:{number}:{call.call_id}")) for call in model.calls or ()]
    return PastRound(text=model.text or "", calls=tuple(calls))


def _past_call(call: _Call, result: _Step | None) -> PastCall:
    if result is None or result.output is None:
        return PastCall(tool=call.tool, arguments=call.arguments, output=None)
    return PastCall(
        tool=call.tool,
        arguments=call.arguments,
        output=result.output,
        output_length=result.length or 0,
        failed=result.outcome == "error",
    )
