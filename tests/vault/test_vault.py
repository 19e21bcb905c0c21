"""The vault: what goes in comes out for models and tools only, and only with the key, in its own place."""

import asyncio
import base64
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fakes.people import Crew, People
from tests.fakes.rooms import running
from tests.patience import PATIENCE
from turnkeeper.actions.vault import VaultActions, VaultSecrets
from turnkeeper.agents.secrets import Secrets
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusedError
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices
from turnkeeper.store.vault_keys import VaultKeys

VALUE = "sk-live-51H8 ß €"


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


class Office:
    """A database with people; vaults over it, each as a process of its own would have it."""

    def __init__(self, database: Database, made: People, folder: Path) -> None:
        self.database = database
        self.people = made
        self.file = folder / "data" / "vault.key"

    def keys(self, key: str | None = None, *old: str) -> VaultKeys:
        """Without a key, those of the file."""
        return VaultKeys(key=key, old_keys=old, key_file=None if key else self.file)

    def actions(self, keys: VaultKeys | None = None) -> VaultActions:
        return VaultActions(self.database, keys or self.keys())

    def reader(self, keys: VaultKeys | None = None) -> Secrets:
        return VaultSecrets(self.database, keys or self.keys(), Notices(self.database))

    async def read(self, name: str, keys: VaultKeys | None = None) -> str | None:
        """As a process that remembers nothing."""
        return await self.reader(keys).secret(self.people.admin.organization_id, name)

    async def run(self, query: str) -> list[tuple[object, ...]]:
        async with self.database.connection() as connection:
            cursor = await connection.execute(query.encode())
            return list(await cursor.fetchall())


@pytest.fixture
def office(database: Database, crew: Crew, tmp_path: Path) -> Office:
    return Office(database, crew.people, tmp_path)


async def test_a_secret_is_read_by_its_organization_only(office: Office) -> None:
    await office.actions().set(office.people.admin, name="TOKEN", value=VALUE)
    assert await office.read("TOKEN") == VALUE
    assert await office.read("OTHER") is None
    assert await office.reader().secret(office.people.outsider.organization_id, "TOKEN") is None


async def test_a_new_value_takes_the_place_of_the_old_one(office: Office) -> None:
    actions, admin = office.actions(), office.people.admin
    await actions.set(admin, name="TOKEN", value="first")
    await actions.set(admin, name="TOKEN", value="second")
    assert await office.read("TOKEN") == "second"
    assert len(await actions.list(admin)) == 1
    await actions.delete(admin, name="TOKEN")
    assert await office.read("TOKEN") is None
    with pytest.raises(NotFoundError):
        await actions.delete(admin, name="TOKEN")


async def test_the_list_tells_names_times_and_who_and_no_value(office: Office) -> None:
    actions, admin = office.actions(), office.people.admin
    for name in ("B", "A_1"):
        await actions.set(admin, name=name, value=VALUE)
    found = await actions.list(admin)
    assert [(secret.name, secret.set_by) for secret in found] == [
        ("A_1", f"admin of {admin.organization_id}"),
        ("B", f"admin of {admin.organization_id}"),
    ]
    assert VALUE not in repr(found)
    assert await actions.list(office.people.outsider) == []


async def test_the_database_holds_neither_value_nor_key(office: Office) -> None:
    await office.actions().set(office.people.admin, name="TOKEN", value=VALUE)
    await office.actions().set(office.people.admin, name="TWIN", value=VALUE)
    (row, twin) = await office.run("SELECT secrets::text, nonce, ciphertext FROM secrets")
    key = base64.b64decode(office.file.read_text())
    for what in (VALUE.encode(), key):
        assert what.hex() not in str(row[0])
    assert row[1] != twin[1]
    assert row[2] != twin[2]


@pytest.mark.parametrize("name", ["", "token", "A B", "A-B", "Ä", "A\n", "A" * 101, "A\0"])
async def test_a_bad_name_is_refused(office: Office, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await office.actions().set(office.people.admin, name=name, value="x")
    assert caught.value.field == "name"


@pytest.mark.parametrize("value", ["", " \n", "x" * 16_385, "é" * 8_193, "\ud800"])
async def test_a_bad_value_is_refused_and_not_shown(office: Office, value: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await office.actions().set(office.people.admin, name="TOKEN", value=value)
    assert caught.value.field == "value"
    assert not value.strip() or value not in caught.value.message


async def test_the_longest_value_and_several_lines_are_kept(office: Office) -> None:
    value = "-----BEGIN-----\n" + "é" * 8_184
    assert len(value.encode()) == 16_384
    await office.actions().set(office.people.admin, name="A" * 100, value=value)
    assert await office.read("A" * 100) == value


CHANGES: dict[str, Callable[[VaultActions, Caller], Awaitable[object]]] = {
    "set": lambda actions, caller: actions.set(caller, name="TOKEN", value="x"),
    "list": lambda actions, caller: actions.list(caller),
    "delete": lambda actions, caller: actions.delete(caller, name="TOKEN"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_only_admins_may(office: Office, change: Callable[[VaultActions, Caller], Awaitable[object]]) -> None:
    with pytest.raises(NotAllowedError):
        await change(office.actions(), office.people.member)


async def test_there_is_an_end_to_secrets(office: Office) -> None:
    await office.actions().set(office.people.admin, name="FIRST", value="x")
    await office.run(
        "INSERT INTO secrets (organization_id, name, key_id, nonce, ciphertext)"
        " SELECT organization_id, 'S' || n, key_id, nonce, ciphertext FROM secrets, generate_series(1, 999) n"
    )
    await office.actions().set(office.people.admin, name="FIRST", value="another")
    with pytest.raises(ConflictError):
        await office.actions().set(office.people.admin, name="ONE_MORE", value="x")


@pytest.mark.parametrize(
    "swap",
    [
        "UPDATE secrets a SET ciphertext = b.ciphertext, nonce = b.nonce FROM secrets b WHERE a.name = 'A' AND b.name = 'B'",
        "UPDATE secrets SET organization_id = (SELECT max(id) FROM organizations) WHERE name = 'A'",
        "UPDATE secrets SET ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1) WHERE name = 'A'",
        "UPDATE secrets SET ciphertext = substring(ciphertext FROM 1 FOR 3) WHERE name = 'A'",
    ],
    ids=["another secret's", "another organization's", "a bit", "cut"],
)
async def test_what_was_moved_or_damaged_in_the_database_is_not_opened(office: Office, swap: str) -> None:
    for name in ("A", "B"):
        await office.actions().set(office.people.admin, name=name, value=f"value of {name}")
    await office.run(swap)
    (row,) = await office.run("SELECT organization_id FROM secrets WHERE name = 'A'")
    with pytest.raises(RefusedError, match=r"'A' was damaged or moved .* turnkeeper vault set A"):
        await office.reader().secret(int(str(row[0])), "A")
    state = await office.actions().state()
    assert (state.secrets, len(state.trouble)) == (2, 1)


async def test_the_key_file_is_the_owners_alone_and_made_once(office: Office) -> None:
    assert await office.read("TOKEN") is None
    assert (await office.actions().state()).trouble == []
    assert not office.file.exists()
    await asyncio.gather(
        *(office.actions().set(office.people.admin, name=f"TOKEN_{n}", value=f"value {n}") for n in range(8))
    )
    assert [await office.read(f"TOKEN_{n}") for n in range(8)] == [f"value {n}" for n in range(8)]
    assert stat.S_IMODE(office.file.stat().st_mode) == 0o600
    assert [each.name for each in office.file.parent.iterdir()] == ["vault.key"]


@pytest.mark.parametrize("content", ["", "no key\n", "AAAA\n", "\xff"])
async def test_a_damaged_key_file_is_told_and_left_alone(office: Office, content: str) -> None:
    office.file.parent.mkdir()
    office.file.write_text(content, "latin-1")
    with pytest.raises(RefusedError, match=r"vault\.key.* is damaged|cannot be read"):
        await office.actions().set(office.people.admin, name="TOKEN", value="x")
    assert office.file.read_text("latin-1") == content


async def test_without_its_key_a_secret_stays_shut_and_one_sentence_says_so(office: Office) -> None:
    await office.actions().set(office.people.admin, name="TOKEN", value="x")
    office.file.unlink()
    for keys in (office.keys(), office.keys(new_key())):
        with pytest.raises(RefusedError, match="which this server does not have") as caught:
            await office.read("TOKEN", keys)
        assert (await office.actions(keys).state()).trouble == [caught.value.message]


async def test_without_any_key_nothing_is_kept(office: Office) -> None:
    keys = VaultKeys(key=None, old_keys=(), key_file=None)
    with pytest.raises(RefusedError, match="TURNKEEPER_VAULT_KEY"):
        await office.actions(keys).set(office.people.admin, name="TOKEN", value="x")
    assert await office.run("SELECT 1 FROM secrets") == []


async def test_a_rotation_with_keys_of_the_operator(office: Office) -> None:
    old, new = new_key(), new_key()
    await office.actions(office.keys(old)).set(office.people.admin, name="TOKEN", value=VALUE)
    with pytest.raises(RefusedError, match="does not have"):
        await office.actions(office.keys(new)).rotate()
    both = office.keys(new, old)
    assert await office.read("TOKEN", both) == VALUE
    (before,) = await office.actions(both).list(office.people.admin)

    assert await office.actions(both).rotate() == 1

    assert await office.read("TOKEN", office.keys(new)) == VALUE
    assert await office.actions(both).rotate() == 0
    assert await office.actions(both).list(office.people.admin) == [before]


async def test_a_rotation_that_fails_changes_nothing(office: Office) -> None:
    old, lost, new = new_key(), new_key(), new_key()
    await office.actions(office.keys(old)).set(office.people.admin, name="A", value=VALUE)
    await office.actions(office.keys(lost)).set(office.people.outsider, name="B", value=VALUE)
    with pytest.raises(RefusedError, match="'B'"):
        await office.actions(office.keys(new, old)).rotate()
    assert await office.read("A", office.keys(old)) == VALUE


async def test_a_rotation_of_the_key_file_is_noticed_by_who_runs(office: Office) -> None:
    running = office.keys()
    await office.actions(running).set(office.people.admin, name="TOKEN", value=VALUE)
    before = office.file.read_text()

    assert await office.actions().rotate() == 1

    assert len(office.file.read_text().split()) == 1
    assert office.file.read_text() != before
    assert stat.S_IMODE(office.file.stat().st_mode) == 0o600
    assert await office.read("TOKEN", running) == VALUE
    await office.actions(running).set(office.people.admin, name="LATER", value="x")
    assert await office.read("LATER") == "x"


async def test_secrets_set_while_the_key_changes_can_all_be_read(office: Office) -> None:
    admin = office.people.admin
    await office.actions().set(admin, name="FIRST", value="x")
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(
            *(office.actions().set(admin, name=f"TOKEN_{n}", value=f"value {n}") for n in range(10)),
            *(office.actions().rotate() for _ in range(3)),
        )
    assert [await office.read(f"TOKEN_{n}") for n in range(10)] == [f"value {n}" for n in range(10)]
    assert (await office.actions().state()).trouble == []


async def test_from_the_key_file_to_a_key_of_ones_own(office: Office) -> None:
    await office.actions().set(office.people.admin, name="TOKEN", value=VALUE)
    key = new_key()
    moved = VaultKeys(key=key, old_keys=(), key_file=office.file)
    assert await office.read("TOKEN", moved) == VALUE
    assert await office.actions(moved).rotate() == 1
    assert await office.read("TOKEN", office.keys(key)) == VALUE


async def test_a_value_is_remembered_until_a_process_changes_it(office: Office) -> None:
    admin, notices = office.people.admin, Notices(office.database)
    reader = VaultSecrets(office.database, office.keys(), notices)
    await office.actions().set(admin, name="TOKEN", value="first")
    async with asyncio.timeout(PATIENCE), running(notices.run()):
        assert await reader.secret(admin.organization_id, "TOKEN") == "first"
        await office.actions().set(admin, name="TOKEN", value="second")
        while await reader.secret(admin.organization_id, "TOKEN") == "first":
            await office.run("SELECT 1")
        await office.actions().delete(admin, name="TOKEN")
        while await reader.secret(admin.organization_id, "TOKEN") is not None:
            await office.run("SELECT 1")


async def test_a_remembered_value_is_not_looked_up_again(office: Office) -> None:
    reader = office.reader()
    await office.actions().set(office.people.admin, name="TOKEN", value="first")
    assert await reader.secret(office.people.admin.organization_id, "TOKEN") == "first"
    await office.run("DELETE FROM secrets")
    assert await reader.secret(office.people.admin.organization_id, "TOKEN") == "first"
