"""Ids of another organization in bodies and queries name nothing, at every door; one's own in the same place do."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import LiteralString

import msgspec
import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native
from tests.dialects.native.file_client import uploaded
from turnkeeper.core.ids import from_prefixed

Body = Mapping[str, object]
HOOK = "https://93.184.215.14/hook"
REFUSED = frozenset({400, 404, 422})
QUERIES = (
    "/v1/conversations?agent={agent}",
    "/v1/conversations?account={account}",
    "/v1/approvals?conversation={conversation}",
    "/v1/approvals?message={message}",
    "/v1/agents?data_set={data_set}",
    "/v1/keys?account={account}",
    "/v1/usage?agent={agent}",
    "/v1/usage?account={account}",
    "/v1/audit?account={account}",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ids:
    """What one organization has, by the names of the native door, of Nairi's and of Enthusiast's."""

    agent: str
    data_set: str
    account: str
    conversation: str
    message: str
    file: str
    slug: str
    job: str
    attachment: str
    agent_number: int
    file_number: int
    conversation_number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A request that names something in its body."""

    path: str
    body: Callable[[Ids], Body]
    own_status: int
    """When it names what is one's own."""


def cases(own: Ids) -> list[Case]:
    """All places of a body that take an id."""
    talk, data_set = f"/v1/conversations/{own.conversation}", f"/v1/data-sets/{own.data_set}"
    report = {"name": "Report", "text": "Report.", "cron": "0 9 * * *"}
    nairi, enthusiast = "/api/public/v1/conversations", "/api/conversations"
    return [
        Case(path="/v1/conversations", body=lambda ids: {"agent": ids.agent}, own_status=201),
        Case(
            path="/v1/conversations",
            body=lambda ids: {"agent": own.agent, "data_set": ids.data_set},
            own_status=201,
        ),
        Case(path=f"{talk}/messages", body=lambda ids: {"text": "Read it.", "files": [ids.file]}, own_status=202),
        # It is found, and not finished yet.
        Case(path=f"{talk}/fork", body=lambda ids: {"message": ids.message}, own_status=409),
        Case(path="/v1/agents", body=lambda ids: {"name": "Another", "data_set": ids.data_set}, own_status=201),
        Case(path=f"{data_set}/members", body=lambda ids: {"account": ids.account}, own_status=200),
        Case(path="/v1/schedules", body=lambda ids: {**report, "agent": ids.agent}, own_status=201),
        Case(path="/v1/webhooks", body=lambda ids: {"url": HOOK, "agents": [ids.agent]}, own_status=201),
        Case(path="/v1/keys", body=lambda ids: {"name": "k", "account_id": ids.account}, own_status=201),
        Case(
            path=f"{nairi}/start",
            body=lambda ids: {"agent_id": ids.slug, "prompt": "Hello."},
            own_status=201,
        ),
        Case(
            path=f"{nairi}/start",
            body=lambda ids: {
                "agent_id": own.slug,
                "prompt": "Read it.",
                "attachment_ids": [ids.attachment],
            },
            own_status=201,
        ),
        Case(
            path=f"{nairi}/{own.job}/continue",
            body=lambda ids: {"prompt": "Read it.", "attachment_ids": [ids.attachment]},
            own_status=200,
        ),
        Case(path=enthusiast, body=lambda ids: {"agent_id": ids.agent_number}, own_status=201),
        Case(
            path=f"{enthusiast}/{own.conversation_number}",
            body=lambda ids: {"question_message": "Read it.", "file_ids": [ids.file_number]},
            own_status=202,
        ),
    ]


@pytest.mark.requirement("native.isolation")
async def test_what_another_organization_has_cannot_be_named_in_a_body(stage: Stage) -> None:
    theirs, own = await ids_of(stage, stage.keys.admin, "theirs"), await ids_of(stage, stage.keys.outsider, "ours")
    for number, case in enumerate(cases(own)):
        before = stage.rows()
        status, text = await asked(stage, case.path, case.body(theirs))
        assert status in REFUSED, (number, case.path, status, text)
        assert stage.rows() == before, (number, case.path)
        status, text = await asked(stage, case.path, case.body(own))
        assert status == case.own_status, (number, case.path, status, text)


@pytest.mark.requirement("native.isolation")
async def test_what_another_organization_has_cannot_be_asked_about_in_a_query(stage: Stage) -> None:
    theirs = await ids_of(stage, stage.keys.admin, "theirs")
    await ids_of(stage, stage.keys.outsider, "ours")
    owner, outsider = Native(stage, stage.keys.admin), Native(stage, stage.keys.outsider)
    for query in QUERIES:
        path = query.removeprefix("/v1").format(**asdict(theirs))
        known, unknown = await owner.get(path), await outsider.get(path)
        assert known.status == 200, (path, known.body)
        assert unknown.status in {200, *REFUSED}, (path, unknown.body)
        assert unknown.status != 200 or theirs.conversation.encode() not in unknown.body
        assert unknown.status != 200 or b'"items":[]' in unknown.body, (path, unknown.body)


async def ids_of(stage: Stage, key: str, name: str) -> Ids:
    """Make one of each in the organization of this key, under a name of its own."""
    native = Native(stage, key)
    agent = await made(native, "/agents", {"name": name})
    first = {"agent": agent.id, "message": {"text": "Hello."}}
    begun = msgspec.json.decode((await native.post("/conversations", first)).body, type=Begun)
    file, attachment, third = [(await uploaded(native)).id for _ in range(3)]
    return Ids(
        agent=agent.id,
        data_set=(await made(native, "/data-sets", {"name": name})).id,
        account=msgspec.json.decode((await native.get("/me")).body, type=Me).account.id,
        conversation=begun.conversation.id,
        message=begun.message.id,
        file=file,
        slug=agent.slug,
        job=begun.conversation.id.replace("conv_", "job_"),
        attachment=attachment.replace("file_", "att_"),
        agent_number=number_of(stage, "agents", agent.id),
        file_number=number_of(stage, "files", third),
        conversation_number=number_of(stage, "conversations", begun.conversation.id),
    )


class Made(msgspec.Struct):
    id: str
    slug: str = ""


class Begun(msgspec.Struct):
    conversation: Made
    message: Made


class Me(msgspec.Struct):
    account: Made


async def made(native: Native, path: str, body: Body) -> Made:
    answer = await native.post(path, body)
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body, type=Made)


def number_of(stage: Stage, table: LiteralString, public_id: str) -> int:
    """Its number in the database, by which the Enthusiast door calls it."""
    prefix = public_id.partition("_")[0]
    with psycopg.connect(stage.database_url) as connection:
        row = connection.execute(
            f"SELECT id FROM {table} WHERE public_id = %s", (from_prefixed((prefix,), public_id),)
        ).fetchone()
    assert row is not None
    return int(row[0])


async def asked(stage: Stage, path: str, body: Body) -> tuple[int, str]:
    """Ask as the admin of the other organization."""
    headers = {"Authorization": f"Bearer {stage.keys.outsider}"}
    async with stage.http.post(stage.address + path, json=body, headers=headers) as answer:
        return answer.status, await answer.text()
