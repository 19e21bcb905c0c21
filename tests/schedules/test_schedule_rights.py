"""Who sees and changes which schedules, and what a schedule may say."""

from dataclasses import replace

import pytest

from tests.schedules.conftest import EVERY_MORNING, Diary
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.core.schedules import MOST_SCHEDULES


async def test_admins_see_all_schedules_of_the_organization_and_others_their_own(diary: Diary) -> None:
    staff = diary.staff
    its_own, others = await diary.make(caller=staff.member), await diary.make()

    assert [one.id for one in await diary.schedules.list(staff.admin)] == [others.id, its_own.id]
    assert [one.id for one in await diary.schedules.list(staff.member)] == [its_own.id]
    assert list(await diary.schedules.list(staff.outsider)) == []
    assert [one.id for one in await diary.schedules.list(staff.admin, before=others.id, limit=1)] == [its_own.id]
    for caller, schedule in ((staff.member, others), (staff.outsider, its_own)):
        for ask in (
            diary.schedules.get(caller, schedule=schedule.public_id),
            diary.schedules.pause(caller, schedule=schedule.public_id),
            diary.schedules.resume(caller, schedule=schedule.public_id),
            diary.schedules.run(caller, schedule=schedule.public_id),
            diary.schedules.runs(caller, schedule=schedule.public_id),
            diary.schedules.delete(caller, schedule=schedule.public_id),
            diary.schedules.change(caller, schedule=schedule.public_id, change=lambda new: new),
        ):
            with pytest.raises(NotFoundError):
                await ask
    await diary.schedules.delete(staff.admin, schedule=its_own.public_id)
    with pytest.raises(NotFoundError):
        await diary.now(its_own)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agent", "nobody"),
        ("agent", "closed"),
        ("cron", "* * *"),
        ("timezone", "Nowhere"),
        ("text", "  "),
        ("text", "a\x00b"),
        ("name", ""),
        ("name", "n" * 201),
    ],
)
async def test_what_cannot_be_scheduled_is_refused(diary: Diary, field: str, value: str) -> None:
    wanted = replace(EVERY_MORNING, **{field: value})  # pyright: ignore[reportArgumentType] - each is a text
    with pytest.raises(InvalidError) as refused:
        await diary.schedules.create(diary.staff.member, wanted)
    assert refused.value.field == field
    assert await diary.count("schedules") == 0


async def test_a_repeated_request_makes_one_schedule_and_its_key_shows_it_to_nobody_else(diary: Diary) -> None:
    key = IdempotencyKey(route="POST /schedules", key="k", fingerprint=b"same")
    made = [await diary.schedules.create(diary.staff.admin, EVERY_MORNING, key=key) for _ in range(2)]
    with pytest.raises(NotFoundError):
        await diary.schedules.create(diary.staff.member, EVERY_MORNING, key=key)

    assert [one.replayed for one in made] == [False, True]
    assert made[0].value == made[1].value
    assert await diary.count("schedules") == 1
    assert await diary.count("procrastinate_jobs WHERE task_name = 'fire'") == 1


async def test_an_organization_has_no_more_schedules_than_allowed(diary: Diary) -> None:
    schedule = await diary.make()
    columns = "organization_id, account_id, agent_id, name, cron, timezone, text, mode, keeps_conversation, next_at"
    await diary.execute(
        f"INSERT INTO schedules (public_id, {columns}) SELECT gen_random_uuid(), {columns} FROM schedules,"
        f" generate_series(2, {MOST_SCHEDULES}) WHERE id = {schedule.id}"
    )
    with pytest.raises(ConflictError) as refused:
        await diary.make()
    assert refused.value.code == "too_many_schedules"
