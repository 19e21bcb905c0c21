"""Every operation of the native door that changes something is done once for an Idempotency-Key: made from its description.

An operation whose example cannot be carried out here fails until `_trials` knows a body that can.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from tests.dialects.conftest import Stage
from tests.dialects.doors.keys import key_for
from tests.dialects.doors.test_isolation import Named, made, things
from tests.dialects.native.client import Answer, Native
from tests.dialects.native.talks import Talks
from turnkeeper.actions.agents import NewAgent
from turnkeeper.core.agents import AgentSettings, McpServer
from turnkeeper.core.ids import new_id, prefixed
from turnkeeper.dialects import native
from turnkeeper.http_kit.openapi import Operation

SERVER = Path(__file__).parents[2] / "tools" / "plain_server.py"
Ids = Mapping[str, str]

_PARAMETER = re.compile(r"{(\w+)}")
_SECRET = re.compile(rb'"(secret|code|path)":"[^"]+"')
_WORDS = ("name", "title", "text", "comment", "note", "description", "instructions", "address", "query", "value")
"""Members that may be any text: another one makes it another body."""
_FORM = "multipart/form-data; boundary=b"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What is sent in the place of the example."""

    body: object = UNSET
    other: object = UNSET
    """Another body that may be sent as well; None where bodies are not told apart."""
    query: str = ""
    ids: Ids = field(default_factory=dict[str, str])
    """Names of the path that are about other things than for most operations."""
    key: str | None = None
    """Whose request it is, if not the admin's."""


def form(content: str) -> bytes:
    """A file in a form."""
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
    return f"{head}{content}\r\n--b--\r\n".encode()


def changing(stage: Stage) -> list[Operation]:
    """The operations that take an Idempotency-Key: all that change something; what ends or removes something comes last."""
    operations = [endpoint.operation for endpoint in native.endpoints(stage.turnkeeper.actions)]
    found = [operation for operation in operations if operation.method != "get"]
    without = [one.name for one in found if all(part.name != "Idempotency-Key" for part in one.parameters)]
    assert set(without) == {"searchDataSet", "testMcpServer", "signIn"}, (
        "what only looks, or makes a secret, needs none"
    )
    return sorted(
        (one for one in found if one.name not in without and one.name != "signOut"),  # a key has no session to end
        key=lambda one: (one.method == "delete", "cancel" in one.name),
    )


@pytest.mark.requirement("native.idempotency")
async def test_a_repeated_request_gets_the_first_answer_and_another_body_is_refused(stage: Stage) -> None:
    ids, trials = await _trials(stage)
    unlike: list[object] = []
    for operation in changing(stage):
        trial = trials.get(operation.name, Trial())
        client = Native(stage, trial.key or stage.keys.admin)
        path = _PARAMETER.sub(lambda name: {**ids, **trial.ids}[name[1]], operation.path) + trial.query  # noqa: B023 - used at once
        body = operation.request_example if trial.body is UNSET else trial.body
        first = await sent(client, operation, path, body)
        again = await sent(client, operation, path, body)
        said, repeated = (_SECRET.sub(rb'"\1":null', answer.body) for answer in (first, again))
        is_replayed = (
            again.headers.get("Idempotency-Replayed") == "true" and "Idempotency-Replayed" not in first.headers
        )
        if first.status >= 300 or (again.status, repeated) != (first.status, said) or not is_replayed:
            unlike.append((operation.name, path, first.status, first.body, again.status, again.body))
        if operation.request is not None and trial.other is not None:
            other = another(body) if trial.other is UNSET else trial.other
            refused = await sent(client, operation, path, other)
            if (refused.status, b"idempotency_key_reused" in refused.body) != (422, True):
                unlike.append((operation.name, other, refused.status, refused.body))
    assert not unlike, "\n".join(map(repr, unlike))


@pytest.mark.requirement("native.preconditions")
async def test_nothing_is_changed_when_somebody_changed_it_meanwhile(stage: Stage) -> None:
    ids, trials = await _trials(stage)
    found = [one for one in changing(stage) if any(part.name == "If-Match" for part in one.parameters)]
    assert found
    before = stage.rows()
    for operation in found:
        trial = trials.get(operation.name, Trial())
        path = _PARAMETER.sub(lambda name: {**ids, **trial.ids}[name[1]], operation.path) + trial.query  # noqa: B023 - used at once
        body = operation.request_example if trial.body is UNSET else trial.body
        refused = await sent(Native(stage, stage.keys.admin), operation, path, body, If_Match='"999"')
        assert (refused.status, refused.problem.code) == (412, "precondition_failed"), operation.name
    assert stage.rows() == before


async def sent(client: Native, operation: Operation, path: str, body: object, **more: str) -> Answer:
    """Ask for the operation under a key of its name."""
    headers = {"Idempotency-Key": operation.name, **{name.replace("_", "-"): value for name, value in more.items()}}
    data = None
    if operation.request is not None:
        is_form = isinstance(body, bytes)
        headers["Content-Type"] = _FORM if is_form else "application/json"
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await client.ask(operation.method.upper(), path, data=data, headers=headers)


async def sent_form(client: Native, path: str) -> Answer:
    """Upload a file."""
    return await client.ask("POST", path, data=form("mine"), headers={"Content-Type": _FORM})


def another(body: object) -> object:
    """The body with another word in it."""
    known = msgspec.convert(body, dict[str, object])
    name = next((word for word in _WORDS if isinstance(known.get(word), str)), None)
    return {} if name is None else {**known, name: f"{known[name]}x"}


async def _trials(stage: Stage) -> tuple[dict[str, str], Mapping[str, Trial]]:
    """What paths name, and what is sent by operations whose example cannot be carried out here."""
    stage.execute("UPDATE accounts SET is_operator = true WHERE name LIKE 'admin of%'")
    admin, ids = (
        Native(stage, stage.keys.admin),
        {name: thing.id for name, thing in (await things(stage))["native"].items()},
    )
    talks = Talks(admin)
    async with stage.working():
        finished = [await talks.say(await talks.begin(), "Hello") for _ in range(3)]
    talk = msgspec.json.decode((await admin.get(f"/messages/{finished[0]}")).body, type=dict[str, object])
    rated, fork = {"message_id": finished[0]}, {"conversation_id": str(talk["conversation_id"])}
    transcript = await admin.get(f"/conversations/{fork['conversation_id']}/export")
    person = {"kind": "user", "email": "jo@example.com", "password": "correct horse battery"}
    members = [await made(admin, "/members", person), await made(admin, "/members", {"kind": "service", "name": "Bot"})]
    accounts = stage.turnkeeper.actions.accounts
    account = await accounts.account(await accounts.organization(name=None), name=str(person["email"]))
    servers = (McpServer(name="pay", command=("python", str(SERVER)), tools=("list",)),)
    payer = NewAgent(name="Payer", tools=("search_products",), settings=AgentSettings(mcp_servers=servers))
    saved, _ = await stage.turnkeeper.actions.agents.save(stage.people.admin, payer, slug="payer")
    agent = prefixed("agt", saved.public_id)
    await admin.patch(f"/agents/{agent}", {"note": "Second", "description": "Second."})
    ids.update(
        member_id=members[1],
        account_id=members[0],
        file_id=msgspec.json.decode((await sent_form(admin, "/files")).body, type=Named).id,
        agent_id=agent,
        tool="search_products",
        server="pay",
        key_id=await made(admin, "/keys", {"name": "Key", "scopes": ["read"]}),
        secret="PAYMENTS",
    )
    schedule = {"name": "Again", "agent": "refunds", "text": "Report.", "cron": "0 9 * * *"}
    spare = await made(admin, "/data-sets", {"name": "Spare"})
    session, admin_caller = new_id(), stage.people.admin
    stage.execute(
        "INSERT INTO sessions (public_id, organization_id, account_id, hash, by_code, browser, expires_at) VALUES ("
        f"'{session}', {admin_caller.organization_id}, {admin_caller.account_id}, 'x', false, 'A browser', now() + '1 day')"
    )
    passwords = {"current_password": person["password"], "new_password": "battery staple horse"}
    return ids, {
        "forkConversation": Trial(ids=fork, body={"message": finished[0], "title": "Another way"}),
        "importConversation": Trial(
            body=msgspec.json.decode(transcript.body),
            other=msgspec.json.decode(transcript.body.replace(b"Hello", b"Hi")),
        ),
        "editMessage": Trial(ids={"message_id": finished[1]}),
        "regenerateReply": Trial(ids={"message_id": finished[2]}),
        "rateReply": Trial(ids=rated),
        "forgetRating": Trial(ids=rated),
        "uploadFile": Trial(body=form("one"), other=form("two")),
        "decideApproval": Trial(other={"decision": "deny"}),
        "createAgent": Trial(body={"name": "Fresh"}),
        "changeAgent": Trial(body={"description": "Pays."}),
        "rollBackAgent": Trial(body={"revision": 1}, other={"revision": 2}),
        "deployAgent": Trial(body={"revision": 1}, other={"revision": 2}),
        "testTool": Trial(other={"arguments": {"query": "prices"}}),
        "changeDataSet": Trial(ids={"data_set_id": spare}, body={"description": "What we know."}),
        "deleteDataSet": Trial(ids={"data_set_id": await made(admin, "/data-sets", {"name": "Gone"})}),
        "removeDataSetMember": Trial(ids={"data_set_id": spare}),
        "deleteDocument": Trial(ids={"document_id": ids["document_id"]}),
        "addDataSetMember": Trial(ids={"data_set_id": spare}, other={"account": "bot"}),
        "putDocument": Trial(query="?address=r5.md", other={"markdown": "# Another"}),
        "beginSync": Trial(ids={"data_set_id": spare}, body=form("one"), other=form("two")),
        "createSchedule": Trial(body=schedule),
        "changeSchedule": Trial(body={"name": "Other"}),
        "createWebhook": Trial(body={"url": "https://93.184.215.14/hook", "description": "a"}),
        "changeWebhook": Trial(other={"enabled": False}),
        "rotateWebhookSecret": Trial(other={"grace_hours": 1}),
        "replayDeliveries": Trial(other={"since": "2026-04-13T00:00:00Z"}),
        "createKey": Trial(body={"name": "Shop", "scopes": ["read"]}),
        "rotateKey": Trial(other={"grace_seconds": 60}),
        "changeOwnPassword": Trial(
            key=await key_for(stage, account, {"read", "converse"}),
            body=passwords,
            other=None,  # no trace of a password is kept, not even in a fingerprint
        ),
        "createOrganization": Trial(body={"name": "Third Shop"}),
        "createMember": Trial(body={"kind": "service", "name": "Other bot"}),
        "changeMember": Trial(other={"role": "member"}),
        "createErasure": Trial(
            body={"conversation_id": await made(admin, "/conversations", {"agent": "helper"})},
            other={"account_id": members[1]},
        ),
        "setLimits": Trial(other={"tokens": 1}),
        "inviteMember": Trial(ids={"member_id": members[0]}),
        "endSession": Trial(ids={"session_id": prefixed("ses", session)}),
    }
