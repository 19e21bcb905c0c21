"""Signing in with a browser: the cookie in the place of a key, what a change needs beside it, and the ends of a session."""

import asyncio
from dataclasses import dataclass
from typing import LiteralString

import aiohttp
import msgspec
import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native
from tests.fakes.standing import until_somebody_waits_for_a_lock
from tests.patience import PATIENCE
from turnkeeper.core.accounts import Account
from turnkeeper.store.sessions import MOST_OF_AN_ACCOUNT

EMAIL, PASSWORD = "jo@example.com", "correct horse"
JSON = {"Content-Type": "application/json"}


class Named(msgspec.Struct):
    id: str


class Person(msgspec.Struct):
    id: str
    name: str
    role: str


class Current(msgspec.Struct):
    session: Named
    account: Person
    scopes: list[str]
    csrf_token: str
    may_set_password: bool
    most_upload_bytes: int


class Sessions(msgspec.Struct):
    items: list[Named]


@dataclass(frozen=True, kw_only=True, slots=True)
class Browser:
    """A person's browser: the cookie, and what a page of ours says beside it."""

    stage: Stage
    cookie: str
    who: Current

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Origin": self.stage.address, "X-CSRF-Token": self.who.csrf_token}

    async def ask(self, method: str, path: str, body: object = None, **changed: str | None) -> Answer:
        headers: dict[str, str | None] = {**self.headers, **{k.replace("_", "-"): v for k, v in changed.items()}}
        return await asked(self.stage, method, f"/v1{path}", body, headers)


async def asked(stage: Stage, method: str, path: str, body: object, headers: dict[str, str | None]) -> Answer:
    given = {name: value for name, value in headers.items() if value is not None}
    data = None if body is None else msgspec.json.encode(body)
    async with stage.http.request(
        method, stage.address + path, data=data, headers=given | (JSON if data is not None else {})
    ) as response:
        return Answer(status=response.status, headers=response.headers, body=await response.read())


async def person(stage: Stage, email: str = EMAIL, role: str = "member") -> Account:
    actions = stage.turnkeeper.actions.accounts
    organization = await actions.organization(name=None)
    return await actions.create_user(
        organization, email=email, password=PASSWORD, role="admin" if role == "admin" else "member"
    )


async def sign_in(stage: Stage, body: object | None = None) -> Browser:
    answer = await asked(stage, "POST", "/v1/sessions", body or {"email": EMAIL, "password": PASSWORD}, {})
    assert answer.status == 201, answer.body
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Browser(stage=stage, cookie=cookie, who=msgspec.json.decode(answer.body, type=Current))


def code_of(answer: Answer) -> str:
    return str(msgspec.json.decode(answer.body)["code"])


@pytest.mark.requirement("native.sessions")
async def test_a_person_signs_in_and_asks_with_the_cookie_alone(stage: Stage) -> None:
    await person(stage)

    browser = await sign_in(stage)
    current = await browser.ask("GET", "/sessions/current")
    agents = await browser.ask("GET", "/agents")
    me = await browser.ask("GET", "/me")

    assert msgspec.json.decode(current.body, type=Current) == browser.who
    assert (browser.who.account.name, browser.who.account.role) == (EMAIL, "member")
    assert "admin" not in browser.who.scopes
    assert not browser.who.may_set_password
    assert browser.who.most_upload_bytes == 1_000_000
    assert (agents.status, me.status) == (200, 404)


@pytest.mark.requirement("native.sessions")
async def test_the_cookie_is_closed_to_scripts_and_other_sites(stage: Stage) -> None:
    await person(stage)
    body = {"email": EMAIL.upper(), "password": PASSWORD}

    plain = await asked(stage, "POST", "/v1/sessions", body, {})
    behind_tls = await asked(stage, "POST", "/v1/sessions", body, {"X-Forwarded-Proto": "https"})

    assert plain.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax")
    assert behind_tls.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")
    assert plain.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("native.sessions")
@pytest.mark.parametrize(
    "changed",
    [
        {"X_CSRF_Token": None},
        {"X_CSRF_Token": "0" * 64},
        {"X_CSRF_Token": "\xe9"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": None},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
    ids=str,
)
async def test_a_change_that_may_come_from_another_page_is_refused(
    stage: Stage, changed: dict[str, str | None]
) -> None:
    await person(stage)
    browser = await sign_in(stage)

    refused = await browser.ask("POST", "/keys", {"name": "stolen"}, **changed)
    done = await browser.ask("POST", "/keys", {"name": "mine"})

    assert (refused.status, code_of(refused) in {"csrf_token", "other_origin"}) == (403, True)
    assert done.status == 201


@pytest.mark.requirement("native.sessions")
async def test_a_page_of_another_origin_cannot_even_read_or_sign_in(stage: Stage) -> None:
    await person(stage)
    browser = await sign_in(stage)

    read = await browser.ask("GET", "/agents", Origin="http://evil.example")
    signed_in = await asked(
        stage, "POST", "/v1/sessions", {"email": EMAIL, "password": PASSWORD}, {"Origin": "http://evil.example"}
    )

    assert (read.status, code_of(read)) == (403, "other_origin")
    assert (signed_in.status, code_of(signed_in)) == (403, "other_origin")


@pytest.mark.requirement("native.sessions")
async def test_a_key_in_the_header_beats_the_cookie_and_needs_no_token(stage: Stage) -> None:
    await person(stage)
    browser = await sign_in(stage)

    me = await browser.ask("GET", "/me", Authorization=f"Bearer {stage.keys.outsider}")
    made = await browser.ask(
        "POST", "/keys", {"name": "a"}, Authorization=f"Bearer {stage.keys.admin}", X_CSRF_Token=None, Origin=None
    )
    wrong = await browser.ask("GET", "/me", Authorization="Bearer tk_wrong")

    assert b"key_" in me.body
    assert made.status == 201
    assert wrong.status == 401


@pytest.mark.requirement("native.sessions")
async def test_what_a_cookie_holds_opens_no_other_door_and_is_no_key(stage: Stage) -> None:
    await person(stage)
    browser = await sign_in(stage)
    secret = browser.cookie.partition("=")[2]

    for path in ("/api/conversations", "/api/public/v1/agents"):
        assert (await asked(stage, "GET", path, None, {"Cookie": browser.cookie})).status in {401, 403}
        assert (await asked(stage, "GET", path, None, {"Authorization": f"Bearer {secret}"})).status in {401, 403}
    assert (await asked(stage, "GET", "/v1/me", None, {"X-API-Key": secret})).status == 401


@pytest.mark.requirement("native.sessions")
async def test_a_wrong_password_and_an_unknown_name_are_told_alike_and_not_for_ever(stage: Stage) -> None:
    await person(stage)
    answers = [
        await asked(stage, "POST", "/v1/sessions", {"email": email, "password": "wrong horse"}, {})
        for email in (EMAIL, "nobody@example.com")
    ]
    codes = [await asked(stage, "POST", "/v1/sessions", {"code": "tkc_wrong"}, {}) for _ in range(11)]

    assert [(answer.status, code_of(answer)) for answer in answers] == [(401, "wrong_password")] * 2
    assert [answer.status for answer in codes] == [401] * 10 + [429]
    assert int(codes[-1].headers["Retry-After"]) >= 1


@pytest.mark.requirement("native.sessions")
async def test_a_code_signs_in_once_and_lets_a_password_be_set(stage: Stage) -> None:
    code = await stage.turnkeeper.actions.accounts.create_code(await person(stage))
    browser = await sign_in(stage, {"code": code})
    again = await asked(stage, "POST", "/v1/sessions", {"code": code}, {})
    changed = await browser.ask("POST", "/me/password", {"new_password": "battery staple"})
    by_password = await sign_in(stage, {"email": EMAIL, "password": "battery staple"})
    refused = await by_password.ask("POST", "/me/password", {"new_password": "battery stapler"})

    assert browser.who.may_set_password
    assert (again.status, code_of(again)) == (401, "code_used")
    assert changed.status == 204
    assert refused.status == 400


@pytest.mark.requirement("native.sessions")
@pytest.mark.parametrize("change", [{"password": "battery staple"}, {"role": "admin"}, {"is_active": False}], ids=str)
async def test_another_password_or_role_and_being_shut_out_end_sessions(
    stage: Stage, admin: Native, change: dict[str, object]
) -> None:
    await person(stage)
    browser = await sign_in(stage)
    assert (await browser.ask("GET", "/agents")).status == 200

    changed = await admin.ask(
        "PATCH", f"/members/{browser.who.account.id}", data=msgspec.json.encode(change), headers=JSON
    )
    answer = await browser.ask("GET", "/agents")

    assert changed.status == 200
    assert (answer.status, code_of(answer)) == (401, "session_ended")


@pytest.mark.requirement("native.sessions")
@pytest.mark.parametrize("change", ["password_hash = 'another'", "is_active = false"])
async def test_what_is_changed_while_a_password_is_checked_lets_nobody_in(stage: Stage, change: LiteralString) -> None:
    await person(stage)
    async with await psycopg.AsyncConnection.connect(stage.database_url) as changing:
        await changing.execute(f"UPDATE accounts SET {change} WHERE name = %s", (EMAIL,))
        signing_in = asyncio.create_task(
            asked(stage, "POST", "/v1/sessions", {"email": EMAIL, "password": PASSWORD}, {})
        )
        await until_somebody_waits_for_a_lock(stage.database_url)
    answer = await signing_in

    assert (answer.status, code_of(answer)) == (401, "wrong_password")


@pytest.mark.requirement("native.sessions")
async def test_signing_out_ends_the_session_and_takes_the_cookie_away(stage: Stage) -> None:
    await person(stage)
    browser, other = await sign_in(stage), await sign_in(stage)

    out = await browser.ask("DELETE", "/sessions/current")
    left = msgspec.json.decode((await other.ask("GET", "/sessions")).body, type=Sessions)
    ended = await other.ask("DELETE", f"/sessions/{browser.who.session.id}")

    assert out.status == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await browser.ask("GET", "/agents")).status == 401
    assert [each.id for each in left.items] == [other.who.session.id]
    assert ended.status == 404


@pytest.mark.requirement("native.sessions")
async def test_a_new_password_of_one_s_own_ends_the_other_sessions_only(stage: Stage) -> None:
    await person(stage)
    browser, other = await sign_in(stage), await sign_in(stage)

    body = {"current_password": PASSWORD, "new_password": "battery staple"}
    changed = await browser.ask("POST", "/me/password", body)

    assert changed.status == 204
    assert (await browser.ask("GET", "/agents")).status == 200
    assert (await other.ask("GET", "/agents")).status == 401


@pytest.mark.requirement("native.sessions")
async def test_a_session_that_nobody_used_for_long_is_over(stage: Stage) -> None:
    await person(stage)
    browser = await sign_in(stage)
    stage.execute("UPDATE sessions SET last_used_at = now() - interval '15 days'")

    answer = await browser.ask("GET", "/agents")

    assert (answer.status, code_of(answer)) == (401, "session_ended")


@pytest.mark.requirement("native.sessions")
async def test_one_session_too_many_ends_the_one_that_was_not_used_for_the_longest_time(stage: Stage) -> None:
    await person(stage)
    browser = await sign_in(stage)
    assert (await browser.ask("GET", "/agents")).status == 200
    stage.execute(
        "INSERT INTO sessions (public_id, organization_id, account_id, hash, by_code, browser, last_used_at, expires_at)"
        " SELECT gen_random_uuid(), organization_id, account_id, n::text::bytea, false, '',"
        " now() + interval '1 hour', expires_at"
        f" FROM sessions, generate_series(1, {MOST_OF_AN_ACCOUNT - 1}) AS n"
    )

    other = await sign_in(stage)
    answer = await browser.ask("GET", "/agents")

    assert (answer.status, code_of(answer)) == (401, "session_ended")
    assert (await other.ask("GET", "/agents")).status == 200


@pytest.mark.requirement("native.sessions")
async def test_a_conversation_born_in_a_browser_is_no_api_job_for_nairi(stage: Stage) -> None:
    await person(stage, role="admin")
    browser = await sign_in(stage)
    agent = msgspec.json.decode((await browser.ask("GET", "/agents")).body)["items"][0]["id"]

    begun = await browser.ask("POST", "/conversations", {"agent": agent, "message": {"text": "Hello."}})
    made = msgspec.json.decode(begun.body)
    job = str(made["conversation"]["id"]).replace("conv_", "job_")
    continued = await asked(
        stage,
        "POST",
        f"/api/public/v1/conversations/{job}/continue",
        {"prompt": "And?"},
        {"Authorization": f"Bearer {stage.keys.admin}"},
    )

    assert (begun.status, made["conversation"]["origin"]) == (202, "web")
    assert (continued.status, b"job is not an API job" in continued.body) == (400, True)


@pytest.mark.requirement("native.sessions")
async def test_a_socket_opens_by_the_cookie_for_pages_of_our_own_only(stage: Stage) -> None:
    await person(stage, role="admin")
    browser = await sign_in(stage)
    agent = msgspec.json.decode((await browser.ask("GET", "/agents")).body)["items"][0]["id"]
    begun = msgspec.json.decode((await browser.ask("POST", "/conversations", {"agent": agent})).body)
    address = f"{stage.address}/v1/conversations/{begun['id']}/events/ws?follow=false"

    async with stage.http.ws_connect(address, headers=browser.headers) as socket:
        ours = await socket.receive_json(timeout=PATIENCE)
    async with stage.http.ws_connect(address, headers={**browser.headers, "Origin": "http://evil.example"}) as socket:
        await socket.send_str("{}")
        theirs = await socket.receive(timeout=PATIENCE)

    assert ours["event"] == "end"
    assert theirs.type is aiohttp.WSMsgType.CLOSE


@pytest.mark.requirement("native.sessions")
async def test_signing_in_and_out_is_audited(stage: Stage, admin: Native) -> None:
    await person(stage)
    browser = await sign_in(stage)
    await browser.ask("DELETE", "/sessions/current")

    entries = msgspec.json.decode((await admin.get("/audit")).body)["items"]

    assert [entry["action"] for entry in entries[:2]] == ["session.ended", "session.started"]
    assert {entry["actor"]["origin"] for entry in entries[:2]} == {"session"}
