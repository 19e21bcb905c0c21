"""Nothing is visible across organizations, nor across accounts what belongs to one: generated from each door's description.

A route that names something new fails here until `things` knows an example of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import aiohttp
import msgspec
import pytest
from yarl import URL

from tests.dialects.conftest import Stage
from tests.dialects.doors.described import DOORS, PARAMETER, Route, routes_of
from tests.dialects.native.client import ASKS, Native, open_shop
from tests.retrieval.sources import MemorySource
from turnkeeper.actions.sessions import Visitor
from turnkeeper.core.ids import from_prefixed, prefixed
from turnkeeper.retrieval.parsing import ParsedProduct

NAMED_BY_THEIR_OWNERS = ("/v1/secrets/{secret}",)
"""Where a name means something of the caller's own organization, whatever others have by that name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """What a parameter of a path may name: something of the admin's of the first organization."""

    id: str
    is_personal: bool = True
    """Whether other members of the organization may not know of it."""


async def routes(stage: Stage, door: str) -> list[Route]:
    """The operations of a door whose path names something."""
    return [
        replace(route, path=_told_apart(route.path))
        for route in await routes_of(stage, door)
        if "{" in route.path and route.path not in NAMED_BY_THEIR_OWNERS
    ]


def _told_apart(path: str) -> str:
    """The path, such that one name means one kind of thing."""
    return path.replace("upload-status/{task_id}", "upload-status/{task_id of an upload}")


async def things(stage: Stage) -> Mapping[str, Mapping[str, Thing]]:
    """For each door what its parameters name; all of it the admin's of the first organization."""
    shop = await open_shop(stage)
    admin = Native(stage, stage.keys.admin)
    conversation = await shop.begin(stage.keys.admin)
    upload = await uploaded(stage, conversation)
    stage.model.will(ASKS)
    async with shop.working():
        message = await shop.parked(admin, await shop.send(stage.keys.admin, conversation, "Refund it."))
    me = msgspec.json.decode((await admin.get("/me")).body, type=Me)
    hook = await made(admin, "/webhooks", {"url": "https://93.184.215.14/hook"})
    report = {"name": "Report", "agent": shop.agent.slug, "text": "Report.", "cron": "0 9 * * *"}
    schedule = await made(admin, "/schedules", report)
    held = await held_by_closed(stage, admin)
    talk, ulid = message.conversation_id, message.id.removeprefix("msg_")
    return {
        "native": {
            "conversation_id": Thing(id=talk),
            "message_id": Thing(id=message.id),
            "approval_id": Thing(id=message.waits_for[0]),
            "key_id": Thing(id=me.key.id),
            "member_id": Thing(id=me.account.id),
            "organization_id": Thing(id=me.organization.id),
            "webhook_id": Thing(id=hook),
            "delivery_id": Thing(id=await made(admin, f"/webhooks/{hook}/test", {})),
            "schedule_id": Thing(id=schedule),
            "erasure_id": Thing(id=await made(admin, "/erasures", {"end_user": {"name": "a", "value": "b"}})),
            "account_id": Thing(id=me.account.id),
            "file_id": Thing(id=prefixed("file", upload.public_id)),
            "agent_id": Thing(id=prefixed("agt", shop.agent.public_id), is_personal=False),
            "revision": Thing(id="1", is_personal=False),
            "tool": Thing(id="refund", is_personal=False),
            "session_id": Thing(id=await session_of_admin(stage)),
            "server": Thing(id="payments", is_personal=False),
            **held,
        },
        "nairi": {
            "agent_id": Thing(id=shop.agent.slug, is_personal=False),
            "job_id": Thing(id=talk.replace("conv_", "job_")),
            "message_id": Thing(id=f"cmsg_{ulid}"),
            "attachment_id": Thing(id=prefixed("att", upload.public_id)),
        },
        "enthusiast": {
            "conversation_id": Thing(id=str(conversation)),
            "task_id": Thing(id=str(from_prefixed(("msg",), message.id))),
            "task_id of an upload": Thing(id=str(upload.public_id)),
            "file_id": Thing(id=str(upload.id)),
        },
    }


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.isolation")
async def test_another_organization_s_ids_are_404_on_every_route(stage: Stage, door: str) -> None:
    known = (await things(stage))[door]
    found = await routes(stage, door)
    assert found
    before = stage.rows()
    for route in found:
        status, text = await asked(stage, route, known, stage.keys.outsider)
        assert status == 404, (route.method, route.path, text)
        assert door != "native" or any(known[name].id in text for name in route.names), (route.path, text)
    assert stage.rows() == before


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.isolation")
async def test_the_same_ids_are_found_by_their_owner(stage: Stage, door: str) -> None:
    known = (await things(stage))[door]
    for route in await routes(stage, door):
        if route.method == "GET":
            status, text = await asked(stage, route, known, stage.keys.admin)
            assert status == 200, (route.path, text)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.isolation")
async def test_members_do_not_learn_of_what_belongs_to_others(stage: Stage, door: str) -> None:
    known = (await things(stage))[door]
    before = stage.rows()
    for route in await routes(stage, door):
        if any(known[name].is_personal for name in route.names):
            status, text = await asked(stage, route, known, stage.keys.member)
            is_own = route.path.endswith("/organizations/{organization_id}")
            assert status == 404 or (status == 403 and "scope" in text) or is_own, (route.method, route.path, text)
    assert stage.rows() == before


async def asked(stage: Stage, route: Route, known: Mapping[str, Thing], key: str) -> tuple[int, str]:
    """Ask with the example's body; the status and what was said."""
    for name in route.names:
        assert name in known, f"{route.path} names a {name!r}; give `things` an example of it."
    path = PARAMETER.sub(lambda name: known[name[1]].id, route.path)
    headers = {"Authorization": f"Bearer {key}"}
    data: object = None
    if route.operation.request is not None:
        ((media, content),) = list(route.operation.request.content.items())[:1]
        if media == "multipart/form-data":
            data = form()
        else:
            headers["Content-Type"] = media
            data = msgspec.json.encode(content.example)
    async with stage.http.request(
        route.method, URL(stage.address + path, encoded=True), headers=headers, data=data
    ) as response:
        return response.status, await response.text()


async def held_by_closed(stage: Stage, admin: Native) -> Mapping[str, Thing]:
    """A data set that was opened to nobody, and what is in it: a product, whose companion is a document, and a run."""
    number = stage.people.closed_data_set_id
    source = MemorySource(address="shop.jsonl", items=[ParsedProduct(entry_id="r9", name="Router R9")])
    await stage.turnkeeper.actions.data_sets.import_sources(stage.people.admin, number, [source])
    names = {"document_id": "documents", "product_id": "products", "sync_id": "syncs"}
    held = {"data_set_id": Thing(id=msgspec.json.decode((await admin.get("/data-sets/closed")).body, type=Named).id)}
    for name, path in names.items():
        page = msgspec.json.decode((await admin.get(f"/data-sets/closed/{path}")).body, type=Listed)
        held[name] = Thing(id=page.items[0].id)
    return held


async def session_of_admin(stage: Stage) -> str:
    """A session of another admin of the organization."""
    actions = stage.turnkeeper.actions
    organization = await actions.accounts.organization(name=None)
    account = await actions.accounts.create_user(
        organization, email="browser@example.com", password="correct horse", role="admin"
    )
    code = await actions.accounts.create_code(account)
    started = await actions.sessions.sign_in_by_code(Visitor(address="127.0.0.1", browser="test"), code=code)
    return prefixed("ses", started.identity.session.public_id)


async def made(native: Native, path: str, body: object) -> str:
    """Make something; its id."""
    answer = await native.post(path, body)
    assert answer.status in {201, 202}, answer.body
    return msgspec.json.decode(answer.body, type=Named).id


class Named(msgspec.Struct):
    id: str


class Listed(msgspec.Struct):
    items: list[Named]


class Me(msgspec.Struct):
    organization: Named
    account: Named
    key: Named


def form() -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("file", b"hello", filename="note.txt", content_type="text/plain")
    return data


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    id: int
    public_id: UUID


async def uploaded(stage: Stage, conversation: int) -> Upload:
    """A file of the admin's conversation."""
    headers = {"Authorization": f"Token {stage.keys.admin}"}
    address = f"{stage.address}/api/conversations/{conversation}/upload"
    async with stage.http.post(address, data=form(), headers=headers) as response:
        task = msgspec.json.decode(await response.read(), type=dict[str, str])["task_id"]
    async with stage.http.get(f"{stage.address}/api/file-upload-status/{task}", headers=headers) as response:
        status = msgspec.json.decode(await response.read(), type=UploadState)
    return Upload(id=status.result.file_id, public_id=UUID(task))


class UploadResult(msgspec.Struct):
    file_id: int


class UploadState(msgspec.Struct):
    result: UploadResult
