"""A turn waits for people: without a worker, through restarts, and it is decided once."""

import asyncio

import pytest

from tests.fakes.scripted_model import Says
from tests.turns.floor import ASKS_FOR_REFUNDS, Floor, refund
from turnkeeper.core.agents import ApprovalPolicy, ApprovalRule
from turnkeeper.core.approvals import ApprovalFilter
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, OutcomeUnknownError
from turnkeeper.core.events import ApprovalAsked, ApprovalDecided, MessageCompleted, ToolReturned
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.core.ids import new_id


async def test_a_turn_waits_without_a_worker_and_a_yes_goes_on_with_it(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Refunded."))
    async with floor.working() as worker:
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
    waiting = (await floor.jobs(), [end.outcome for end in worker.ends], list(floor.tool.keys))

    async with floor.working():  # another worker, as after a restart
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved", note="Fine.")
        talk = await floor.finished(accepted)

    assert waiting == (0, ["parked"], [])
    assert (approval.tool, approval.arguments, approval.agent) == ("refund", '{"amount": 50}', "refunder")
    assert [message.text for message in talk] == ["Refund it.", "Refunded."]
    assert (len(floor.tool.keys), len(floor.model.requests)) == (1, 2)
    told = [body for body in await floor.log(accepted) if isinstance(body, ApprovalAsked | ApprovalDecided)]
    assert [(type(body).__name__, body.approval_id) for body in told] == [
        ("ApprovalAsked", approval.id),
        ("ApprovalDecided", approval.id),
    ]


async def test_a_denied_call_is_not_made_and_the_model_reads_the_reason(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("I may not."))
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="denied", note="Too much.")
        talk = await floor.finished(accepted)

    assert (talk[1].text, floor.tool.keys) == ("I may not.", [])
    assert floor.model.requests[-1].messages[-1].content == "A person denied this call. They wrote: Too much."


async def test_deciding_twice_the_same_changes_nothing_and_otherwise_is_refused(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Refunded."))
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        decisions = await asyncio.gather(
            *(
                floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved", note=str(number))
                for number in range(8)
            )
        )
        with pytest.raises(ConflictError) as refused:
            await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="denied")
        await floor.finished(accepted)

    assert len({decision.value.note for decision in decisions}) == 1
    assert refused.value.code == "already_decided"
    log = await floor.log(accepted)
    assert len([body for body in log if isinstance(body, ApprovalDecided)]) == 1
    assert (len(floor.tool.keys), len([body for body in log if isinstance(body, MessageCompleted)])) == (1, 1)


async def test_several_calls_wait_by_themselves_and_each_decision_goes_on_with_its_own(floor: Floor) -> None:
    floor.model.will(refund("a", "b", "c"), Says("Done."))
    async with floor.working():
        accepted = await floor.start()
        third, second, first = await floor.asked(accepted, 3)
        await floor.approvals.decide(floor.staff.admin, approval=second.id, verdict="approved")
        await floor.until(accepted, lambda: len(floor.tool.keys) == 1)
        left = await floor.asked(accepted, 2)
        await asyncio.gather(
            floor.approvals.decide(floor.staff.admin, approval=first.id, verdict="approved"),
            floor.approvals.decide(floor.staff.admin, approval=third.id, verdict="denied"),
        )
        talk = await floor.finished(accepted)

    assert [approval.id for approval in left] == [third.id, first.id]
    assert (talk[1].text, len(floor.tool.keys), len(floor.model.requests)) == ("Done.", 2, 2)
    results = [body for body in await floor.log(accepted) if isinstance(body, ToolReturned)]
    assert sorted(body.call_id for body in results) == ["a", "b", "c"]


async def test_a_later_message_waits_behind_the_parked_one_and_is_answered_after_it(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Refunded."), Says("You are welcome."))
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        later = await floor.conversations.send(
            floor.staff.admin, conversation=accepted.conversation_id, text="Thank you."
        )
    async with floor.working():
        idle = await floor.asked(accepted)
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved")
        talk = await floor.finished(later.value)

    assert idle == [approval]
    assert [message.text for message in talk] == ["Refund it.", "Refunded.", "Thank you.", "You are welcome."]


async def test_what_nobody_decides_in_time_expires_and_that_is_not_a_denial(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Nobody was there."))
    policy = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),), expires_after_seconds=0.2)
    async with floor.working():
        accepted = await floor.start(policy)
        talk = await floor.finished(accepted)

    (decided,) = [body for body in await floor.log(accepted) if isinstance(body, ApprovalDecided)]
    assert (decided.state, talk[1].text, floor.tool.keys) == ("expired", "Nobody was there.", [])


async def test_an_expiry_can_end_the_turn_with_a_sentence(floor: Floor) -> None:
    floor.model.will(refund("c1"))
    policy = ApprovalPolicy(rules=(ApprovalRule(tool="refund"),), expires_after_seconds=0.2, on_expiry="fail")
    async with floor.working():
        accepted = await floor.start(policy)
        talk = await floor.finished(accepted)

    assert (talk[0].status, talk[1].role) == ("failed", "system")
    assert talk[1].text == "Nobody decided in time whether 'refund' may be called, so the turn was given up."


async def test_waiting_for_people_is_no_setback_however_often_a_turn_does_it(floor: Floor) -> None:
    floor.model.will(*(refund(f"c{number}") for number in range(11)), Says("Done."))
    async with floor.working():
        accepted = await floor.start()
        for number in range(11):
            await floor.until(accepted, lambda number=number: len(floor.tool.keys) == number)
            (approval,) = await floor.asked(accepted)
            await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved")
        talk = await floor.finished(accepted)

    assert (talk[1].text, len(floor.tool.keys)) == ("Done.", 11)


async def test_an_unknown_outcome_is_asked_about_and_stays_once_when_a_person_found_it(floor: Floor) -> None:
    floor.tool.dies = OutcomeUnknownError("The payment service did not answer.")
    floor.model.will(refund("c1"), Says("It went through."))
    async with floor.working():
        accepted = await floor.start(ApprovalPolicy())
        (approval,) = await floor.asked(accepted)
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="denied", note="It is re_1.")
        talk = await floor.finished(accepted)

    assert (approval.question, len(floor.tool.keys), talk[1].text) == ("outcome", 1, "It went through.")
    async with floor.database.connection() as connection:
        cursor = await connection.execute("SELECT state, tries FROM effects")
        assert await cursor.fetchall() == [("unknown", 1)]


async def test_only_those_decide_whom_the_policy_names(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Done."))
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        for stranger in (floor.staff.member, floor.staff.outsider):
            with pytest.raises(NotFoundError):
                await floor.approvals.decide(stranger, approval=approval.id, verdict="approved")
            assert await floor.approvals.list(stranger, EVERY) == []
        with pytest.raises(NotFoundError):
            await floor.approvals.get(floor.staff.admin, approval=new_id())
        with pytest.raises(InvalidError):
            await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="denied", note="x" * 2_001)
        assert (await floor.approvals.get(floor.staff.admin, approval=approval.id)).state == "waiting"


EVERY = ApprovalFilter(limit=100)


@pytest.mark.parametrize("owners", [False, True])
async def test_an_owner_decides_only_where_the_policy_lets_owners(floor: Floor, owners: bool) -> None:  # noqa: FBT001 - a parameter of the test
    floor.model.will(refund("c1"), Says("Done."))
    policy = ApprovalPolicy(rules=ASKS_FOR_REFUNDS.rules, deciders="owners" if owners else "admins")
    async with floor.working():
        accepted = await floor.start(policy, caller=floor.staff.member)
        (approval,) = await floor.asked(accepted)
        if owners:
            await floor.approvals.decide(floor.staff.member, approval=approval.id, verdict="approved")
            await floor.finished(accepted)
        else:
            with pytest.raises(NotAllowedError):
                await floor.approvals.decide(floor.staff.member, approval=approval.id, verdict="approved")

    assert len(floor.tool.keys) == (1 if owners else 0)


async def test_a_decision_under_one_key_is_replayed(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Done."))
    key = IdempotencyKey(route="POST /decide", key="k", fingerprint=b"same")
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        twice = [
            await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved", key=key)
            for _ in range(2)
        ]
        await floor.finished(accepted)

    assert [one.replayed for one in twice] == [False, True]
    assert twice[0].value == twice[1].value
