"""The audit log at the native door: what leaves an entry, and how entries are read."""

import re
from collections.abc import Mapping

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.doors.described import routes_of
from tests.dialects.native.audited import PERSON, STEPS, Does
from tests.dialects.native.client import ASKS, Answer, Native, Shop
from tests.dialects.native.data_client import DataClient
from tests.dialects.native.file_client import uploaded
from tests.retrieval.sources import page

_MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_AUDITED_SCOPES = frozenset({"admin", "manage_agents", "manage_data"})
_DECIDES = frozenset({"decideApproval", "createKey", "changeKey", "revokeKey", "rotateKey", "changeOwnPassword"})
NOT_AUDITED: Mapping[str, str] = {
    "forgetRating": "takes back an opinion of one's own",
    "testMcpServer": "asks a server for the names of its tools, and calls none",
}
"""Operations that delete and leave no entry, and why."""


class Actor(msgspec.Struct):
    origin: str
    account_id: str | None
    account_name: str | None
    key_id: str | None


class Target(msgspec.Struct):
    kind: str
    id: str | None


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    number: int
    at: str
    actor: Actor
    action: str
    target: Target
    details: dict[str, object]
    request_id: str | None
    previous_hash: str
    hash: str


class Entries(msgspec.Struct):
    items: list[Entry]
    has_more: bool
    next_cursor: str | None


class Count(msgspec.Struct):
    reason: str
    count: int


class Counts(msgspec.Struct):
    items: list[Count]


class Head(msgspec.Struct):
    number: int
    hash: str
    head: str


ELSEWHERE = frozenset({"changeOwnPassword", "signOut", "endSession"})
"""Operations that need more than a step here: a password of one's own has a test below, sessions have theirs beside them."""


async def entries_of(native: Native, query: str = "") -> list[Entry]:
    answer = await native.get(f"/audit{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Entries).items


async def known_things(stage: Stage, shop: Shop) -> dict[str, str]:
    """An approval that waits, in a conversation of the admin's; a document, and a file."""
    admin = Native(stage, stage.keys.admin)
    stage.model.will(ASKS)
    async with shop.working():
        message = await shop.parked(admin, await shop.ask(stage.keys.admin))
    staff = stage.people
    await stage.turnkeeper.actions.data_sets.import_sources(
        staff.admin, staff.data_set_id, [page("lamp.md", "Lamp", "It blinks.")]
    )
    (document,) = (await DataClient(admin).page("/documents")).items
    return {
        "approval": message.waits_for[0],
        "conversation": message.conversation_id,
        "document": document.id,
        "file": (await uploaded(admin)).id,
    }


async def done(native: Native, step: Does, known: dict[str, str]) -> Answer:
    """Do it; the ids that it gives are kept in `known`."""
    path = re.sub(r"{(\w+)}", lambda name: known[name[1]], step.path)
    data = step.form or (b"" if step.body is None else msgspec.json.encode(step.body))
    if b"{person}" in data:
        data = data.replace(b"{person}", known["person"].encode())
    kind = "application/json" if step.form is None else "multipart/form-data; boundary=b"
    answer = await native.ask(step.method, path, data=data or None, headers={"Content-Type": kind})
    assert answer.status < 300, (step.name, answer.body)
    for name, place in step.keep.items():
        known[name] = _member(answer.body, place)
    return answer


def _member(body: bytes, name: str) -> str:
    found = msgspec.json.decode(body, type=dict[str, object])[name]
    assert isinstance(found, str)
    return found


@pytest.mark.requirement("native.audit.entries")
async def test_no_operation_that_must_leave_an_entry_is_forgotten(stage: Stage) -> None:
    must = {
        route.operation.id
        for route in await routes_of(stage, "native")
        if route.method in _MUTATING
        and (route.operation.scopes & _AUDITED_SCOPES or route.method == "DELETE" or route.operation.id in _DECIDES)
    }

    assert must - NOT_AUDITED.keys() - ELSEWHERE == {step.name for step in STEPS}


@pytest.mark.requirement("native.audit.entries")
async def test_every_operation_that_must_leaves_its_entry(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.execute("UPDATE accounts SET is_operator = true")
    known = await known_things(stage, shop)
    for step in STEPS:
        before = len(await entries_of(admin, "?limit=100"))

        answer = await done(admin, step, known)

        entries = (await entries_of(admin, "?limit=100"))[: -before or None]
        assert {entry.action for entry in entries} == set(step.actions), step.name
        for entry in entries:
            assert entry.request_id == answer.headers["X-Request-Id"]
            assert entry.actor.origin == "key"
            assert entry.actor.account_id
            assert entry.actor.key_id
    verified = await stage.turnkeeper.actions.audit.verify(stage.people.admin)
    assert (verified.broken_at, verified.head.number) == (None, (await entries_of(admin))[0].number)


@pytest.mark.requirement("native.audit.entries")
async def test_a_request_that_is_repeated_or_refused_leaves_no_entry_more(admin: Native) -> None:
    before = await entries_of(admin)
    body = {"name": "once"}
    made = await admin.post("/keys", body, Idempotency_Key="one")
    await admin.post("/keys", body, Idempotency_Key="one")
    await admin.post("/keys", {"name": ""})

    (entry,) = [entry for entry in await entries_of(admin) if entry not in before]

    assert entry.target.id == _member(made.body, "id")


@pytest.mark.requirement("native.audit.entries")
async def test_a_person_who_changes_his_password_leaves_an_entry(stage: Stage, admin: Native) -> None:
    known: dict[str, str] = {}
    (person,) = [step for step in STEPS if step.name == "createMember"]
    await done(admin, person, known)
    made = await admin.post("/keys", {"name": "his", "account_id": known["person"], "scopes": ["read", "converse"]})
    own = Native(stage, _member(made.body, "secret"))

    passwords = {"current_password": PERSON["password"], "new_password": "a third horse battery"}
    answer = await own.post("/me/password", passwords)

    assert answer.status == 204, answer.body
    entry = (await entries_of(admin))[0]
    assert (entry.action, entry.target.id) == ("member.password_changed", known["person"])
    assert entry.actor.account_id == known["person"]


@pytest.mark.requirement("native.audit.list")
async def test_the_log_is_filtered_and_comes_in_pages(admin: Native) -> None:
    for name in ("a", "b", "c"):
        await admin.post("/keys", {"name": name})
    newest = (await entries_of(admin, "?action=key.created"))[0]

    first = msgspec.json.decode((await admin.get("/audit?action=key.created&limit=2")).body, type=Entries)
    rest = await entries_of(admin, f"?action=key.created&limit=2&cursor={first.next_cursor}")

    assert first.has_more
    numbers = [entry.number for entry in (*first.items, *rest)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert await entries_of(admin, f"?target={newest.target.id}") == [newest]
    assert await entries_of(admin, f"?to={newest.at}&from={newest.at}") == []
    assert newest in await entries_of(admin, f"?account={newest.actor.account_id}")
    assert await entries_of(admin, "?account=acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A") == []


@pytest.mark.requirement("native.audit.list")
async def test_the_exports_have_what_the_list_has(admin: Native) -> None:
    for name in ("a", "b"):
        await admin.post("/keys", {"name": name})
    listed = await entries_of(admin)

    lines = await admin.get("/audit/export")
    table = await admin.get("/audit/export?format=csv&action=key.created")

    assert lines.headers["Content-Type"].startswith("application/x-ndjson")
    assert [msgspec.json.decode(line, type=Entry) for line in lines.body.splitlines()] == listed[::-1]
    assert table.headers["Content-Type"].startswith("text/csv")
    rows = table.body.decode().split("\r\n")
    assert rows[0].startswith("number,at,origin,account_id,account_name,key_id,action,")
    assert len(rows) == 2 + sum(entry.action == "key.created" for entry in listed)
    assert all(entry.hash in table.body.decode() for entry in listed if entry.action == "key.created")


@pytest.mark.requirement("native.audit.list")
async def test_the_head_is_that_of_the_newest_entry(admin: Native) -> None:
    await admin.post("/keys", {"name": "a"})

    head = msgspec.json.decode((await admin.get("/audit/head")).body, type=Head)

    newest = (await entries_of(admin))[0]
    assert head == Head(number=newest.number, hash=newest.hash, head=f"{newest.number}:{newest.hash}")


@pytest.mark.requirement("native.audit.list")
@pytest.mark.parametrize("path", ["/audit", "/audit/export", "/audit/head", "/audit/failed-sign-ins"])
async def test_only_admins_read_the_log(member: Native, path: str) -> None:
    assert (await member.get(path)).status == 403


@pytest.mark.requirement("native.audit.list")
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?action=key.eaten", "action"),
        ("?account=x", "account"),
        ("?target=", "target"),
        ("?from=yesterday", "from"),
        ("?limit=101", "limit"),
        ("?cursor=x", "cursor"),
        ("?x=1", "x"),
    ],
)
async def test_bad_filters_are_named(admin: Native, query: str, parameter: str) -> None:
    problem = (await admin.get(f"/audit{query}")).problem

    assert (problem.status, [fault.parameter for fault in problem.errors]) == (400, [parameter])


@pytest.mark.requirement("native.audit.sign-ins")
async def test_keys_that_are_no_good_are_counted_and_leave_no_entry(stage: Stage, admin: Native) -> None:
    made = await admin.post("/keys", {"name": "gone"})
    await admin.delete(f"/keys/{_member(made.body, 'id')}")
    before = await entries_of(admin)
    gone = Native(stage, _member(made.body, "secret"))
    for _ in range(3):
        assert (await gone.get("/me")).status == 401

    await stage.turnkeeper.actions.signin.note_use()

    assert await entries_of(admin) == before
    counted = msgspec.json.decode((await admin.get("/audit/failed-sign-ins")).body, type=Counts)
    assert [(row.reason, row.count) for row in counted.items] == [("revoked", 3)]


class Walked(msgspec.Struct):
    holds: bool
    head: str
    entries: int
    broken_at: int | None
    why: str | None


@pytest.mark.requirement("native.audit.list")
async def test_the_log_is_walked_and_a_change_in_it_is_found(stage: Stage, admin: Native, member: Native) -> None:
    await admin.post("/keys", {"name": "one"})
    whole = msgspec.json.decode((await admin.get("/audit/verify")).body, type=Walked)
    assert (whole.holds, whole.broken_at) == (True, None)
    await admin.post("/keys", {"name": "two"})
    assert msgspec.json.decode((await admin.get(f"/audit/verify?head={whole.head}")).body, type=Walked).holds
    assert (await admin.get("/audit/verify?head=1:x")).status == 400
    assert (await member.get("/audit/verify")).status == 403

    other = f"{whole.entries}:{'0' * 64}"
    replaced = msgspec.json.decode((await admin.get(f"/audit/verify?head={other}")).body, type=Walked)

    assert (replaced.holds, replaced.broken_at) == (False, whole.entries)
    assert replaced.why is not None
