"""Approvals over the wire: asked by a turn, listed, decided, and what becomes of the turn."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import ASKS, UNKNOWN, Native, Shop, open_shop
from tests.fakes.scripted_model import Call, CallsTools, Says
from turnkeeper.core.agents import ApprovalPolicy, ApprovalRule
from turnkeeper.store.notices import TASKS


@pytest.mark.requirement("native.approvals.decide", "native.approvals.list")
async def test_an_approved_call_is_made_and_the_turn_goes_on(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, Says("Refunded."))
    async with shop.working():
        message = await shop.ask(stage.keys.member)
        waiting = await shop.parked(admin, message)
        assert (waiting.status, await shop.state(stage.keys.member, message)) == ("pending", "PENDING")
        listed = await admin.get("/approvals?state=waiting")
        assert listed.steady() == snapshot(
            {
                "items": [
                    {
                        "id": "apr-1",
                        "state": "waiting",
                        "question": "call",
                        "agent": "refunds",
                        "tool": "refund",
                        "arguments": {"customer": "cus_123", "amount": 4200},
                        "reason": "The agent wants to call 'refund'. Its policy asks a person for this tool.",
                        "conversation_id": "conv-1",
                        "message_id": "msg-1",
                        "call_id": "call_1",
                        "note": None,
                        "decided_by": None,
                        "created_at": "time",
                        "expires_at": None,
                        "decided_at": None,
                    }
                ],
                "has_more": False,
                "next_cursor": None,
            }
        )
        assert [approval.id for approval in listed.page.items] == waiting.waits_for
        assert shop.refund.keys == []

        decided = await admin.decide(waiting.waits_for[0], "approve", "Checked.")
        done = await admin.finished(message)

    assert decided.steady() == snapshot(
        {
            "id": "apr-1",
            "state": "approved",
            "question": "call",
            "agent": "refunds",
            "tool": "refund",
            "arguments": {"customer": "cus_123", "amount": 4200},
            "reason": "The agent wants to call 'refund'. Its policy asks a person for this tool.",
            "conversation_id": "conv-1",
            "message_id": "msg-1",
            "call_id": "call_1",
            "note": "Checked.",
            "decided_by": "acc-1",
            "created_at": "time",
            "expires_at": None,
            "decided_at": "time",
        }
    )
    assert len(shop.refund.keys) == 1
    assert stage.model.requests[-1].messages[-1].content == 'done {"customer": "cus_123", "amount": 4200}'
    assert await shop.state(stage.keys.member, message) == "SUCCESS"
    assert (done.status, done.is_parked, done.waits_for) == ("completed", False, [])
    assert done.reply is not None
    assert done.reply.text == "Refunded."
    assert (await admin.get("/approvals?state=waiting")).page.items == []


@pytest.mark.requirement("native.approvals.decide")
async def test_a_denied_call_is_not_made_and_the_model_reads_the_reason(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(ASKS, Says("I could not refund it."))
    async with shop.working():
        message = await shop.ask(stage.keys.member)
        waiting = await shop.parked(admin, message)
        denied = await admin.decide(waiting.waits_for[0], "deny", "The charge did not fail.")
        done = await admin.finished(message)
    assert (denied.approval.state, denied.approval.note) == ("denied", "The charge did not fail.")
    assert shop.refund.keys == []
    read = stage.model.requests[-1].messages[-1]
    assert (read.role, read.content) == snapshot(
        ("tool", "A person denied this call. They wrote: The charge did not fail.")
    )
    assert done.reply is not None
    assert done.reply.text == "I could not refund it."


@pytest.mark.requirement("native.approvals.once")
async def test_deciding_again_gets_the_first_decision_or_a_conflict(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, Says("No."))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        approval = waiting.waits_for[0]
        first = await admin.decide(approval, "deny", "First.")
        await admin.finished(waiting.id)
    same = await admin.decide(approval, "deny", "Second.")
    other = await admin.decide(approval, "approve")
    assert (same.status, same.body) == (200, first.body)
    assert (other.status, other.problem.code, other.problem.detail) == snapshot(
        (409, "already_decided", "This approval is denied already.")
    )
    assert len(stage.model.requests) == 2


@pytest.mark.requirement("native.approvals.not-dropped")
async def test_a_later_message_waits_for_the_one_that_waits_for_people(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS)
    async with shop.working():
        conversation = await shop.begin(stage.keys.member)
        first = await shop.send(stage.keys.member, conversation, "Refund it.")
        waiting = await shop.parked(admin, first)
        second = await shop.send(stage.keys.member, conversation, "say second")
        assert (await admin.get(f"/messages/{second}")).message.status == "queued"
        assert (await admin.get("/approvals?state=waiting")).page.items[0].id == waiting.waits_for[0]

        stage.model.will(Says("first"))
        await admin.decide(waiting.waits_for[0], "approve")
        done = [await admin.finished(message) for message in (first, second)]
    assert [message.reply.text if message.reply else None for message in done] == ["first", "second"]


@pytest.mark.requirement("native.approvals.visible")
async def test_who_may_not_see_a_conversation_sees_none_of_its_approvals(
    stage: Stage, shop: Shop, admin: Native, member: Native, outsider: Native
) -> None:
    stage.model.will(ASKS, ASKS)
    async with shop.working():
        of_member = await shop.parked(admin, await shop.ask(stage.keys.member))
        of_admin = await shop.parked(admin, await shop.ask(stage.keys.admin))
    ours, members = of_admin.waits_for[0], of_member.waits_for[0]
    seen = [[each.id for each in (await client.get("/approvals")).page.items] for client in (admin, member, outsider)]
    assert seen == [[ours, members], [members], []]
    for client, approval in ((member, ours), (outsider, ours), (outsider, members)):
        unknown = await client.get(f"/approvals/apr_{UNKNOWN}")
        for answer in (await client.get(f"/approvals/{approval}"), await client.decide(approval, "approve")):
            assert answer.status == 404
            assert answer.problem.detail == unknown.problem.detail.replace(f"apr_{UNKNOWN}", approval)
        assert (await client.get(f"/approvals?message={of_admin.id}")).page.items == []


@pytest.mark.requirement("native.approvals.who")
async def test_owners_decide_only_where_the_policy_lets_them(
    stage: Stage, shop: Shop, admin: Native, member: Native
) -> None:
    stage.model.will(ASKS)
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        refused = await member.decide(waiting.waits_for[0], "approve")
        assert (refused.status, refused.problem.code, refused.problem.detail) == snapshot(
            (403, "not_allowed", "Only admins may decide this; ask one, or have the agent's policy changed.")
        )
        assert (await member.get(f"/approvals/{waiting.waits_for[0]}")).approval.state == "waiting"

        stage.execute("""UPDATE agents SET settings = jsonb_set(settings, '{approvals,deciders}', '"owners"')""")
        assert (await member.decide(waiting.waits_for[0], "approve")).approval.state == "approved"
        assert (await member.finished(waiting.id)).status == "completed"


@pytest.mark.requirement("native.approvals.list")
async def test_the_list_is_paged_and_filtered(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, ASKS, ASKS)
    async with shop.working():
        waiting = [await shop.parked(admin, await shop.ask(stage.keys.member)) for _ in range(3)]
    newest_first = [message.waits_for[0] for message in reversed(waiting)]
    found: list[str] = []
    path = "/approvals?limit=2"
    while True:
        page = (await admin.get(path)).page
        found += [approval.id for approval in page.items]
        assert page.has_more == (page.next_cursor is not None)
        if page.next_cursor is None:
            break
        path = f"/approvals?limit=2&cursor={page.next_cursor}"
    assert found == newest_first
    await admin.decide(waiting[0].waits_for[0], "deny")
    filters = {
        "state=denied": [waiting[0].waits_for[0]],
        "state=waiting": newest_first[:2],
        f"conversation={waiting[1].conversation_id}": waiting[1].waits_for,
        f"message={waiting[2].id}": waiting[2].waits_for,
        f"message={waiting[2].id}&state=denied": [],
        f"message=msg_{UNKNOWN}": [],
        "limit=3": newest_first,
    }
    for query, expected in filters.items():
        page = (await admin.get(f"/approvals?{query}")).page
        assert [approval.id for approval in page.items] == expected, query
        assert not page.has_more


@pytest.mark.requirement("native.approvals.withdrawn")
async def test_a_turn_that_is_given_up_leaves_nothing_to_decide(stage: Stage, admin: Native) -> None:
    policy = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),), expires_after_seconds=3_600, on_expiry="fail")
    shop = await open_shop(stage, policy)
    both = tuple(Call(tool="refund", arguments='{"amount": 1}', call_id=call_id) for call_id in ("a", "b"))
    stage.model.will(CallsTools(both))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        assert len(waiting.waits_for) == 2
        stage.execute(
            "WITH first AS (UPDATE approvals SET expires_at = now() WHERE call_id = 'a' RETURNING public_id)"
            " SELECT defer_task('expire', NULL, jsonb_build_object('approval', public_id)) FROM first"
        )
        stage.turnkeeper.rooms.notices.send(TASKS, "")
        done = await admin.finished(waiting.id)
    assert (done.status, done.error, done.is_parked, done.waits_for) == ("failed", "approval_expired", False, [])
    states = {each.id: each.state for each in (await admin.get("/approvals")).page.items}
    assert [states[approval] for approval in waiting.waits_for] == ["expired", "cancelled"]
    late = await admin.decide(waiting.waits_for[1], "approve")
    assert (late.status, late.problem.code) == (409, "already_decided")
