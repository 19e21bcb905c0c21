"""What is told: every step of a message's life, to those who subscribe to it, in the transaction of the fact."""

import asyncio
import json
import re

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.fakes.people import make_agent
from tests.fakes.register import Register
from tests.fakes.scripted_model import Call, CallsTools, Says, ScriptedModel
from tests.fakes.worker import working
from tests.patience import PATIENCE
from tests.webhooks.post import PostOffice
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import ApprovalFilter
from turnkeeper.core.errors import InvalidError, TransientError
from turnkeeper.core.webhooks import FAMILIES, LONGEST_TEXT_SENT, NewWebhook
from turnkeeper.store import webhooks


class CutData(msgspec.Struct):
    text: str
    cut: list[str]


class Cut(msgspec.Struct):
    data: CutData


def told(office: PostOffice) -> list[dict[str, object]]:
    """The bodies with ids and moments made the same at each run."""
    text = json.dumps([one.body for one in office.receiver.received])
    text = re.sub(r"\b([a-z]{3,4})_[0-9A-HJKMNP-TV-Z]{26}\b", r"\1_…", text)
    text = re.sub(r'"(began|ended|first)_ms": ?\d+', r'"\1_ms": 0', text)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "…Z", text))


async def test_the_life_of_a_message_that_acts_is_told_in_order(office: PostOffice) -> None:
    webhook = await office.register("conversation.*", "message.*", "tool.*", "approval.*")
    approvals = ApprovalActions(office.database, office.changes)
    admin = office.staff.admin
    async with office.database.connection() as connection:
        agent = await make_agent(
            connection,
            admin,
            name="Refunder",
            data_set_id=None,
            model="openai:scripted",
            tools=("refund",),
            settings=AgentSettings(approvals=ApprovalPolicy(rules=(ApprovalRule(tool="refund"),))),
        )
    async with ScriptedModel() as model:
        model.will(CallsTools((Call(tool="refund", arguments='{"amount": 50}', call_id="c1"),)), Says("Refunded."))
        async with working(office.database, office.notices, office.changes, model, tools=[Register()]) as ends:
            started = await office.conversations.start(
                admin, agent=agent, text="Refund it.", mode="execute", origin="api"
            )
            await _asked(approvals, office, started.value.conversation_id)
            (asked,) = await approvals.list(admin, ApprovalFilter(state="waiting", limit=1))
            await approvals.decide(admin, approval=asked.id, verdict="approved", note="Fine.")
            await office.conversations.message(admin, message=started.value.message_public_id, wait_seconds=PATIENCE)
        assert ends.ends

    await office.deliver(webhook)

    assert told(office) == snapshot(
        [
            {
                "type": "conversation.created",
                "timestamp": "…Z",
                "data": {"agent": "refunder", "agent_id": "agt_…", "conversation_id": "conv_…"},
            },
            {
                "type": "message.queued",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 1,
                    "text": "Refund it.",
                },
            },
            {
                "type": "message.started",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 2,
                },
            },
            {
                "type": "tool.called",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 4,
                    "tool": "refund",
                    "input": '{"amount": 50}',
                    "call_id": "c1",
                },
            },
            {
                "type": "approval.asked",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 5,
                    "tool": "refund",
                    "reason": "The agent wants to call 'refund'. Its policy asks a person for this tool.",
                    "call_id": "c1",
                    "question": "call",
                    "approval_id": "apr_…",
                },
            },
            {
                "type": "approval.decided",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 6,
                    "note": "Fine.",
                    "tool": "refund",
                    "state": "approved",
                    "call_id": "c1",
                    "approval_id": "apr_…",
                },
            },
            {
                "type": "tool.returned",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 8,
                    "tool": "refund",
                    "output": 'done {"amount": 50}',
                    "timing": {"began_ms": 0, "ended_ms": 0, "first_ms": None},
                    "call_id": "c1",
                    "outcome": "completed",
                    "passages": [],
                },
            },
            {
                "type": "message.completed",
                "timestamp": "…Z",
                "data": {
                    "agent": "refunder",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 11,
                    "model": "scripted",
                    "usage": {
                        "cost_usd": None,
                        "input_tokens": 45,
                        "output_tokens": 1,
                        "unpriced_calls": 2,
                        "cache_read_tokens": 0,
                        "cache_write_tokens": 0,
                    },
                    "reply": {"id": "msg_…", "role": "assistant", "text": "Refunded."},
                },
            },
        ]
    )
    assert office.receiver.at_the_same_time == 1


async def _asked(approvals: ApprovalActions, office: PostOffice, conversation_id: int) -> None:
    with office.changes.listening(conversation_id) as changed:
        async with asyncio.timeout(PATIENCE):
            while not await approvals.list(office.staff.admin, ApprovalFilter(state="waiting", limit=1)):
                await changed.wait()
                changed.clear()


async def test_a_cancelled_message_is_told_with_what_was_said(office: PostOffice) -> None:
    webhook = await office.register("message.cancelled")
    accepted = await office.start()
    await office.conversations.cancel(office.staff.admin, message=accepted.message_public_id)

    await office.deliver(webhook)

    assert told(office) == snapshot(
        [
            {
                "type": "message.cancelled",
                "timestamp": "…Z",
                "data": {
                    "agent": "helper",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 2,
                    "how": "cancelled",
                    "reply": {
                        "id": "msg_…",
                        "role": "system",
                        "text": "The message was cancelled before anything was answered.",
                    },
                },
            }
        ]
    )


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("*",), ["conversation.created", "message.queued"]),
        (("message.*",), ["message.queued"]),
        (("message.queued", "tool.*"), ["message.queued"]),
        (("approval.*",), []),
    ],
)
async def test_only_what_it_subscribes_to_is_told(
    office: PostOffice, types: tuple[str, ...], expected: list[str]
) -> None:
    webhook = await office.register(*types)
    await office.start()

    assert [each.type for each in await office.all(webhook)] == expected


async def test_a_message_that_was_edited_is_told_to_be_superseded(office: PostOffice) -> None:
    webhook = await office.register("message.superseded")
    accepted = await office.start("First.")
    await office.conversations.cancel(office.staff.admin, message=accepted.message_public_id)
    async with office.database.connection() as connection:
        await connection.execute(
            "INSERT INTO events (conversation_id, number, message_id, kind, body)"
            " SELECT conversation_id, 100, id, 'messages.superseded', jsonb_build_object('by', public_id, 'count', 2)"
            " FROM messages WHERE id = %s",
            (accepted.message_id,),
        )

    await office.deliver(webhook)

    (received,) = office.receiver.received
    data = msgspec.convert(received.body["data"], dict[str, object])
    assert (received.type, data["by"], data["count"]) == ("message.superseded", data["message_id"], 2)


async def test_only_facts_about_its_agents_are_told_and_those_about_none(office: PostOffice) -> None:
    its_own = await office.register(agents=(office.staff.agent.public_id,))
    others = await office.register(agents=(office.staff.closed_agent.public_id,))
    await office.start()
    await office.tell("about no agent")

    assert [each.type for each in await office.all(its_own)] == [
        "conversation.created",
        "message.queued",
        "agent.changed",
    ]
    assert [each.type for each in await office.all(others)] == ["agent.changed"]


async def test_another_organization_hears_nothing(office: PostOffice) -> None:
    made = await office.webhooks.create(office.staff.outsider, NewWebhook(url=office.receiver.url))
    await office.start()

    await office.deliver(made.value.webhook)

    assert office.receiver.received == []


async def test_what_becomes_of_an_agent_and_the_end_of_a_conversation_are_told(office: PostOffice) -> None:
    webhook = await office.register("agent.changed", "conversation.deleted")
    accepted = await office.start()
    async with office.database.connection() as connection:
        await make_agent(connection, office.staff.admin, name="Newcomer", data_set_id=None)
        await connection.execute("UPDATE agents SET name = 'Old hand' WHERE slug = 'newcomer'")
        await connection.execute("UPDATE agents SET deployed_at = now() WHERE slug = 'newcomer'")
        await connection.execute("UPDATE agents SET deleted_at = now() WHERE slug = 'newcomer'")
        await connection.execute("DELETE FROM conversations WHERE id = %s", (accepted.conversation_id,))
        await connection.execute("DELETE FROM organizations WHERE id = %s", (office.staff.outsider.organization_id,))

    await office.deliver(webhook)

    data = [msgspec.convert(one.body["data"], dict[str, object]) for one in office.receiver.received]
    assert [each.get("change") for each in data] == ["created", "changed", "deployed", "deleted", None]
    assert office.receiver.types()[-1] == "conversation.deleted"
    assert str(data[-1]["conversation_id"]).startswith("conv_")


async def test_a_fact_that_is_taken_back_is_not_told(office: PostOffice) -> None:
    webhook = await office.register()

    async def change_and_fail() -> None:
        async with office.database.transaction() as connection:
            await webhooks.tell(connection, organization_id=webhook.organization_id, fact="agent.changed", about={})
            raise TransientError("test", "The transaction is rolled back.")

    with pytest.raises(TransientError):
        await change_and_fail()

    assert await office.all(webhook) == []
    assert await _tasks(office) == 0


async def test_without_a_webhook_nothing_is_written(office: PostOffice) -> None:
    await office.start()

    assert await _tasks(office) == 0


async def test_the_database_refuses_to_tell_an_event_twice(office: PostOffice) -> None:
    webhook = await office.register("message.queued")
    accepted = await office.start()
    with pytest.raises(Exception, match="webhook_deliveries_once"):
        async with office.database.connection() as connection:
            await connection.execute(
                "SELECT tell_webhooks(%s, NULL, 'message.queued', '{}', %s, 1)",
                (webhook.organization_id, accepted.conversation_id),
            )


async def test_long_texts_are_cut_and_named(office: PostOffice) -> None:
    webhook = await office.register("message.queued")
    await office.start("long " * LONGEST_TEXT_SENT)

    await office.deliver(webhook)

    sent = msgspec.json.decode(office.receiver.received[0].raw, type=Cut).data
    assert len(sent.text) == LONGEST_TEXT_SENT
    assert sent.cut == ["text"]


async def test_what_was_deleted_before_it_is_sent_leaves_only_its_ids(office: PostOffice) -> None:
    webhook = await office.register("message.queued")
    accepted = await office.start("A secret.")
    async with office.database.connection() as connection:
        await connection.execute("DELETE FROM conversations WHERE id = %s", (accepted.conversation_id,))

    await office.deliver(webhook)

    assert b"secret" not in office.receiver.received[0].raw
    assert told(office) == snapshot(
        [
            {
                "type": "message.queued",
                "timestamp": "…Z",
                "data": {
                    "agent": "helper",
                    "agent_id": "agt_…",
                    "message_id": "msg_…",
                    "conversation_id": "conv_…",
                    "event": 1,
                },
            }
        ]
    )


async def test_what_is_subscribed_to_must_exist(office: PostOffice) -> None:
    for wrong in ("message.eaten", "webhook.test", "", "message"):
        with pytest.raises(InvalidError) as refused:
            await office.register(wrong)
        assert refused.value.field == "types"
    assert (
        snapshot(("agent.*", "approval.*", "conversation.*", "data_set.*", "message.*", "tool.*", "webhook.*"))
        == FAMILIES
    )


async def _tasks(office: PostOffice) -> int:
    async with office.database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'deliver%%'")
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
