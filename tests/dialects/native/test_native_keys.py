"""Keys: made, seen, changed, rotated and revoked; no key gives more than it has."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.doors.keys import admin_of, key_for
from tests.dialects.native.client import UNKNOWN, Answer, Native
from turnkeeper.core.accounts import Scope


class Key(msgspec.Struct):
    id: str
    name: str
    prefix: str
    state: str
    account_id: str
    scopes: list[str]
    requests_per_minute: int | None
    expires_at: str | None
    old_secret_until: str | None
    secret: str | None = None


class Keys(msgspec.Struct):
    items: list[Key]
    has_more: bool
    next_cursor: str | None


class Named(msgspec.Struct):
    id: str
    name: str


class Me(msgspec.Struct):
    organization: Named
    account: Named
    key: Key
    scopes: list[str]


def key_in(answer: Answer, status: int = 200) -> Key:
    assert answer.status == status, answer.body
    return msgspec.json.decode(answer.body, type=Key)


async def make(native: Native, **wanted: object) -> Key:
    return key_in(await native.post("/keys", {"name": "made", **wanted}), 201)


async def who(native: Native) -> Me:
    answer = await native.get("/me")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Me)


async def listed(native: Native, query: str = "") -> list[str]:
    answer = await native.get(f"/keys{query}")
    return [key.id for key in msgspec.json.decode(answer.body, type=Keys).items]


@pytest.mark.requirement("native.me")
async def test_a_key_tells_who_it_is_and_what_it_may(stage: Stage, member: Native) -> None:
    me = await who(member)
    assert (me.organization.name, me.key.name, me.key.state) == ("Acme", "test", "live")
    assert me.scopes == ["read", "converse", "manage_agents", "manage_data"]
    assert stage.keys.member.startswith(me.key.prefix)


@pytest.mark.requirement("native.keys.life")
async def test_a_new_key_works_at_once_and_its_secret_is_told_once(stage: Stage, admin: Native) -> None:
    answer = await admin.post("/keys", {"name": "site", "scopes": ["converse", "read"]}, Idempotency_Key="a")
    made = key_in(answer, 201)
    again = await admin.post("/keys", {"name": "site", "scopes": ["converse", "read"]}, Idempotency_Key="a")
    assert made.secret is not None
    me = await who(Native(stage, made.secret))
    assert (me.key.id, me.scopes) == (made.id, ["read", "converse"])
    assert answer.headers["Location"] == f"/v1/keys/{made.id}"
    assert (key_in(again, 201).id, key_in(again, 201).secret) == (made.id, None)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert made.secret not in (await admin.get(f"/keys/{made.id}")).body.decode()
    assert made.secret not in (await admin.get("/keys")).body.decode()


@pytest.mark.requirement("native.keys.life")
async def test_a_key_expires_at_its_moment(stage: Stage, admin: Native) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await make(admin, expires_at=until)
    stage.execute(f"UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE prefix = '{made.prefix}'")
    answer = await Native(stage, made.secret).get("/me")
    assert (answer.status, answer.problem.code) == (401, "key_expired")
    assert key_in(await admin.get(f"/keys/{made.id}")).state == "expired"
    assert await listed(admin, "?state=expired") == [made.id]


@pytest.mark.requirement("native.keys.life")
async def test_a_rotation_refuses_the_old_secret_at_once_or_after_its_grace(stage: Stage, admin: Native) -> None:
    made = await make(admin)
    await who(Native(stage, made.secret))
    first = key_in(await admin.post(f"/keys/{made.id}/rotate", {"grace_seconds": 3600}))
    assert (first.id, first.old_secret_until is not None) == (made.id, True)
    for secret in (made.secret, first.secret):
        assert (await who(Native(stage, secret))).key.id == made.id
    second = key_in(await admin.post(f"/keys/{made.id}/rotate"))
    assert second.old_secret_until is None
    await refused(stage, made.secret, "key_unknown")
    await refused(stage, first.secret, "key_unknown")
    assert (await who(Native(stage, second.secret))).key.id == made.id


@pytest.mark.requirement("native.keys.life")
async def test_a_replaced_secret_is_refused_when_its_grace_is_over(stage: Stage, admin: Native) -> None:
    made = await make(admin)
    await admin.post(f"/keys/{made.id}/rotate", {"grace_seconds": 60})
    stage.execute("UPDATE api_keys SET replaced_until = now() - interval '1 second' WHERE replaced_until IS NOT NULL")
    await refused(stage, made.secret, "key_expired")


@pytest.mark.requirement("native.keys.life")
async def test_a_revoked_key_is_refused_at_once_and_can_be_revoked_again(stage: Stage, admin: Native) -> None:
    made = await make(admin)
    await who(Native(stage, made.secret))
    revoked = key_in(await admin.ask("DELETE", f"/keys/{made.id}"))
    assert revoked.state == "revoked"
    await refused(stage, made.secret, "key_revoked")
    assert key_in(await admin.ask("DELETE", f"/keys/{made.id}")).state == "revoked"
    rotated = await admin.post(f"/keys/{made.id}/rotate")
    assert (rotated.status, rotated.problem.code) == (409, "key_not_live")


@pytest.mark.requirement("native.keys.life")
async def test_keys_are_renamed_and_listed_in_pages_newest_first(stage: Stage, admin: Native, member: Native) -> None:
    mine = [(await make(member, name=f"key {number}")).id for number in range(3)]
    renamed = await member.ask("PATCH", f"/keys/{mine[0]}", data=b'{"name": " site "}', headers=JSON)
    assert key_in(renamed).name == "site"
    first = msgspec.json.decode((await member.get("/keys?limit=2")).body, type=Keys)
    rest = msgspec.json.decode((await member.get(f"/keys?cursor={first.next_cursor}")).body, type=Keys)
    assert [key.id for key in first.items] == mine[:0:-1]
    assert [key.name for key in rest.items] == ["site", "test"]
    assert (first.has_more, rest.has_more) == (True, False)
    theirs = (await who(member)).account.id
    assert await listed(admin, f"?account={theirs}") == await listed(member)
    assert len(await listed(admin)) == 5


@pytest.mark.requirement("native.keys.reach")
async def test_members_see_and_change_their_own_keys_only(stage: Stage, admin: Native, member: Native) -> None:
    key, account = (await who(admin)).key.id, (await who(admin)).account.id
    assert len(await listed(member)) == 1
    assert (await member.get(f"/keys?account={account}")).status == 404
    assert (await member.post("/keys", {"name": "x", "account_id": account})).status == 404
    assert (await member.ask("DELETE", f"/keys/{key}")).status == 404
    assert (await member.get(f"/keys/key_{UNKNOWN}")).status == 404


@pytest.mark.requirement("native.keys.reach")
@pytest.mark.parametrize("scopes", [["admin"], ["read", "admin"]])
async def test_a_member_s_key_never_has_the_scope_admin(admin: Native, member: Native, scopes: list[str]) -> None:
    theirs = (await who(member)).account.id
    for native, more in ((member, {}), (admin, {"account_id": theirs})):
        answer = await native.post("/keys", {"name": "x", "scopes": scopes, **more})
        assert (answer.status, answer.problem.errors[0].pointer) == (400, "/scopes")
    made = await make(admin, account_id=theirs)
    assert (made.account_id, made.scopes) == (theirs, ["read", "converse", "manage_agents", "manage_data"])


@pytest.mark.requirement("native.keys.reach")
async def test_an_admin_who_becomes_a_member_loses_the_scope_at_once(stage: Stage, admin: Native) -> None:
    service = await admin.post("/members", {"kind": "service", "name": "robot", "role": "admin"})
    robot = msgspec.json.decode(service.body, type=Named).id
    key = Native(stage, (await make(admin, account_id=robot)).secret)
    assert "admin" in (await who(key)).scopes
    await admin.ask("PATCH", f"/members/{robot}", data=b'{"role": "member"}', headers=JSON)
    assert "admin" not in (await who(key)).scopes
    assert (await key.get("/members")).problem.code == "scope_missing"


@pytest.mark.requirement("native.keys.reach")
async def test_a_key_gives_and_changes_nothing_that_may_do_more(stage: Stage, admin: Native) -> None:
    poor = Native(stage, await scoped(stage, "read", "converse"))
    rich = (await who(admin)).key.id
    answers = [
        await poor.post("/keys", {"name": "x", "scopes": ["manage_data"]}),
        await poor.post(f"/keys/{rich}/rotate"),
        await poor.ask("DELETE", f"/keys/{rich}"),
        await poor.ask("PATCH", f"/keys/{rich}", data=b'{"name": "x"}', headers=JSON),
    ]
    assert [(answer.status, answer.problem.code) for answer in answers] == [(403, "scope_missing")] * 4
    assert (await make(poor)).scopes == ["read", "converse"]


@pytest.mark.requirement("native.keys.reach")
async def test_what_a_key_made_without_the_scope_admin_dies_with_it(
    stage: Stage, admin: Native, member: Native
) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    theirs = (await who(member)).account.id
    parent = await make(admin, account_id=theirs, expires_at=until, requests_per_minute=600)
    child = await make(Native(stage, parent.secret))
    grandchild = await make(Native(stage, child.secret))
    longer = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert (await Native(stage, child.secret).post("/keys", {"name": "x", "expires_at": longer})).status == 400
    faster = await Native(stage, child.secret).post("/keys", {"name": "x", "requests_per_minute": 1_000})
    assert (faster.status, faster.problem.code) == (403, "not_allowed")
    assert {key.expires_at for key in (child, grandchild)} == {until}
    assert {key.requests_per_minute for key in (child, grandchild)} == {600}
    await admin.ask("DELETE", f"/keys/{parent.id}")
    for key in (parent, child, grandchild):
        await refused(stage, key.secret, "key_revoked")
    assert (await who(member)).key.state == "live"


@pytest.mark.requirement("native.keys.life")
async def test_an_account_has_no_more_than_a_hundred_live_keys(stage: Stage, member: Native) -> None:
    stage.execute(
        "INSERT INTO api_keys (public_id, organization_id, account_id, name, prefix, hash, scopes)"
        " SELECT gen_random_uuid(), organization_id, account_id, 'n', 'tk_', sha256(n::text::bytea), '{read}'"
        f" FROM api_keys, generate_series(1, 99) n WHERE account_id = {stage.people.member.account_id}"
    )
    full = await member.post("/keys", {"name": "one more"})
    assert (full.status, full.problem.code) == (409, "too_many_keys")


@pytest.mark.requirement("native.keys.life")
@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name"]),
        ({"name": " ", "colour": 1}, ["/colour", "/name"]),
        ({"name": "x", "scopes": []}, ["/scopes"]),
        ({"name": "x", "scopes": ["read", "fly"]}, ["/scopes/1"]),
        ({"name": "x", "scopes": "read"}, ["/scopes"]),
        ({"name": "x", "account_id": "key_1"}, ["/account_id"]),
        ({"name": "x", "expires_at": "tomorrow"}, ["/expires_at"]),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, ["/expires_at"]),
        ({"name": "x", "requests_per_minute": 0}, ["/requests_per_minute"]),
    ],
)
async def test_a_key_that_cannot_be_is_refused_with_every_fault(
    admin: Native, body: object, pointers: list[str]
) -> None:
    answer = await admin.post("/keys", body)
    assert answer.status == 400
    assert [fault.pointer for fault in answer.problem.errors] == pointers
    assert len(await listed(admin)) == 2


@pytest.mark.requirement("native.keys.life")
async def test_two_requests_at_once_with_one_idempotency_key_make_one_key(admin: Native) -> None:
    answers = await asyncio.gather(*(admin.post("/keys", {"name": "x"}, Idempotency_Key="k") for _ in range(4)))
    keys = [key_in(answer, 201) for answer in answers]
    assert len({key.id for key in keys}) == 1
    assert sum(key.secret is not None for key in keys) == 1


JSON = {"Content-Type": "application/json"}


async def refused(stage: Stage, secret: str | None, code: str) -> None:
    answer = await Native(stage, secret).get("/me")
    assert (answer.status, answer.problem.code) == (401, code)


async def scoped(stage: Stage, *scopes: Scope) -> str:
    return await key_for(stage, await admin_of(stage), scopes)
