"""The Python client against a real server: answers, streams, approvals, files, pages, errors."""

import json

import pytest
from turnkeeper_client import (
    AsyncTurnkeeper,
    DeadlineError,
    Decision,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    PreconditionFailedError,
    TurnFailedError,
    Turnkeeper,
    etag_of,
)
from turnkeeper_client.shapes import Approval, Event

from tests.clients.conftest import Scene
from tests.patience import PATIENCE

WRITES = 'tool write_file {"name": "note.txt", "content": "Hello from the agent."}'


def kinds(events: list[Event]) -> list[str]:
    return [event["event"] for event in events]


def test_a_question_is_answered_and_the_conversation_goes_on(client: Turnkeeper) -> None:
    first = client.converse(agent="helper", text="say Good morning.", timeout=PATIENCE)
    second = client.converse(conversation=first.conversation_id, text="say And good night.", timeout=PATIENCE)

    assert (first.text, second.text) == ("Good morning.", "And good night.")
    assert first.conversation_id == second.conversation_id
    assert first.status == "completed"


async def test_a_question_is_answered_and_awaited(async_client: AsyncTurnkeeper) -> None:
    first = await async_client.converse(agent="helper", text="say Good morning.", timeout=PATIENCE)
    second = await async_client.converse(
        conversation=first.conversation_id, text="say And good night.", timeout=PATIENCE
    )

    assert (first.text, second.text) == ("Good morning.", "And good night.")


def test_a_turn_is_streamed_event_by_event(client: Turnkeeper) -> None:
    with client.converse(agent="helper", text="say one two three", timeout=PATIENCE, stream=True) as turn:
        events = list(turn)

    assert kinds(events)[:2] == ["message.queued", "turn.started"]
    assert kinds(events)[-1] == "message.completed"
    assert "".join(event["text"] for event in events if event["event"] == "text") == "one two three"
    assert turn.text == turn.result().text == "one two three"
    assert client.list_message_events(turn.message_id)["items"] == events


async def test_a_turn_is_streamed_event_by_event_for_asyncio(async_client: AsyncTurnkeeper) -> None:
    async with async_client.converse(agent="helper", text="say one two three", timeout=PATIENCE, stream=True) as turn:
        events = [event async for event in turn]

    assert kinds(events)[-1] == "message.completed"
    assert turn.text == (await turn.result()).text == "one two three"
    assert (await async_client.list_message_events(turn.message_id))["items"] == events


def test_a_turn_that_asks_people_is_returned_and_goes_on_when_they_decided(client: Turnkeeper) -> None:
    asked = client.converse(agent="writer", text=WRITES, timeout=PATIENCE)

    assert (asked.status, len(asked.waits_for)) == ("pending", 1)
    assert client.approve(asked.waits_for[0], note="Fine.")["state"] == "approved"
    assert client.approve(asked.waits_for[0], note="Fine.")["state"] == "approved"
    assert client.wait(asked.message_id, timeout=PATIENCE).text.startswith("The tool said: ")


def test_a_function_may_decide_what_a_turn_asks(client: Turnkeeper) -> None:
    seen: list[Approval] = []

    def deny(approval: Approval) -> Decision:
        seen.append(approval)
        return "deny"

    turn = client.converse(agent="writer", text=WRITES, timeout=PATIENCE, on_approval=deny)

    assert [approval["tool"] for approval in seen] == ["write_file"]
    assert turn.status == "completed"
    assert client.get_approval(seen[0]["id"])["state"] == "denied"


async def test_approvals_are_events_of_a_stream(async_client: AsyncTurnkeeper) -> None:
    async with async_client.converse(agent="writer", text=WRITES, timeout=PATIENCE, stream=True) as turn:
        async for event in turn:
            if event["event"] == "approval.asked":
                await async_client.approve(event["approval_id"])

    assert turn.text.startswith("The tool said: ")


def test_a_turn_without_an_answer_is_an_error_that_says_why(client: Turnkeeper) -> None:
    with pytest.raises(TurnFailedError) as caught:
        client.converse(agent="helper", text="fail 400", timeout=PATIENCE)

    assert caught.value.message["status"] == "failed"
    assert caught.value.code == caught.value.message["error"]


def test_a_deadline_ends_the_wait_and_not_the_turn(client: Turnkeeper) -> None:
    asked = client.converse(agent="writer", text=WRITES, timeout=PATIENCE)

    with pytest.raises(DeadlineError), client.follow_message(asked.message_id, timeout=0.2) as events:
        list(events)

    assert client.get_message(asked.message_id)["status"] == "pending"
    client.cancel_message(asked.message_id)


def test_the_same_key_never_asks_twice(client: Turnkeeper) -> None:
    turns = [
        client.converse(agent="helper", text="say once", timeout=PATIENCE, idempotency_key="once-and-for-all")
        for _ in range(2)
    ]

    assert turns[0].message_id == turns[1].message_id


def test_lists_are_iterated_page_after_page(client: Turnkeeper) -> None:
    made = [client.create_conversation({"agent": "helper", "tags": ["paged"]}) for _ in range(5)]

    found = list(client.iterate_conversations(tag=["paged"], limit=2))

    assert {each["id"] for each in found} == {each["id"] for each in made if "id" in each}


async def test_lists_are_iterated_page_after_page_for_asyncio(async_client: AsyncTurnkeeper) -> None:
    for _ in range(3):
        await async_client.create_conversation({"agent": "helper", "metadata": {"paged": "yes & no"}})

    found = [each async for each in async_client.iterate_conversations(metadata={"paged": "yes & no"}, limit=1)]

    assert len(found) == 3


def test_a_change_on_top_of_somebody_elses_is_refused(client: Turnkeeper) -> None:
    made = client.converse(agent="helper", text="say hi", timeout=PATIENCE)
    seen = client.get_conversation(made.conversation_id)
    client.change_conversation(made.conversation_id, {"title": "Theirs"}, if_match=etag_of(seen))

    with pytest.raises(PreconditionFailedError) as caught:
        client.change_conversation(made.conversation_id, {"title": "Mine"}, if_match=etag_of(seen))

    assert caught.value.code == "precondition_failed"


def test_errors_say_what_to_mend_and_which_request_it_was(scene: Scene, client: Turnkeeper) -> None:
    with pytest.raises(InvalidError) as caught:
        client.create_conversation({"agent": "helper", "colour": "red"})  # pyright: ignore[reportArgumentType]
    with pytest.raises(NotFoundError):
        client.get_message("msg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A")
    with pytest.raises(NotSignedInError), Turnkeeper(scene.address, "tk_wrong") as stranger:
        stranger.who_am_i()

    assert [fault.where for fault in caught.value.errors] == ["/colour"]
    assert caught.value.request_id


def test_exports_come_as_json_and_as_text(client: Turnkeeper) -> None:
    turn = client.converse(agent="helper", text="say exported", timeout=PATIENCE)

    assert client.export_conversation(turn.conversation_id)["format"] == "turnkeeper.conversation"
    assert "exported" in client.export_conversation_markdown(turn.conversation_id)
    assert client.get_usage_csv().count("\n") >= 1


def test_a_log_is_followed_until_all_is_quiet(client: Turnkeeper) -> None:
    turn = client.converse(agent="helper", text="say one", timeout=PATIENCE)
    client.converse(conversation=turn.conversation_id, text="say two", timeout=PATIENCE)

    with client.follow_conversation(turn.conversation_id, after=2, until_idle=True, timeout=PATIENCE) as stream:
        numbers = [event["number"] for event in stream]

    assert numbers == list(range(3, stream.last_event + 1))
    assert kinds(client.list_conversation_events(turn.conversation_id)["items"]).count("message.completed") == 2


@pytest.mark.parametrize("bad", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(client: Turnkeeper, bad: str) -> None:
    with pytest.raises(ValueError, match="path"):
        client.get_message(bad)


def test_json_is_read_as_it_came(client: Turnkeeper) -> None:
    turn = client.converse(agent="helper", text="say lines \u2028 and \u0085 marks", timeout=PATIENCE)
    with client.follow_message(turn.message_id, timeout=PATIENCE) as stream:
        text = "".join(event["text"] for event in stream if event["event"] == "text")

    assert text == turn.text
    assert "\u2028" in json.loads(json.dumps(text))
