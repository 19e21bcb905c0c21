"""Ticks are fired once, whatever happens, and what cannot be fired is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.schedules.conftest import NOON, Diary
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.core.schedules import NewSchedule
from turnkeeper.engine.queue import RetryLaterError

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def test_a_tick_sends_its_message_once_though_many_nodes_fire_it(diary: Diary) -> None:
    schedule = await diary.make()
    diary.clock.now = MORNING

    await diary.fire(schedule, nodes=5)
    await diary.fire(schedule, due=MORNING)

    (run,) = await diary.runs(schedule)
    assert (schedule.next_at, (await diary.now(schedule)).next_at) == (MORNING, MORNING + timedelta(days=1))
    assert (run.tick_at, run.fired_at, run.outcome) == (MORNING, MORNING, "accepted")
    assert run.message is not None
    message = await diary.conversations.message(diary.staff.admin, message=run.message)
    assert (message.text, message.status, message.role) == ("What is new?", "queued", "user")
    assert await diary.count("messages") == 1
    assert await diary.count("procrastinate_jobs WHERE task_name = 'answer'") == 1
    assert await diary.count("procrastinate_jobs WHERE task_name = 'fire' AND scheduled_at = '2026-03-03 08:00Z'") == 1


async def test_what_was_missed_while_no_server_ran_is_one_run(diary: Diary) -> None:
    schedule = await diary.make(cron="*/10 * * * *")
    diary.clock.now = NOON + timedelta(days=3, minutes=5)

    await diary.fire(schedule)

    (run,) = await diary.runs(schedule)
    assert (run.tick_at, run.fired_at) == (NOON + timedelta(minutes=10), diary.clock.now)
    assert (await diary.now(schedule)).next_at == NOON + timedelta(days=3, minutes=10)


async def test_a_node_whose_clock_is_behind_waits(diary: Diary) -> None:
    schedule = await diary.make()
    diary.clock.now = MORNING - timedelta(seconds=2)

    with pytest.raises(RetryLaterError) as later:
        await diary.fire(schedule)

    assert later.value.seconds == 2
    assert await diary.runs(schedule) == []


async def test_each_tick_begins_a_conversation_unless_one_is_kept(diary: Diary) -> None:
    new, kept = await diary.make(), await diary.make(keeps_conversation=True)
    for day in range(3):
        diary.clock.now = MORNING + timedelta(days=day)
        for schedule in (new, kept):
            await diary.fire(schedule)
        await diary.execute("UPDATE messages SET status = 'completed'")

    assert len({run.conversation for run in await diary.runs(new)}) == 3
    assert {run.conversation for run in await diary.runs(kept)} == {(await diary.now(kept)).conversation}
    assert (await diary.now(new)).conversation is None


async def test_a_kept_conversation_goes_on_whatever_its_agent_does_with_messages_that_overlap(diary: Diary) -> None:
    await diary.execute('UPDATE agents SET settings = \'{"overlap": "reject"}\'')
    schedule = await diary.make(keeps_conversation=True)
    for day in range(2):
        diary.clock.now = MORNING + timedelta(days=day)
        await diary.fire(schedule)
        await diary.execute("UPDATE messages SET status = 'completed'")

    assert {run.conversation for run in await diary.runs(schedule)} == {(await diary.now(schedule)).conversation}
    assert len(await diary.runs(schedule)) == 2


async def test_in_a_kept_conversation_a_tick_is_skipped_while_the_one_before_is_not_answered(diary: Diary) -> None:
    schedule = await diary.make(keeps_conversation=True)
    for day in range(2):
        diary.clock.now = MORNING + timedelta(days=day)
        await diary.fire(schedule)

    assert [(run.outcome, run.message is None) for run in await diary.runs(schedule)] == [
        ("accepted", False),
        ("skipped", True),
    ]
    assert (await diary.now(schedule)).next_at == MORNING + timedelta(days=2)


@pytest.mark.parametrize("what", ["DELETE FROM conversations", "UPDATE conversations SET status = 'completed'"])
async def test_a_kept_conversation_that_takes_no_more_messages_is_followed_by_a_new_one(
    diary: Diary, what: str
) -> None:
    schedule = await diary.make(keeps_conversation=True)
    diary.clock.now = MORNING
    await diary.fire(schedule)
    before = (await diary.now(schedule)).conversation
    await diary.execute("UPDATE messages SET status = 'completed'")
    await diary.execute(what)

    diary.clock.pass_by(days=1)
    await diary.fire(schedule)

    assert (await diary.runs(schedule))[-1].outcome == "accepted"
    assert (await diary.now(schedule)).conversation not in {before, None}


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("UPDATE agents SET deleted_at = now()", "agent_gone"),
        ("DELETE FROM data_set_members", "agent_gone"),
        ("UPDATE accounts SET is_active = false WHERE role = 'member'", "account_inactive"),
    ],
)
async def test_what_cannot_be_sent_any_more_pauses_the_schedule_and_says_why(
    diary: Diary, what: str, reason: str
) -> None:
    schedule = await diary.make(caller=diary.staff.member)
    await diary.execute(what)
    diary.clock.now = MORNING

    await diary.fire(schedule)

    now = await diary.now(schedule)
    (run,) = await diary.runs(schedule)
    assert (now.next_at, now.paused_reason, run.outcome) == (None, reason, "refused")
    assert run.reason
    assert await diary.count("messages") == 0


async def test_a_paused_schedule_fires_nothing_and_goes_on_from_now(diary: Diary) -> None:
    schedule = await diary.make()
    admin = diary.staff.admin
    await diary.schedules.pause(admin, schedule=schedule.public_id)
    paused = (await diary.schedules.pause(admin, schedule=schedule.public_id)).value
    diary.clock.now = MORNING + timedelta(days=10, hours=1)

    await diary.fire(schedule, due=MORNING)
    resumed = (await diary.schedules.resume(admin, schedule=schedule.public_id)).value
    again = (await diary.schedules.resume(admin, schedule=schedule.public_id)).value

    assert (paused.next_at, paused.paused_reason) == (None, "asked")
    assert await diary.runs(schedule) == []
    assert resumed.next_at == again.next_at == MORNING + timedelta(days=11)


async def test_a_changed_line_counts_from_now_and_its_old_tick_fires_no_more(diary: Diary) -> None:
    schedule = await diary.make()

    def hourly(new: NewSchedule) -> NewSchedule:
        return replace(new, cron="@hourly", timezone="Europe/Berlin", text="And now?")

    changed = await diary.schedules.change(diary.staff.admin, schedule=schedule.public_id, change=hourly)
    diary.clock.now = MORNING
    await diary.fire(schedule, due=MORNING)

    assert (changed.value.cron, changed.value.next_at, changed.value.text) == (
        "@hourly",
        NOON + timedelta(hours=1),
        "And now?",
    )
    assert await diary.runs(schedule) == []


async def test_who_asks_for_a_run_gets_one_and_the_ticks_stay(diary: Diary) -> None:
    schedule = await diary.make()
    key = IdempotencyKey(route="POST /run", key="k", fingerprint=b"same")
    ran = [await diary.schedules.run(diary.staff.admin, schedule=schedule.public_id, key=key) for _ in range(2)]

    assert [one.replayed for one in ran] == [False, True]
    assert ran[0].value == ran[1].value
    assert (ran[0].value.tick_at, ran[0].value.outcome) == (None, "accepted")
    assert (await diary.now(schedule)).next_at == MORNING
    assert await diary.count("messages") == 1


async def test_the_database_refuses_a_second_run_of_a_tick(diary: Diary) -> None:
    schedule = await diary.make()
    insert = (
        f"INSERT INTO schedule_runs (schedule_id, tick_at, fired_at, outcome) VALUES ({schedule.id}, 'today', now(), "
    )
    await diary.execute(insert + "'accepted')")
    with pytest.raises(Exception, match="schedule_runs_once"):
        await diary.execute(insert + "'accepted')")


async def test_the_next_ticks_are_told_where_clocks_are_put_forward(diary: Diary) -> None:
    schedule = await diary.make(cron="30 2 28-30 3 *", timezone="Europe/Berlin")

    shown = [tick.isoformat(timespec="minutes") for tick in diary.schedules.preview(schedule)]

    assert shown[:3] == ["2026-03-28T01:30+00:00", "2026-03-29T01:00+00:00", "2026-03-30T00:30+00:00"]
    assert len(shown) == 5
