"""Messages over the wire, by the ids of every dialect: how they stand, and cancelling them."""

import asyncio

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi, Started
from tests.dialects.native.client import ASKS, Answer, Native, Shop, as_native
from tests.fakes.scripted_model import Fails, Says, Stalls
from tests.patience import PATIENCE


@pytest.mark.requirement("native.messages.standing", "native.messages.wait")
async def test_a_message_is_followed_to_its_reply(stage: Stage, shop: Shop, admin: Native) -> None:
    message = as_native(await shop.ask(stage.keys.member, "say Good morning"))
    queued = await admin.get(f"/messages/{message}")
    async with shop.working():
        done = await admin.get(f"/messages/{message}", Prefer="wait=30")
    assert "Preference-Applied" not in queued.headers
    assert done.headers["Preference-Applied"] == "wait=30"
    assert [queued.steady(), done.steady()] == snapshot(
        [
            {
                "id": "msg-1",
                "conversation_id": "conv-1",
                "role": "user",
                "status": "queued",
                "text": "say Good morning",
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
            {
                "id": "msg-1",
                "conversation_id": "conv-1",
                "role": "user",
                "status": "completed",
                "text": "say Good morning",
                "is_parked": False,
                "waits_for": [],
                "error": None,
                "reply": {
                    "id": "msg-2",
                    "role": "assistant",
                    "text": "Good morning",
                    "model": "scripted",
                    "usage": {
                        "input_tokens": 9,
                        "output_tokens": 2,
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
        ]
    )
    reply = done.message.reply
    assert reply is not None
    itself = await admin.get(f"/messages/{reply.id}")
    assert itself.steady() == snapshot(
        {
            "id": "msg-1",
            "conversation_id": "conv-1",
            "role": "assistant",
            "status": "completed",
            "text": "Good morning",
            "is_parked": False,
            "waits_for": [],
            "error": None,
            "reply": None,
            "answers": "msg-2",
            "answered_with": None,
            "overlap": "enqueue",
            "left_out": None,
            "queue": None,
            "feedback": [],
            "model": "scripted",
            "usage": {
                "input_tokens": 9,
                "output_tokens": 2,
                "cache_read_tokens": 0,
                "cache_write_tokens": 0,
                "cost_usd": None,
                "unpriced_calls": 1,
            },
            "citations": [],
            "files": [],
            "agent_revision": 1,
            "created_at": "time",
            "updated_at": "time",
        }
    )


@pytest.mark.requirement("native.messages.standing")
async def test_a_failed_message_says_why(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Fails(401, "Incorrect API key provided: sk-secret."))
    async with shop.working():
        done = await admin.finished(await shop.ask(stage.keys.member))
    assert (done.status, done.error) == snapshot(("failed", "upstream_refused"))
    assert done.reply is not None
    assert done.reply.role == "system"
    assert "sk-secret" not in done.reply.text


@pytest.mark.requirement("native.messages.wait")
async def test_a_wait_is_over_after_its_seconds_also_when_nothing_happened(shop: Shop, stage: Stage) -> None:
    member = Native(stage, stage.keys.member)
    message = await shop.ask(stage.keys.member, "say hi")
    waited = await member.get(f"/messages/{message}", Prefer="wait=1")
    assert (waited.message.status, waited.headers["Preference-Applied"]) == ("queued", "wait=1")


@pytest.mark.requirement("native.messages.any-id")
async def test_ids_of_every_dialect_name_the_same_message(stage: Stage, admin: Native) -> None:
    started: Started = await Nairi(stage, stage.keys.admin).start("Hello")
    ulid = started.message_id.removeprefix("cmsg_")
    native = await admin.get(f"/messages/msg_{ulid}")
    assert (await admin.get(f"/messages/{started.message_id}")).body == native.body
    job = await admin.get(f"/conversations/{started.job_id}")
    assert (await admin.get(f"/conversations/{native.message.conversation_id}")).body == job.body
    assert native.message.conversation_id == f"conv_{started.job_id.removeprefix('job_')}"


@pytest.mark.requirement("native.conversations.get")
async def test_a_conversation_is_read_without_its_messages(stage: Stage, shop: Shop, admin: Native) -> None:
    message = (await admin.get(f"/messages/{await shop.ask(stage.keys.admin, 'Hello  there')}")).message
    assert (await admin.get(f"/conversations/{message.conversation_id}")).steady() == snapshot(
        {
            "id": "conv-1",
            "agent": {"id": "agt-1", "slug": "refunds", "name": "Refunds"},
            "data_set": None,
            "account_id": "acc-1",
            "status": "active",
            "mode": "execute",
            "origin": "api",
            "title": "Hello there",
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
        }
    )


@pytest.mark.requirement("native.messages.cancel")
async def test_cancelling_while_the_model_writes_keeps_what_it_said(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Stalls("Beginning"))  # of one word: of several, each may be written by itself
    async with shop.working():
        conversation = await shop.begin(stage.keys.member)
        first = await shop.send(stage.keys.member, conversation, "Tell me.")
        await asyncio.wait_for(stage.model.stalled.wait(), PATIENCE)
        await shop.said_something(admin, first)
        second = await shop.send(stage.keys.member, conversation, "say still here")
        cancelled = await admin.cancel(first)
        await asyncio.wait_for(stage.model.hung_up.wait(), PATIENCE)
        later = await admin.finished(second)
    assert cancelled.steady() == snapshot(
        {
            "id": "msg-1",
            "conversation_id": "conv-1",
            "role": "user",
            "status": "cancelled",
            "text": "Tell me.",
            "is_parked": False,
            "waits_for": [],
            "error": None,
            "reply": {
                "id": "msg-2",
                "role": "assistant",
                "text": "Beginning",
                "model": "scripted",
                "usage": {
                    "input_tokens": 0,
                    "output_tokens": 0,
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
        }
    )
    assert later.reply is not None
    assert (later.status, later.reply.text) == ("completed", "still here")
    history = [message.content or "" for message in stage.model.requests[-1].messages if message.role != "system"]
    assert [text.splitlines()[0] for text in history] == ["Tell me.", "Beginning", "say still here"]


@pytest.mark.requirement("native.messages.cancel-parked")
async def test_cancelling_while_people_are_asked_withdraws_the_question(
    stage: Stage, shop: Shop, admin: Native, member: Native
) -> None:
    stage.model.will(ASKS)
    async with shop.working():
        conversation = await shop.begin(stage.keys.member)
        first = await shop.send(stage.keys.member, conversation, "Refund it.")
        waiting = await shop.parked(admin, first)
        second = await shop.send(stage.keys.member, conversation, "say still here")
        cancelled = (await member.cancel(first)).message
        later = await member.finished(second)
    assert (cancelled.status, cancelled.is_parked, cancelled.waits_for) == ("cancelled", False, [])
    assert cancelled.reply is not None
    assert (cancelled.reply.role, cancelled.reply.text) == snapshot(
        ("system", "The message was cancelled before anything was answered.")
    )
    assert later.reply is not None
    assert (later.status, later.reply.text) == ("completed", "still here")
    assert shop.refund.keys == []
    approval = waiting.waits_for[0]
    assert (await admin.get(f"/approvals/{approval}")).approval.state == "cancelled"
    assert (await admin.decide(approval, "approve")).problem.detail == snapshot("This approval is cancelled already.")


@pytest.mark.requirement("native.messages.cancel")
async def test_cancelling_what_nobody_began_leaves_it_unanswered(stage: Stage, shop: Shop, admin: Native) -> None:
    conversation = await shop.begin(stage.keys.member)
    first, second, third = [
        await shop.send(stage.keys.member, conversation, f"say {word}") for word in ("one", "two", "three")
    ]
    cancelled = (await admin.cancel(second)).message
    again = await admin.cancel(second)
    async with shop.working():
        done = [await admin.finished(message) for message in (first, second, third)]
    assert (again.status, again.message) == (200, cancelled)
    assert done[1] == cancelled
    assert [(message.status, message.reply.text if message.reply else "") for message in done] == snapshot(
        [
            ("completed", "one"),
            ("cancelled", "The message was cancelled before anything was answered."),
            ("completed", "three"),
        ]
    )
    assert len(stage.model.requests) == 2


@pytest.mark.requirement("native.messages.cancel")
async def test_cancelling_what_is_finished_changes_nothing(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Says("Hello."), Fails(401))
    messages: list[str] = []
    before: list[Answer] = []
    async with shop.working():
        for _ in range(2):
            messages.append(await shop.ask(stage.keys.member, "Hi"))
            before.append(await admin.get(f"/messages/{messages[-1]}", Prefer="wait=30"))
    after = [await admin.cancel(message) for message in messages]
    assert [answer.message.status for answer in before] == ["completed", "failed"]
    assert [(answer.status, answer.body) for answer in after] == [(200, answer.body) for answer in before]


@pytest.mark.requirement("native.messages.cancel")
async def test_a_reply_cannot_be_cancelled(stage: Stage, shop: Shop, admin: Native) -> None:
    async with shop.working():
        done = await admin.get(f"/messages/{await shop.ask(stage.keys.member, 'say hi')}", Prefer="wait=30")
    reply = done.message.reply
    assert reply is not None
    refused = await admin.cancel(reply.id)
    assert (refused.status, refused.problem.code, refused.problem.detail) == snapshot(
        (400, "invalid", "Only a message of a user can be cancelled, and this is a reply.")
    )


@pytest.mark.requirement("native.idempotency")
async def test_a_repeated_post_gets_the_first_answer(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, ASKS, Says("Done."))
    async with shop.working():
        decided, cancelled = [await shop.parked(admin, await shop.ask(stage.keys.member)) for _ in range(2)]
        approval = decided.waits_for[0]
        first = await admin.decide(approval, "approve", "Yes.", Idempotency_Key="k1")
        again = await admin.decide(approval, "approve", "Yes.", Idempotency_Key='"k1"')
        other = await admin.decide(approval, "deny", "No.", Idempotency_Key="k1")
        stopped = [await admin.cancel(cancelled.id, Idempotency_Key="k1") for _ in range(2)]
        await admin.finished(decided.id)
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, first.body, "true")
    assert (other.status, other.problem.code) == (422, "idempotency_key_reused")
    assert [answer.headers.get("Idempotency-Replayed") for answer in stopped] == [None, "true"]
    assert stopped[0].body == stopped[1].body


@pytest.mark.requirement("native.idempotency")
async def test_of_many_equal_decisions_at_once_one_is_made(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, Says("Done."))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        approval = waiting.waits_for[0]
        same = await asyncio.gather(*(admin.decide(approval, "approve", f"{each}") for each in range(6)))
        done = await admin.finished(waiting.id)
    assert {(answer.status, answer.body) for answer in same} == {(200, same[0].body)}
    assert done.status == "completed"
    assert len(shop.refund.keys) == 1


@pytest.mark.requirement("native.idempotency")
async def test_a_key_that_another_account_used_shows_nothing_of_it(
    stage: Stage, shop: Shop, admin: Native, member: Native
) -> None:
    stage.model.will(ASKS, Says("Done."))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.admin))
        await admin.decide(waiting.waits_for[0], "approve", Idempotency_Key="k1")
        await admin.finished(waiting.id)
        await admin.cancel(waiting.id, Idempotency_Key="k1")
    answers = [
        await member.decide(waiting.waits_for[0], "approve", Idempotency_Key="k1"),
        await member.cancel(waiting.id, Idempotency_Key="k1"),
    ]
    assert [(answer.status, answer.problem.code) for answer in answers] == [(404, "not_found")] * 2


@pytest.mark.requirement("native.isolation")
async def test_many_who_read_at_once_are_each_told_of_what_they_may_see(
    shop: Shop, stage: Stage, admin: Native, member: Native, outsider: Native
) -> None:
    messages = [as_native(await shop.ask(stage.keys.member, f"say {word}")) for word in ("One", "Two", "Three")]
    unknown = f"msg_{'0' * 26}"
    everything = [*messages, unknown, *messages]
    nairi = Nairi(stage, stage.keys.admin)

    async with shop.working():
        await asyncio.gather(*(admin.finished(message) for message in messages))
        answers = await asyncio.gather(
            *(client.get(f"/messages/{each}") for client in (admin, outsider, member) for each in everything)
        )
        theirs = await asyncio.gather(*(nairi.get(f"/messages/c{each}") for each in everything))

    own = [404 if each == unknown else each for each in everything]
    seen = [each.message.id if each.status == 200 else each.status for each in answers]
    assert seen == [*own, *[404] * 7, *own]
    assert [each.status for each in theirs] == [404 if each == 404 else 200 for each in own]
