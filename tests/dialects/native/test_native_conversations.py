"""Conversations: begun, with or without a message, and carried on."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native
from tests.dialects.native.talks import Talks, talk_of


@pytest.mark.requirement("native.conversations.create")
async def test_a_conversation_without_a_message(member: Native) -> None:
    made = await member.post(
        "/conversations",
        {"agent": "helper", "mode": "ask", "title": " My  talk ", "tags": ["a", "b", "a"], "metadata": {"k": "v"}},
    )
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/conversations/{talk_of(made).id}"
    assert made.headers["ETag"] == '"1"'
    assert made.steady() == snapshot(
        {
            "id": "conv-1",
            "agent": {"id": "agt-1", "slug": "helper", "name": "Helper"},
            "data_set": {"id": "ds-1", "name": "open"},
            "account_id": "acc-1",
            "status": "active",
            "mode": "ask",
            "origin": "api",
            "title": "My talk",
            "tags": ["a", "b"],
            "metadata": {"k": "v"},
            "archived_at": None,
            "message_count": 0,
            "usage": {
                "input_tokens": 0,
                "output_tokens": 0,
                "cache_read_tokens": 0,
                "cache_write_tokens": 0,
                "cost_usd": None,
                "unpriced_calls": 0,
            },
            "last_event": 0,
            "created_at": "time",
            "updated_at": "time",
            "match": None,
        }
    )
    assert (await member.get(f"/conversations/{talk_of(made).id}")).body == made.body


@pytest.mark.requirement("native.conversations.create")
async def test_a_conversation_with_a_message_is_answered(stage: Stage, member: Native) -> None:
    begun = await member.post("/conversations", {"agent": "helper", "message": {"text": "Hello"}})
    assert begun.status == 202
    assert begun.steady() == snapshot(
        {
            "conversation": {
                "id": "conv-1",
                "agent": {"id": "agt-1", "slug": "helper", "name": "Helper"},
                "data_set": {"id": "ds-1", "name": "open"},
                "account_id": "acc-1",
                "status": "active",
                "mode": "execute",
                "origin": "api",
                "title": "Hello",
                "tags": [],
                "metadata": {},
                "archived_at": None,
                "message_count": 1,
                "usage": {
                    "input_tokens": 0,
                    "output_tokens": 0,
                    "cache_read_tokens": 0,
                    "cache_write_tokens": 0,
                    "cost_usd": None,
                    "unpriced_calls": 0,
                },
                "last_event": 1,
                "created_at": "time",
                "updated_at": "time",
                "match": None,
            },
            "message": {
                "id": "msg-1",
                "conversation_id": "conv-1",
                "role": "user",
                "status": "queued",
                "text": "Hello",
                "is_parked": False,
                "waits_for": [],
                "error": None,
                "reply": None,
                "answers": None,
                "answered_with": None,
                "overlap": "enqueue",
                "left_out": None,
                "queue": {"ahead_in_conversation": 0, "ahead_in_queue": 0},
                "feedback": [],
                "model": None,
                "usage": None,
                "citations": [],
                "files": [],
                "agent_revision": None,
                "created_at": "time",
                "updated_at": "time",
            },
        }
    )
    async with stage.working():
        answered = await member.post(
            "/conversations", {"agent": "helper", "message": {"text": "Hello"}}, Prefer="wait=30"
        )
    assert (answered.status, answered.headers["Preference-Applied"]) == (200, "wait=30")
    assert answered.steady() == snapshot(
        {
            "conversation": {
                "id": "conv-1",
                "agent": {"id": "agt-1", "slug": "helper", "name": "Helper"},
                "data_set": {"id": "ds-1", "name": "open"},
                "account_id": "acc-1",
                "status": "active",
                "mode": "execute",
                "origin": "api",
                "title": "Hello",
                "tags": [],
                "metadata": {},
                "archived_at": None,
                "message_count": 2,
                "usage": {
                    "input_tokens": 9,
                    "output_tokens": 3,
                    "cache_read_tokens": 0,
                    "cache_write_tokens": 0,
                    "cost_usd": None,
                    "unpriced_calls": 1,
                },
                "last_event": 5,
                "created_at": "time",
                "updated_at": "time",
                "match": None,
            },
            "message": {
                "id": "msg-1",
                "conversation_id": "conv-1",
                "role": "user",
                "status": "completed",
                "text": "Hello",
                "is_parked": False,
                "waits_for": [],
                "error": None,
                "reply": {
                    "id": "msg-2",
                    "role": "assistant",
                    "text": "You said: Hello",
                    "model": "scripted",
                    "usage": {
                        "input_tokens": 9,
                        "output_tokens": 3,
                        "cache_read_tokens": 0,
                        "cache_write_tokens": 0,
                        "cost_usd": None,
                        "unpriced_calls": 1,
                    },
                    "citations": [],
                    "feedback": [],
                    "files": [],
                    "agent_revision": 1,
                    "created_at": "time",
                },
                "answers": None,
                "answered_with": None,
                "overlap": "enqueue",
                "left_out": None,
                "queue": None,
                "feedback": [],
                "model": None,
                "usage": None,
                "citations": [],
                "files": [],
                "agent_revision": 1,
                "created_at": "time",
                "updated_at": "time",
            },
        }
    )


@pytest.mark.requirement("native.conversations.create")
async def test_what_a_conversation_begins_with_is_checked_as_a_whole(stage: Stage, member: Native) -> None:
    answer = await member.post(
        "/conversations",
        {
            "title": " ",
            "tags": ["", "x" * 65],
            "metadata": {"a/b": 1, "": "v", "long": "x" * 501, "k" * 41: "v"},
            "mode": "dream",
            "message": {"text": "", "files": ["nope"], "overlap": "push", "extra": 1},
            "color": "red",
        },
    )
    assert answer.status == 400
    assert sorted((fault.pointer, fault.code) for fault in answer.problem.errors) == snapshot(
        [
            ("/agent", "missing"),
            ("/color", "unknown_field"),
            ("/message/extra", "unknown_field"),
            ("/message/files/0", "malformed_id"),
            ("/message/overlap", "invalid"),
            ("/message/text", "blank"),
            ("/metadata/", "blank"),
            ("/metadata/a~1b", "wrong_type"),
            ("/metadata/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "too_long"),
            ("/metadata/long", "too_long"),
            ("/mode", "invalid"),
            ("/tags/0", "invalid"),
            ("/tags/1", "invalid"),
            ("/title", "blank"),
        ]
    )
    assert stage.rows()["conversations"] == 0


@pytest.mark.requirement("native.conversations.create")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"agent": "closed"}, "/agent"),
        ({"agent": f"agt_{UNKNOWN}"}, "/agent"),
        ({"agent": "helper", "data_set": "closed"}, "/data_set"),
        ({"agent": "helper", "data_set": f"ds_{UNKNOWN}", "message": {"text": "Hello"}}, "/data_set"),
        ({"agent": "helper", "message": {"text": "Hello", "files": [f"file_{UNKNOWN}"]}}, "/files"),
    ],
)
async def test_what_the_caller_does_not_see_is_no_beginning(
    stage: Stage, member: Native, body: object, pointer: str
) -> None:
    answer = await member.post("/conversations", body)
    assert (answer.status, [fault.pointer for fault in answer.problem.errors]) == (400, [pointer])
    assert stage.rows()["conversations"] == 0


@pytest.mark.requirement("native.conversations.create")
async def test_a_data_set_takes_the_place_of_the_agents(admin: Native) -> None:
    made = talk_of(await admin.post("/conversations", {"agent": "helper", "data_set": "closed"}))
    assert (made.agent.slug, made.data_set and made.data_set.name) == ("helper", "closed")


@pytest.mark.requirement("native.conversations.create")
async def test_the_same_key_begins_one_conversation(stage: Stage, member: Native, admin: Native) -> None:
    body = {"agent": "helper", "message": {"text": "Hello"}}
    first, second = [await member.post("/conversations", body, Idempotency_Key="k") for _ in range(2)]
    assert (second.body, second.headers["Idempotency-Replayed"]) == (first.body, "true")
    assert stage.rows()["conversations"] == 1
    assert (await admin.post("/conversations", {"agent": "helper"}, Idempotency_Key="k")).status == 422


@pytest.mark.requirement("native.conversations.send")
async def test_a_message_is_accepted_and_answered(stage: Stage, member: Native) -> None:
    talk = talk_of(await member.post("/conversations", {"agent": "helper"})).id
    sent = await member.post(f"/conversations/{talk}/messages", {"text": "Hello", "overlap": "enqueue"})
    assert sent.status == 202
    assert sent.headers["Location"].startswith("/v1/messages/msg_")
    assert sent.steady() == snapshot(
        {
            "id": "msg-1",
            "conversation_id": "conv-1",
            "role": "user",
            "status": "queued",
            "text": "Hello",
            "is_parked": False,
            "waits_for": [],
            "error": None,
            "reply": None,
            "answers": None,
            "answered_with": None,
            "overlap": "enqueue",
            "left_out": None,
            "queue": {"ahead_in_conversation": 0, "ahead_in_queue": 0},
            "feedback": [],
            "model": None,
            "usage": None,
            "citations": [],
            "files": [],
            "agent_revision": None,
            "created_at": "time",
            "updated_at": "time",
        }
    )
    async with stage.working():
        answered = await member.post(f"/conversations/{talk}/messages", {"text": "And?"}, Prefer="wait=30")
    assert answered.message.status == "completed"
    assert answered.message.reply is not None


@pytest.mark.requirement("native.conversations.send")
async def test_who_may_not_see_a_conversation_sends_nothing(stage: Stage, admin: Native, outsider: Native) -> None:
    talk = talk_of(await admin.post("/conversations", {"agent": "helper"})).id
    for asking in (outsider, Native(stage, stage.keys.member)):
        refused = await asking.post(f"/conversations/{talk}/messages", {"text": "Hello"})
        assert (refused.status, refused.problem.code) == (404, "not_found")
    assert stage.rows()["messages"] == 0


@pytest.mark.requirement("native.conversations.send")
async def test_a_data_set_that_was_closed_since_is_closed(stage: Stage, member: Native) -> None:
    talk = talk_of(await member.post("/conversations", {"agent": "helper", "data_set": "open"})).id
    async with stage.turnkeeper.rooms.database.connection() as connection:
        await connection.execute("DELETE FROM data_set_members")
    assert (await member.post(f"/conversations/{talk}/messages", {"text": "Hello"})).status == 403


@pytest.mark.requirement("native.conversations.messages")
async def test_messages_come_in_pages_in_both_directions(stage: Stage, member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin()
    async with stage.working():
        for number in range(3):
            await talks.say(talk, f"Question {number}")
    forth = await talks.texts(talk, "limit=2")
    back = await talks.texts(talk, "limit=4&order=desc")
    assert [len(page) for page in forth] == [2, 2, 2]
    assert [text for page in forth for text in page] == [text for page in back for text in page][::-1]
    assert [page[0] for page in forth] == ["Question 0", "Question 1", "Question 2"]


@pytest.mark.requirement("native.conversations.messages")
async def test_a_page_of_messages_whole(stage: Stage, member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin()
    async with stage.working():
        await talks.say(talk, "Hello")
    assert (await member.get(f"/conversations/{talk}/messages")).steady() == snapshot(
        {
            "items": [
                {
                    "id": "msg-1",
                    "conversation_id": "conv-1",
                    "role": "user",
                    "status": "completed",
                    "text": "Hello",
                    "answers": None,
                    "answered_with": None,
                    "left_out": None,
                    "feedback": [],
                    "model": None,
                    "usage": None,
                    "citations": [],
                    "files": [],
                    "created_at": "time",
                    "updated_at": "time",
                },
                {
                    "id": "msg-2",
                    "conversation_id": "conv-1",
                    "role": "assistant",
                    "status": "completed",
                    "text": "You said: Hello",
                    "answers": "msg-1",
                    "answered_with": None,
                    "left_out": None,
                    "feedback": [],
                    "model": "scripted",
                    "usage": {
                        "input_tokens": 9,
                        "output_tokens": 3,
                        "cache_read_tokens": 0,
                        "cache_write_tokens": 0,
                        "cost_usd": None,
                        "unpriced_calls": 1,
                    },
                    "citations": [],
                    "files": [],
                    "created_at": "time",
                    "updated_at": "time",
                },
            ],
            "has_more": False,
            "next_cursor": None,
        }
    )


@pytest.mark.requirement("native.conversations.fork")
async def test_a_fork_is_a_conversation_of_its_own(stage: Stage, admin: Native, member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin(title="First", tags=["a"], metadata={"k": "v"})
    async with stage.working():
        message = await talks.say(talk, "One")
        await talks.say(talk, "Two")
    made = await admin.post(f"/conversations/{talk}/fork", {"message": message, "title": "Second"}, Idempotency_Key="k")
    assert made.status == 201
    fork = talk_of(made)
    assert (fork.title, fork.tags, fork.metadata, fork.message_count) == ("Second", ["a"], {"k": "v"}, 2)
    assert made.headers["Location"] == f"/v1/conversations/{fork.id}"
    assert (await member.get(f"/conversations/{fork.id}")).status == 404
    assert (await Talks(admin).texts(fork.id))[0][0] == "One"
    again = await admin.post(
        f"/conversations/{talk}/fork", {"message": message, "title": "Second"}, Idempotency_Key="k"
    )
    assert (again.body, again.headers["Idempotency-Replayed"]) == (made.body, "true")
    assert (await member.ask("DELETE", f"/conversations/{talk}")).status == 200
    assert (await admin.get(f"/conversations/{fork.id}")).body == made.body


@pytest.mark.requirement("native.conversations.fork")
async def test_a_fork_at_what_is_no_message_is_refused(stage: Stage, member: Native) -> None:
    talk = await Talks(member).begin()
    refused = await member.post(f"/conversations/{talk}/fork", {"message": "m", "title": "", "more": 1})
    assert sorted((fault.pointer, fault.code) for fault in refused.problem.errors) == [
        ("/message", "malformed_id"),
        ("/more", "unknown_field"),
        ("/title", "blank"),
    ]
    assert (await member.post(f"/conversations/{talk}/fork", {"message": f"msg_{UNKNOWN}"})).status == 404
    assert stage.rows()["conversations"] == 1
