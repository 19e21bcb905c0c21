"""What is no id and still might tell of another organization: cursors, keys of repeats, bytes, words, numbers of events."""

import aiohttp
import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native
from tests.dialects.native.file_client import File, send
from tests.fakes.people import make_agent
from tests.patience import PATIENCE
from turnkeeper.core.agents import Agent

HOOK = {"url": "https://93.184.215.14/hook"}
LISTS = ("conversations", "webhooks", "keys")


@pytest.fixture
def admin(stage: Stage) -> Native:
    """Of one organization."""
    return Native(stage, stage.keys.admin)


@pytest.fixture
def outsider(stage: Stage) -> Native:
    """The admin of another."""
    return Native(stage, stage.keys.outsider)


class Item(msgspec.Struct):
    id: str


class Listed(msgspec.Struct):
    items: list[Item]
    next_cursor: str | None = None

    @property
    def ids(self) -> set[str]:
        return {item.id for item in self.items}


async def listed(native: Native, path: str) -> Listed:
    """A list that must come."""
    answer = await native.get(path)
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Listed)


async def other_agent(stage: Stage) -> Agent:
    """An agent of the other organization."""
    async with stage.turnkeeper.rooms.database.transaction() as connection:
        return await make_agent(connection, stage.people.outsider, name="Helper", data_set_id=None)


async def furnished(native: Native, word: str) -> None:
    """Two of each thing that is listed."""
    for number in range(2):
        for path, body in (
            ("/conversations", {"agent": "helper", "message": {"text": f"{word} {number}"}}),
            ("/webhooks", HOOK),
            ("/keys", {"name": f"{word} {number}"}),
        ):
            answer = await native.post(path, body)
            assert answer.status in {201, 202}, answer.body


@pytest.mark.requirement("native.isolation")
async def test_a_cursor_of_another_organization_leads_to_nothing_of_it(
    stage: Stage, admin: Native, outsider: Native
) -> None:
    await other_agent(stage)
    await furnished(admin, "theirs")
    await furnished(outsider, "ours")
    for name in LISTS:
        whole = await listed(admin, f"/{name}")
        own = await listed(outsider, f"/{name}")
        assert not own.ids & whole.ids
        cursor = (await listed(admin, f"/{name}?limit=1")).next_cursor
        assert cursor is not None, name
        assert (await listed(outsider, f"/{name}?cursor={cursor}")).ids <= own.ids, name
    assert (await listed(outsider, "/conversations?search=theirs")).ids == set()
    assert len((await listed(admin, "/conversations?search=theirs")).ids) == 2


@pytest.mark.requirement("native.isolation")
async def test_the_same_idempotency_key_is_another_one_in_another_organization(stage: Stage) -> None:
    other = await other_agent(stage)
    prompt = {"agent_id": "helper", "prompt": "Hello."}
    doors: dict[str, tuple[object, object]] = {
        "/v1/conversations": ({"agent": "helper"}, {"agent": "helper"}),
        "/api/public/v1/conversations/start": (prompt, prompt),
        "/api/conversations": ({"agent_id": stage.people.agent.id}, {"agent_id": other.id}),
    }
    for path, bodies in doors.items():
        made: list[bytes] = []
        for key, body in zip((stage.keys.admin, stage.keys.outsider), bodies, strict=True):
            headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "the-same"}
            async with stage.http.post(stage.address + path, json=body, headers=headers) as answer:
                made.append(await answer.read())
                assert answer.status == 201, made
                assert "Idempotency-Replayed" not in answer.headers
        assert made[0] != made[1]


@pytest.mark.requirement("native.isolation")
async def test_an_upload_does_not_tell_that_another_organization_has_the_same_bytes(
    stage: Stage, admin: Native, outsider: Native
) -> None:
    theirs = msgspec.json.decode((await send(admin, b"a secret of theirs")).body, type=File)
    known, unknown = await send(outsider, b"a secret of theirs"), await send(outsider, b"a secret of nobody")
    assert known.status == unknown.status == 201
    assert shown(known) == shown(unknown)
    file = msgspec.json.decode(known.body, type=File)
    assert (await admin.delete(f"/files/{file.id}")).status == 404
    assert (await outsider.delete(f"/files/{file.id}")).status == 204
    assert (await admin.get(f"/files/{theirs.id}/content")).body == b"a secret of theirs"


def shown(answer: Answer) -> tuple[object, object]:
    """The body without ids and moments, and the names of the headers."""
    return answer.steady(), sorted(answer.headers)


@pytest.mark.requirement("native.isolation")
async def test_numbers_of_others_events_open_nothing(stage: Stage, admin: Native, outsider: Native) -> None:
    await other_agent(stage)
    foreign, own = await talk(admin, "theirs"), await talk(outsider, "ours")
    for after in (0, 1, 2, 1_000):
        page = await outsider.get(f"/conversations/{own}/events?after={after}")
        assert page.status == 200, page.body
        assert b"theirs" not in page.body
        assert foreign.encode() not in page.body
    headers = {"Authorization": f"Bearer {stage.keys.outsider}", "Last-Event-ID": "1"}
    address = f"{stage.address}/v1/conversations/{foreign}/events"
    async with stage.http.get(address, headers=headers, timeout=aiohttp.ClientTimeout(PATIENCE)) as answer:
        assert answer.status == 404


async def talk(native: Native, text: str) -> str:
    """A conversation in which this was said; its id."""
    made = item_of(await native.post("/conversations", {"agent": "helper"})).id
    item_of(await native.post(f"/conversations/{made}/messages", {"text": text}))
    return made


def item_of(answer: Answer) -> Item:
    """What was made."""
    assert answer.status in {201, 202}, answer.body
    return msgspec.json.decode(answer.body, type=Item)


@pytest.mark.requirement("native.isolation")
async def test_hooks_and_sessions_are_those_of_one_organization(stage: Stage, admin: Native, outsider: Native) -> None:
    hook = item_of(await admin.post("/webhooks", HOOK)).id
    delivery = item_of(await admin.post(f"/webhooks/{hook}/test", {})).id
    own = item_of(await outsider.post("/webhooks", HOOK)).id
    assert (await outsider.get(f"/webhooks/{own}/deliveries/{delivery}")).status == 404
    assert (await outsider.post(f"/webhooks/{own}/deliveries/{delivery}/replay")).status == 404
    assert (await listed(outsider, f"/webhooks/{own}/deliveries")).ids == set()
    assert (await listed(outsider, "/sessions")).ids == set()
