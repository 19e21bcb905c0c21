"""The chain of the audit log: whole however many write it, and broken by whatever is changed behind its back."""

import asyncio
import hashlib
from datetime import UTC

import msgspec
import psycopg
import pytest

from tests.fakes.people import Crew, People
from turnkeeper.actions.audit import AuditActions
from turnkeeper.core.audit import ACTIONS, AuditFilter, AuditHead, head_in
from turnkeeper.core.errors import InvalidError, NotAllowedError
from turnkeeper.store import audit
from turnkeeper.store.database import Database


@pytest.fixture
def staff(crew: Crew) -> People:
    return crew.people


@pytest.fixture
def log(database: Database) -> AuditActions:
    return AuditActions(database)


async def write(database: Database, staff: People, count: int, action: str = "agent.updated") -> None:
    for number in range(count):
        async with database.transaction() as connection:
            details = {"revision": number, "ä": "“quoted” \u0001"}
            await audit.append(connection, staff.admin.actor, action, target="agt_x", details=details)


def behind_its_back(database: Database, statement: str) -> None:
    """As a superuser who knows of the trigger would do it."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        connection.execute(statement.encode())


async def written_and_undone(database: Database, staff: People) -> None:
    async with database.transaction() as connection:
        await audit.append(connection, staff.admin.actor, "agent.deleted")
        raise ZeroDivisionError


async def test_a_log_that_nobody_touched_is_whole(database: Database, staff: People, log: AuditActions) -> None:
    await write(database, staff, 5)

    found = await log.verify(staff.admin)

    assert (found.head.number, found.broken_at) == (5, None)
    assert await log.head(staff.admin) == found.head


async def test_the_log_before_its_first_entry_is_whole(staff: People, log: AuditActions) -> None:
    assert await log.verify(staff.admin) == await log.verify(staff.admin, noted=AuditHead(number=0, hash=bytes(32)))


async def test_writers_at_the_same_time_get_numbers_without_gaps(
    database: Database, staff: People, log: AuditActions
) -> None:
    await asyncio.gather(*(write(database, staff, 5) for _ in range(8)))

    entries = await log.list(staff.admin, AuditFilter(limit=100))

    assert [entry.number for entry in entries] == list(range(40, 0, -1))
    assert sorted(entry.at for entry in entries) == [entry.at for entry in reversed(entries)]
    assert (await log.verify(staff.admin)).broken_at is None


async def test_a_change_that_is_rolled_back_leaves_no_entry(
    database: Database, staff: People, log: AuditActions
) -> None:
    await write(database, staff, 1)
    with pytest.raises(ZeroDivisionError):
        await written_and_undone(database, staff)

    await write(database, staff, 1)

    assert [entry.number for entry in await log.list(staff.admin, AuditFilter(limit=10))] == [2, 1]
    assert (await log.verify(staff.admin)).broken_at is None


async def test_an_entry_outside_of_a_transaction_is_a_bug(database: Database, staff: People) -> None:
    async with database.connection() as connection:
        with pytest.raises(AssertionError):
            await audit.append(connection, staff.admin.actor, "agent.deleted")


async def test_organizations_have_chains_of_their_own(database: Database, staff: People, log: AuditActions) -> None:
    await write(database, staff, 2)

    assert await log.list(staff.outsider, AuditFilter(limit=10)) == []
    assert (await log.head(staff.outsider)).number == 0


async def test_members_see_nothing_of_it(staff: People, log: AuditActions) -> None:
    for reading in (log.head(staff.member), log.verify(staff.member), log.list(staff.member, AuditFilter(limit=1))):
        with pytest.raises(NotAllowedError):
            await reading


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
)
async def test_the_database_refuses_to_change_entries(database: Database, staff: People, statement: str) -> None:
    await write(database, staff, 1)

    with (
        psycopg.connect(database.url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="never changed"),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entries SET action = 'agent.created' WHERE number = 3", 3),
        ("UPDATE audit_entries SET details = '{\"revision\": 2}' WHERE number = 3", 3),
        ("UPDATE audit_entries SET at = at - interval '1 microsecond' WHERE number = 3", 3),
        ("UPDATE audit_entries SET account = NULL WHERE number = 3", 3),
        ("UPDATE audit_entries SET target = 'agt_y' WHERE number = 3", 3),
        ("UPDATE audit_entries SET request_id = 'other' WHERE number = 3", 3),
        ("UPDATE audit_entries SET origin = 'server' WHERE number = 3", 3),
        ("UPDATE audit_entries SET hash = sha256('x') WHERE number = 3", 3),
        ("DELETE FROM audit_entries WHERE number = 3", 3),
        ("DELETE FROM audit_entries WHERE number = 1", 1),
        ("DELETE FROM audit_entries WHERE number >= 4", 4),
        ("DELETE FROM audit_entries", 1),
        (
            "DELETE FROM audit_entries WHERE number = 3; UPDATE audit_entries SET number = 3 WHERE number = 4",
            3,
        ),
    ],
)
async def test_the_walk_says_where_the_chain_breaks(
    database: Database, staff: People, log: AuditActions, statement: str, broken_at: int
) -> None:
    await write(database, staff, 5)
    behind_its_back(database, statement)

    found = await log.verify(staff.admin)

    assert (found.broken_at, found.head.number) == (broken_at, broken_at - 1)
    assert found.why


async def test_a_tail_that_was_cut_off_with_its_head_shows_against_a_noted_head(
    database: Database, staff: People, log: AuditActions
) -> None:
    await write(database, staff, 5)
    noted = await log.head(staff.admin)
    behind_its_back(
        database,
        "DELETE FROM audit_entries WHERE number > 3; UPDATE audit_heads SET (number, hash) ="
        " (SELECT number, hash FROM audit_entries ORDER BY number DESC LIMIT 1)",
    )

    assert (await log.verify(staff.admin)).broken_at is None
    assert (await log.verify(staff.admin, noted=noted)).broken_at == 4


async def test_a_log_that_was_written_anew_shows_against_a_noted_head(
    database: Database, staff: People, log: AuditActions
) -> None:
    await write(database, staff, 3)
    noted = await log.head(staff.admin)
    behind_its_back(database, "DELETE FROM audit_entries; DELETE FROM audit_heads")
    await write(database, staff, 4)

    assert (await log.verify(staff.admin)).broken_at is None
    assert (await log.verify(staff.admin, noted=noted)).broken_at == 3


async def test_a_noted_head_still_holds_when_more_was_written(
    database: Database, staff: People, log: AuditActions
) -> None:
    await write(database, staff, 2)
    noted = await log.head(staff.admin)
    await write(database, staff, 2)

    assert await log.verify(staff.admin, noted=head_in(str(noted))) == await log.verify(staff.admin)


async def test_the_walk_tells_how_far_it_is(database: Database, staff: People, log: AuditActions) -> None:
    await write(database, staff, 1)
    told: list[tuple[int, int]] = []

    await log.verify(staff.admin, progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 1)]


async def test_the_hash_is_what_the_description_says(database: Database, staff: People, log: AuditActions) -> None:
    await write(database, staff, 2)
    (entry,) = await log.list(staff.admin, AuditFilter(limit=1))
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT public_id FROM organizations WHERE name = 'Acme'")).fetchone()
    assert row is not None

    said = [
        entry.previous.hex(),
        str(row[0]),
        2,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "key",
        str(entry.account),
        None,
        "agent.updated",
        "agent",
        "agt_x",
        {"revision": 1, "ä": "“quoted” \u0001"},
        None,
    ]

    assert entry.hash == hashlib.sha256(msgspec.json.encode(said)).digest()


def test_what_is_no_head_is_refused() -> None:
    for text in ("", "7", "7:abc", f"-1:{'0' * 64}", f"x:{'0' * 64}"):
        with pytest.raises(InvalidError):
            head_in(text)


def test_every_action_is_named_for_its_target() -> None:
    assert all(name.count(".") == 1 and sentence.endswith(".") for name, sentence in ACTIONS.items())
