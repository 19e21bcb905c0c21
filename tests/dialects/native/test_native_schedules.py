"""Schedules over HTTP, with the real worker."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Answer, Native
from tests.patience import PATIENCE

REPORT = {
    "name": "Report",
    "agent": "helper",
    "cron": "30 8 * * mon-fri",
    "timezone": "Europe/Berlin",
    "text": "What is new?",
}


class Schedule(msgspec.Struct):
    id: str
    name: str
    next_at: str | None
    paused_reason: str | None
    conversation: str
    next_ticks: list[str] = []


class Ticks(msgspec.Struct):
    next_ticks: list[str]


class Run(msgspec.Struct):
    tick_at: str | None
    outcome: str
    message_id: str | None


class Runs(msgspec.Struct):
    items: list[Run]


@pytest.mark.requirement("native.schedules.life")
async def test_a_schedule_is_made_changed_paused_resumed_and_deleted(stage: Stage) -> None:
    admin = Native(stage, stage.keys.admin)
    made = await admin.post("/schedules", REPORT, Idempotency_Key="k")
    again = await admin.post("/schedules", REPORT, Idempotency_Key="k")
    schedule = _schedule(made, 201)
    place = f"/schedules/{schedule.id}"
    changed = _schedule(await admin.patch(place, {"name": "Daily", "cron": "@daily", "conversation": "one"}))
    paused = _schedule(await admin.post(f"{place}/pause"))
    resumed = _schedule(await admin.post(f"{place}/resume", {}))
    listed = await admin.get("/schedules?limit=1")
    seen = _schedule(await admin.get(place))
    gone = await admin.delete(place)

    assert made.headers["Location"] == f"/v1{place}"
    assert made.steady() == snapshot(
        {
            "id": "sch-1",
            "name": "Report",
            "agent": "helper",
            "account_id": "acc-1",
            "cron": "30 8 * * mon-fri",
            "timezone": "Europe/Berlin",
            "text": "What is new?",
            "mode": "execute",
            "conversation": "new",
            "conversation_id": None,
            "paused_reason": None,
            "next_at": "time",
            "next_ticks": ["time", "time", "time", "time", "time"],
            "created_at": "time",
            "updated_at": "time",
        }
    )
    assert (again.body, again.headers["Idempotency-Replayed"]) == (made.body, "true")
    assert len(schedule.next_ticks) == 5
    assert (changed.name, changed.conversation) == ("Daily", "one")
    assert changed.next_at != schedule.next_at
    assert (paused.next_at, paused.paused_reason, paused.next_ticks) == (None, "asked", [])
    assert resumed.next_at == changed.next_at == seen.next_ticks[0]
    assert schedule.id.encode() in listed.body
    assert (gone.status, gone.body) == (204, b"")
    assert (await admin.get(place)).status == 404


@pytest.mark.requirement("native.schedules.fires")
async def test_a_tick_sends_its_message_and_so_does_asking_for_a_run(stage: Stage) -> None:
    admin = Native(stage, stage.keys.admin)
    schedule = _schedule(await admin.post("/schedules", {**REPORT, "cron": "@hourly", "conversation": "one"}), 201)
    ran = await admin.post(f"/schedules/{schedule.id}/run", Idempotency_Key="k")
    again = await admin.post(f"/schedules/{schedule.id}/run", Idempotency_Key="k")
    too_soon = await admin.post(f"/schedules/{schedule.id}/run")
    async with stage.working():
        message = msgspec.json.decode(ran.body, type=Run).message_id
        assert message is not None
        first = await admin.finished(message)
        stage.execute(
            "UPDATE schedules SET next_at = next_at - interval '1 hour';"
            "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '1 hour', args = jsonb_set(args, '{due}',"
            " (SELECT to_jsonb(next_at) FROM schedules)) WHERE task_name = 'fire'"
        )
        runs = await _runs(admin, schedule.id, count=2)
        second = await admin.finished(runs[0].message_id or "")

    assert (ran.status, ran.headers["Location"]) == (202, f"/v1/messages/{message}")
    assert (again.body, again.headers["Idempotency-Replayed"]) == (ran.body, "true")
    assert (too_soon.status, too_soon.problem.code) == (409, "not_answered")
    assert [(run.outcome, run.tick_at is None) for run in runs] == [("accepted", False), ("accepted", True)]
    assert (first.status, second.status) == ("completed", "completed")
    assert first.conversation_id == second.conversation_id


@pytest.mark.requirement("native.schedules.ticks")
async def test_the_next_ticks_of_a_line_are_told_before_there_is_a_schedule(stage: Stage) -> None:
    reader = Native(stage, stage.keys.admin)
    told = await reader.get("/schedules/ticks?cron=0%209%20*%20*%20mon&timezone=Europe/Berlin")
    wrong = await reader.get("/schedules/ticks?cron=8%20in%20the%20morning&timezone=Berlin&x=1")
    nothing = await reader.get("/schedules/ticks")

    ticks = [datetime.fromisoformat(tick) for tick in msgspec.json.decode(told.body, type=Ticks).next_ticks]
    local = [tick.astimezone(ZoneInfo("Europe/Berlin")) for tick in ticks]
    assert [(tick.hour, tick.minute, tick.weekday()) for tick in local] == [(9, 0, 0)] * 5
    assert datetime.now(UTC) < ticks[0] < ticks[1]
    assert (wrong.status, nothing.status) == (400, 400)
    assert {fault.parameter for fault in wrong.problem.errors} == {"cron", "timezone", "x"}
    assert [fault.code for fault in nothing.problem.errors] == ["missing"]


@pytest.mark.requirement("native.schedules.refused")
async def test_what_cannot_be_scheduled_is_refused_with_every_fault(stage: Stage) -> None:
    admin, outsider = Native(stage, stage.keys.admin), Native(stage, stage.keys.outsider)
    nothing = await admin.post("/schedules", {})
    wrong = await admin.post("/schedules", {**REPORT, "mode": "shout", "conversation": "old", "every": 5, "text": " "})
    no_line = await admin.post("/schedules", {**REPORT, "cron": "8 in the morning"})
    no_zone = await admin.post("/schedules", {**REPORT, "timezone": "Berlin"})
    no_agent = await admin.post("/schedules", {**REPORT, "agent": f"agt_{UNKNOWN}"})
    schedule = _schedule(await admin.post("/schedules", REPORT), 201)
    bad_change = await admin.patch(f"/schedules/{schedule.id}", {"cron": "* * 30 2 *", "name": None})

    assert nothing.pointers == {"/name", "/agent", "/cron", "/text"}
    assert wrong.pointers == {"/mode", "/conversation", "/every", "/text"}
    assert no_line.pointers == {"/cron"}
    assert no_zone.pointers == {"/timezone"}
    assert no_agent.pointers == {"/agent"}
    assert bad_change.pointers == {"/name"}
    assert (await admin.patch(f"/schedules/{schedule.id}", {"cron": "* * 30 2 *"})).pointers == {"/cron"}
    assert (await outsider.get(f"/schedules/{schedule.id}")).status == 404
    assert (await outsider.get(f"/schedules/{schedule.id}/runs")).status == 404


def _schedule(answer: Answer, status: int = 200) -> Schedule:
    assert answer.status == status, answer.body
    return msgspec.json.decode(answer.body, type=Schedule)


async def _runs(native: Native, schedule: str, *, count: int) -> list[Run]:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = msgspec.json.decode((await native.get(f"/schedules/{schedule}/runs")).body, type=Runs).items
            if len(found) >= count:
                return found
