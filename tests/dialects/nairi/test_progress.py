"""The timeline of turns that were cut off and begun again; nothing here needs a server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest

from turnkeeper.core.conversations import Message
from turnkeeper.core.events import Event, EventBody, TextAdded, ToolCalled, ToolReturned, TurnStarted
from turnkeeper.core.ids import from_prefixed, new_id
from turnkeeper.dialects.nairi.progress import event_place, is_at, timeline
from turnkeeper.dialects.nairi.shapes import moment

NOW = datetime(2026, 4, 12, 18, 45, 12, 987_654, UTC)
QUESTION = Message(
    id=7,
    public_id=new_id(),
    conversation_id=2**39,
    conversation_public_id=new_id(),
    role="user",
    status="pending",
    text="?",
    reply_to=None,
    first_event=1,
    usage=None,
    model=None,
    citations=(),
    created_at=NOW,
    updated_at=NOW,
)


def log_of(*bodies: EventBody) -> list[Event]:
    return [
        Event(number=number, message_id=QUESTION.id, body=body, created_at=NOW) for number, body in enumerate(bodies, 2)
    ]


def said(*bodies: EventBody) -> list[str]:
    """What the progress rows say: their text, or the tool's status."""
    rows = timeline([QUESTION], log_of(*bodies)).messages[1:]
    envelopes = [msgspec.json.decode(row.content, type=dict[str, str]) for row in rows]
    return [envelope.get("text_delta") or envelope["tool_status"] for envelope in envelopes]


@pytest.mark.requirement("nairi.messages.progress-text")
def test_text_that_a_crash_cut_off_is_left_out_once_it_is_said_again() -> None:
    began, cut = TurnStarted(attempt=1, resumes_at=1), TextAdded(text="It is pa", model_call=1)
    again, whole = TurnStarted(attempt=2, resumes_at=1), TextAdded(text="It is paid.", model_call=1)
    assert said(began, cut) == ["It is pa"]
    assert said(began, cut, again) == []
    assert said(began, cut, again, whole) == ["It is paid."]


@pytest.mark.requirement("nairi.messages.progress-text")
def test_what_was_finished_before_the_crash_stays() -> None:
    log = (
        TurnStarted(attempt=1, resumes_at=1),
        TextAdded(text="Let me look. ", model_call=1),
        ToolCalled(call_id="c", tool="t", input="{}"),
        ToolReturned(call_id="c", tool="t", outcome="completed", output="paid"),
        TextAdded(text="It ", model_call=2),
        TurnStarted(attempt=2, resumes_at=2),
        TextAdded(text="It is", model_call=2),
        TurnStarted(attempt=3, resumes_at=2),
        TextAdded(text="It is paid.", model_call=2),
    )
    assert said(*log) == ["Let me look. ", "running", "completed", "It is paid."]


@pytest.mark.requirement("nairi.messages.progress-text")
def test_a_crash_in_one_message_leaves_the_progress_of_another_alone() -> None:
    earlier = replace(QUESTION, id=6, public_id=new_id())
    text = Event(number=1, message_id=6, body=TextAdded(text="Earlier.", model_call=1), created_at=NOW)
    rows = timeline([earlier, QUESTION], [text, *log_of(TurnStarted(attempt=2, resumes_at=1))]).messages
    assert [row.role for row in rows] == ["user", "progress", "user"]


@pytest.mark.requirement("nairi.messages.get-any")
def test_the_id_of_a_progress_row_says_which_event_it_is() -> None:
    [event] = log_of(TextAdded(text="Yes.", model_call=1))
    row = timeline([QUESTION], [event]).messages[1]
    public_id = from_prefixed(("cmsg",), row.id)
    assert public_id is not None
    place = event_place(public_id)
    assert place is not None
    assert (place.conversation_id, place.number, is_at(event, place)) == (2**39, 2, True)
    assert event_place(QUESTION.public_id) is None
    assert not is_at(event, event_place(UUID(int=public_id.int + (1 << 80))) or place)


@pytest.mark.requirement("nairi.moments")
def test_moments_are_utc_with_milliseconds_cut_whatever_zone_they_come_in() -> None:
    somewhere = NOW.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    whole = datetime(2026, 1, 1, tzinfo=UTC)
    assert (moment(NOW), moment(somewhere), moment(whole)) == (
        "2026-04-12T18:45:12.987Z",
        "2026-04-12T18:45:12.987Z",
        "2026-01-01T00:00:00.000Z",
    )
