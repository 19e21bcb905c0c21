"""Members and organizations: who belongs, who runs it, and who may begin another one."""

import asyncio

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native
from turnkeeper.actions.passwords import is_password
from turnkeeper.actions.tries import TRIES_OF_ONE

JSON = {"Content-Type": "application/json"}
JO = {"kind": "user", "email": "jo@example.com", "password": "correct horse"}


class Member(msgspec.Struct):
    id: str
    kind: str
    name: str
    role: str
    is_active: bool
    is_operator: bool


class Members(msgspec.Struct):
    items: list[Member]
    has_more: bool


class Secret(msgspec.Struct):
    secret: str | None


class Organization(msgspec.Struct):
    id: str
    name: str
    key: Secret | None = None


class Organizations(msgspec.Struct):
    items: list[Organization]


def member_in(answer: Answer, status: int = 200) -> Member:
    assert answer.status == status, answer.body
    return msgspec.json.decode(answer.body, type=Member)


async def change(native: Native, member: str, **changes: object) -> Answer:
    return await native.ask("PATCH", f"/members/{member}", data=msgspec.json.encode(changes), headers=JSON)


async def members(native: Native, query: str = "") -> list[Member]:
    return msgspec.json.decode((await native.get(f"/members{query}")).body, type=Members).items


@pytest.mark.requirement("native.members")
async def test_people_and_programs_are_added_and_listed(admin: Native) -> None:
    jo = member_in(await admin.post("/members", JO, Idempotency_Key="j"), 201)
    again = await admin.post("/members", {**JO, "password": "another one"}, Idempotency_Key="j")
    robot = member_in(await admin.post("/members", {"kind": "service", "name": "robot"}), 201)
    assert (jo.kind, jo.name, jo.role, jo.is_active) == ("user", "jo@example.com", "member", True)
    # What is kept of a request does not help to guess a password, so another one is the same request.
    assert (member_in(again, 201), again.headers["Idempotency-Replayed"]) == (jo, "true")
    assert [member.id for member in await members(admin)][:2] == [robot.id, jo.id]
    assert await members(admin, "?kind=user") == [jo]
    assert member_in(await admin.get(f"/members/{robot.id}")) == robot
    taken = await admin.post("/members", {**JO, "email": "JO@example.com"})
    assert (taken.status, taken.problem.code) == (409, "name_taken")


@pytest.mark.requirement("native.members")
@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/kind", "/name"]),
        ({"kind": "user"}, ["/email", "/password"]),
        ({**JO, "password": "short"}, ["/password"]),
        ({**JO, "email": "nobody"}, ["/email"]),
        ({**JO, "name": "Jo", "role": "king"}, ["/name", "/role"]),
        ({"kind": "service", "name": "r", "password": "correct horse"}, ["/password"]),
    ],
)
async def test_a_member_that_cannot_be_is_refused(admin: Native, body: object, pointers: list[str]) -> None:
    answer = await admin.post("/members", body)
    assert answer.status == 400
    assert [fault.pointer for fault in answer.problem.errors] == pointers


@pytest.mark.requirement("native.members")
async def test_the_last_admin_stays(stage: Stage, admin: Native) -> None:
    boss = next(member for member in await members(admin) if member.role == "admin")
    answers = [
        await change(admin, boss.id, role="member"),
        await change(admin, boss.id, is_active=False),
        await admin.ask("DELETE", f"/members/{boss.id}"),
    ]
    assert [(answer.status, answer.problem.code) for answer in answers] == [(409, "last_admin")] * 3
    other = member_in(await admin.post("/members", {"kind": "service", "name": "other", "role": "admin"}), 201)
    both = await asyncio.gather(*(change(admin, each, role="member") for each in (boss.id, other.id)))
    assert min(answer.status for answer in both) == 200
    assert sum(row.role == "admin" for row in await members(Native(stage, await fresh_admin(stage)))) >= 1


@pytest.mark.requirement("native.members")
async def test_who_is_shut_out_is_refused_at_once_until_let_in_again(
    stage: Stage, admin: Native, member: Native
) -> None:
    theirs = next(each for each in await members(admin) if each.role == "member")
    assert (await member.get("/me")).status == 200
    assert not member_in(await admin.ask("DELETE", f"/members/{theirs.id}")).is_active
    assert (await member.get("/me")).problem.code == "account_inactive"
    assert await members(admin, "?is_active=false") == [await shut(admin, theirs.id)]
    await change(admin, theirs.id, is_active=True)
    assert (await member.get("/me")).status == 200


@pytest.mark.requirement("native.me")
async def test_a_person_changes_the_own_password(stage: Stage, admin: Native) -> None:
    jo = member_in(await admin.post("/members", JO), 201)
    made = await admin.post("/keys", {"name": "jo", "account_id": jo.id})
    key = Native(stage, msgspec.json.decode(made.body, type=Secret).secret)
    wrong = await key.post("/me/password", {"current_password": "wrong horse", "new_password": "battery staple"})
    done = await key.post("/me/password", {"current_password": "correct horse", "new_password": "battery staple"})
    assert (wrong.status, wrong.problem.errors[0].code, done.status) == (400, "wrong_password", 204)
    async with stage.turnkeeper.rooms.database.connection() as connection:
        row = await (await connection.execute("SELECT password_hash FROM accounts WHERE kind = 'user'")).fetchone()
    assert row is not None
    assert is_password("battery staple", row[0])
    robot = await admin.post("/me/password", {"current_password": "x", "new_password": "battery staple"})
    assert robot.status == 400


@pytest.mark.requirement("native.members")
async def test_who_is_signed_in_cannot_guess_the_own_password(stage: Stage, admin: Native) -> None:
    guess = {"current_password": "wrong horse", "new_password": "battery staple"}
    answers = [await admin.post("/me/password", guess) for _ in range(TRIES_OF_ONE + 1)]
    assert [answer.status for answer in answers] == [400] * TRIES_OF_ONE + [429]
    assert answers[-1].problem.code == "rate_limited"


@pytest.mark.requirement("native.organizations")
async def test_operators_begin_organizations_that_know_nothing_of_each_other(stage: Stage, admin: Native) -> None:
    assert (await admin.post("/organizations", {"name": "Third"})).problem.code == "not_allowed"
    await make_operator(stage)
    made = await admin.post("/organizations", {"name": "Third"}, Idempotency_Key="t")
    third = organization_in(made, 201)
    again = organization_in(await admin.post("/organizations", {"name": "Third"}, Idempotency_Key="t"), 201)
    assert third.key is not None
    assert again.key is not None
    assert (again.id, again.key.secret) == (third.id, None)
    theirs = Native(stage, third.key.secret)
    assert [member.name for member in await members(theirs)] == ["operator"]
    assert (await theirs.post("/organizations", {"name": "Fourth"})).problem.code == "not_allowed"
    listed = msgspec.json.decode((await admin.get("/organizations")).body, type=Organizations)
    assert [each.name for each in listed.items] == ["Third", "Elsewhere", "Acme"]
    assert organization_in(await admin.get(f"/organizations/{third.id}")).name == "Third"
    assert (await admin.post("/organizations", {"name": "Third"})).problem.code == "name_taken"


@pytest.mark.requirement("native.organizations")
async def test_an_organization_is_renamed_by_its_admins(admin: Native, member: Native, outsider: Native) -> None:
    renamed = await admin.ask("PATCH", "/organization", data=b'{"name": "Acme & Sons"}', headers=JSON)
    assert organization_in(renamed).name == organization_in(await member.get("/organization")).name == "Acme & Sons"
    refused = await member.ask("PATCH", "/organization", data=b'{"name": "Mine"}', headers=JSON)
    taken = await admin.ask("PATCH", "/organization", data=b'{"name": "Elsewhere"}', headers=JSON)
    assert (refused.status, taken.status, taken.problem.code) == (403, 409, "name_taken")
    own = organization_in(await outsider.get("/organization"))
    assert organization_in(await outsider.get(f"/organizations/{own.id}")) == own
    assert (await outsider.get("/organizations")).status == 403


def organization_in(answer: Answer, status: int = 200) -> Organization:
    assert answer.status == status, answer.body
    return msgspec.json.decode(answer.body, type=Organization)


async def shut(admin: Native, member: str) -> Member:
    return member_in(await admin.get(f"/members/{member}"))


async def make_operator(stage: Stage) -> None:
    accounts = stage.turnkeeper.actions.accounts
    found = await accounts.account(await accounts.organization(name="Acme"), name=None)
    await accounts.set_operator(found, is_operator=True)


async def fresh_admin(stage: Stage) -> str:
    """A key of whoever is an admin of the first organization by now."""
    accounts = stage.turnkeeper.actions.accounts
    found = await accounts.account(await accounts.organization(name="Acme"), name=None)
    return (await accounts.create_key(found, name="fresh"))[1]


@pytest.mark.requirement("native.members")
async def test_a_person_is_let_in_once_by_a_code_and_a_program_is_not(
    stage: Stage, admin: Native, member: Native, outsider: Native
) -> None:
    made = await admin.post("/members", {"kind": "user", "email": "new@acme.example", "password": "correct horse"})
    person = msgspec.json.decode(made.body)["id"]
    program = msgspec.json.decode((await admin.post("/members", {"kind": "service", "name": "shop"})).body)["id"]

    told = await admin.post(f"/members/{person}/invite", Idempotency_Key="once")

    assert told.status == 201, told.body
    code = msgspec.json.decode(told.body)["code"]
    again = await admin.post(f"/members/{person}/invite", Idempotency_Key="once")
    assert msgspec.json.decode(again.body)["code"] is None
    headers = {"Origin": stage.address, "Content-Type": "application/json"}
    body = msgspec.json.encode({"code": code})
    tries = [(await admin.ask("POST", "/sessions", data=body, headers=headers)).status for _ in range(2)]
    assert tries == [201, 401]
    assert (await admin.post(f"/members/{program}/invite")).status == 400
    assert (await member.post(f"/members/{person}/invite")).status == 403
    assert (await outsider.post(f"/members/{person}/invite")).status == 404
    await admin.patch(f"/members/{person}", {"is_active": False})
    assert (await admin.post(f"/members/{person}/invite")).status == 400
