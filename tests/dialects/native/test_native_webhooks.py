"""Webhooks over HTTP, with the real worker and a receiver on loopback."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native
from tests.fakes.webhook_receiver import Answers, WebhookReceiver
from tests.patience import PATIENCE


class Hook(msgspec.Struct):
    id: str
    waiting: int
    enabled: bool
    secret: str = ""


class Attempt(msgspec.Struct):
    number: int
    status: int | None
    error: str | None
    answer: str | None


class Delivery(msgspec.Struct):
    id: str
    type: str
    state: str
    attempts: int
    log: list[Attempt] = []


class Page(msgspec.Struct):
    items: list[Delivery]
    has_more: bool
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooks:
    """An admin of the stage and a receiver."""

    stage: Stage
    admin: Native
    receiver: WebhookReceiver

    async def make(self, **fields: object) -> Hook:
        """A webhook that points to the receiver."""
        made = await self.admin.post("/webhooks", {"url": self.receiver.url, **fields})
        assert made.status == 201, made.body
        return msgspec.json.decode(made.body, type=Hook)

    async def ended(self, hook: Hook, delivery: str) -> Delivery:
        """The delivery when it has come to its end."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.admin.get(f"/webhooks/{hook.id}/deliveries/{delivery}")
                told = msgspec.json.decode(found.body, type=Delivery)
                if told.state != "waiting":
                    return told


@pytest.fixture
async def hooks(stage: Stage) -> AsyncGenerator[Hooks]:
    """Where webhooks are registered."""
    async with WebhookReceiver() as receiver:
        yield Hooks(stage=stage, admin=Native(stage, stage.keys.admin), receiver=receiver)


@pytest.mark.requirement("native.webhooks.life", "native.webhooks.signed")
async def test_a_webhook_is_registered_tested_rotated_changed_and_deleted(hooks: Hooks) -> None:
    admin = hooks.admin
    made = await admin.post(
        "/webhooks", {"url": "https://192.0.2.1/hooks", "description": "Desk."}, Idempotency_Key="k"
    )
    again = await admin.post(
        "/webhooks", {"url": "https://192.0.2.1/hooks", "description": "Desk."}, Idempotency_Key="k"
    )
    hook = msgspec.json.decode(made.body, type=Hook)
    place = f"/webhooks/{hook.id}"
    changed = await admin.patch(place, {"url": hooks.receiver.url, "types": ["message.*"], "description": None})
    async with hooks.stage.working():
        tested = await admin.post(f"{place}/test")
        await hooks.receiver.until(1)
        delivery = await hooks.ended(hook, msgspec.json.decode(tested.body, type=Delivery).id)
    rotated = await admin.post(f"{place}/rotate", {"grace_hours": 1})
    listed = await admin.get("/webhooks")
    gone = await admin.delete(place)

    assert (made.status, made.headers["Location"]) == (201, f"/v1{place}")
    assert (again.body, again.headers["Idempotency-Replayed"]) == (made.body, "true")
    assert hook.secret.startswith("whsec_")
    body = changed.body.replace(hooks.receiver.url.encode(), b"http://receiver/hooks")
    assert replace(changed, body=body).steady() == snapshot(
        {
            "id": "whk-1",
            "url": "http://receiver/hooks",
            "description": None,
            "types": ["message.*"],
            "agents": None,
            "enabled": True,
            "disabled_reason": None,
            "failing_since": None,
            "waiting": 0,
            "old_secret_until": None,
            "created_at": "time",
            "updated_at": "time",
        }
    )
    assert tested.status == 202
    assert tested.headers["Location"] == f"/v1{place}/deliveries/{delivery.id}"
    assert (delivery.state, delivery.type, [one.status for one in delivery.log]) == ("delivered", "webhook.test", [200])
    (received,) = hooks.receiver.received
    assert received.id == delivery.id
    assert received.is_signed_with(hook.secret)
    assert msgspec.json.decode(rotated.body, type=Hook).secret not in {hook.secret, ""}
    assert b"whsec_" not in listed.body + changed.body
    assert (gone.status, gone.body) == (204, b"")
    assert (await admin.get(place)).status == 404


@pytest.mark.requirement("native.webhooks.deliveries")
async def test_deliveries_are_listed_with_their_attempts_and_sent_again(hooks: Hooks) -> None:
    admin = hooks.admin
    hook = await hooks.make(types=["conversation.*", "message.queued"])
    hooks.receiver.will(Answers(status=200), Answers(status=410, text="Gone fishing."))
    async with hooks.stage.working():
        await _talk(hooks.stage)
        await hooks.receiver.until(2)
        page = await _page(admin, f"/webhooks/{hook.id}/deliveries?limit=1")
        older = await _page(admin, f"/webhooks/{hook.id}/deliveries?limit=1&cursor={page.next_cursor}")
        failed = await hooks.ended(hook, page.items[0].id)
        refused = await admin.post(f"/webhooks/{hook.id}/deliveries/{failed.id}/replay")
        await admin.patch(f"/webhooks/{hook.id}", {"enabled": True})
        one = await admin.post(f"/webhooks/{hook.id}/deliveries/{failed.id}/replay", {})
        await hooks.receiver.until(3)
        await hooks.ended(hook, failed.id)
        everything = await admin.post(
            f"/webhooks/{hook.id}/replay", {"since": "2020-01-01T00:00:00Z", "only_failed": False}
        )
        await hooks.receiver.until(5)

    assert [each.items[0].type for each in (page, older)] == ["message.queued", "conversation.created"]
    assert (page.has_more, older.has_more, older.next_cursor) == (True, False, None)
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert failed.log == snapshot(
        [Attempt(number=1, status=410, error="It answered 410 Gone.", answer="Gone fishing.")]
    )
    assert (refused.status, refused.problem.code) == (409, "webhook_disabled")
    assert one.status == 202
    assert (everything.status, everything.body) == (202, b'{"deliveries":2}')
    ids = [received.id for received in hooks.receiver.received]
    assert ids == [older.items[0].id, failed.id, failed.id, older.items[0].id, failed.id]


@pytest.mark.requirement("native.webhooks.deliveries")
async def test_deliveries_are_filtered(hooks: Hooks) -> None:
    hook = await hooks.make()
    await _talk(hooks.stage)
    place = f"/webhooks/{hook.id}/deliveries"

    found = {
        query: [one.type for one in (await _page(hooks.admin, f"{place}?{query}")).items]
        for query in ("state=waiting", "state=failed", "type=message.queued", "since=2100-01-01T00:00:00Z")
    }
    wrong = await hooks.admin.get(f"{place}?state=lost&type=x&since=now&limit=0&page=1")

    assert found == {
        "state=waiting": ["message.queued", "conversation.created"],
        "state=failed": [],
        "type=message.queued": ["message.queued"],
        "since=2100-01-01T00:00:00Z": [],
    }
    assert {fault.parameter for fault in wrong.problem.errors} == {"state", "type", "since", "limit", "page"}


@pytest.mark.requirement("native.webhooks.admins")
async def test_only_admins_of_the_organization_may_do_anything_with_its_webhooks(hooks: Hooks) -> None:
    hook = await hooks.make()
    asks: tuple[tuple[str, str, dict[str, str] | None], ...] = (
        ("GET", f"/webhooks/{hook.id}", None),
        ("PATCH", f"/webhooks/{hook.id}", {}),
        ("DELETE", f"/webhooks/{hook.id}", None),
        ("POST", f"/webhooks/{hook.id}/rotate", {}),
        ("POST", f"/webhooks/{hook.id}/test", {}),
        ("POST", f"/webhooks/{hook.id}/replay", {"since": "2020-01-01T00:00:00Z"}),
        ("GET", f"/webhooks/{hook.id}/deliveries", None),
        ("GET", f"/webhooks/{hook.id}/deliveries/dlv_{UNKNOWN}", None),
        ("POST", f"/webhooks/{hook.id}/deliveries/dlv_{UNKNOWN}/replay", {}),
    )

    async def statuses(key: str) -> set[int]:
        native = Native(hooks.stage, key)
        found: set[int] = set()
        for method, path, body in asks:
            data = None if body is None else msgspec.json.encode(body)
            headers = {} if body is None else {"Content-Type": "application/json"}
            found.add((await native.ask(method, path, data=data, headers=headers)).status)
        return found

    assert await statuses(hooks.stage.keys.member) == {403}
    assert await statuses(hooks.stage.keys.outsider) == {404}
    assert (await Native(hooks.stage, hooks.stage.keys.member).get("/webhooks")).status == 403
    assert (await hooks.admin.get(f"/webhooks/{hook.id}")).status == 200


@pytest.mark.requirement("native.webhooks.refused")
async def test_what_cannot_be_registered_is_refused_with_every_fault(hooks: Hooks) -> None:
    wrong = {"url": " ", "types": ["message.eaten", ""], "agents": ["x"], "enabled": "yes", "secret": "mine"}
    refused = await hooks.admin.post("/webhooks", wrong)
    unknown = await hooks.admin.post("/webhooks", {"url": hooks.receiver.url, "agents": [f"agt_{UNKNOWN}"]})
    no_url = await hooks.admin.post("/webhooks", {"url": "example.com"})
    empty = await hooks.admin.post("/webhooks", {"url": hooks.receiver.url, "types": [], "agents": []})
    hook = await hooks.make()
    too_long = await hooks.admin.post(f"/webhooks/{hook.id}/rotate", {"grace_hours": 169})
    no_time = await hooks.admin.post(f"/webhooks/{hook.id}/replay", {})

    assert refused.pointers == {"/url", "/types/0", "/types/1", "/agents/0", "/enabled", "/secret"}
    assert unknown.pointers == {"/agents"}
    assert no_url.pointers == {"/url"}
    assert empty.pointers == {"/types", "/agents"}
    assert too_long.pointers == {"/grace_hours"}
    assert no_time.pointers == {"/since"}


@pytest.mark.requirement("native.webhooks.refused")
async def test_an_organization_has_no_more_webhooks_than_allowed(hooks: Hooks) -> None:
    await hooks.make()
    hooks.stage.execute(
        "INSERT INTO webhooks (public_id, organization_id, url, types)"
        " SELECT gen_random_uuid(), organization_id, url, types FROM webhooks, generate_series(2, 50)"
    )
    refused = await hooks.admin.post("/webhooks", {"url": hooks.receiver.url})
    page = await hooks.admin.get("/webhooks?limit=30")

    assert (refused.status, refused.problem.code) == (409, "too_many_webhooks")
    cursor = msgspec.json.decode(page.body, type=dict[str, object])["next_cursor"]
    rest = msgspec.json.decode(
        (await hooks.admin.get(f"/webhooks?limit=30&cursor={cursor}")).body, type=dict[str, object]
    )
    items = rest["items"]
    assert isinstance(items, list)
    assert (len(items), rest["has_more"]) == (20, False)  # pyright: ignore[reportUnknownArgumentType]


async def _page(native: Native, path: str) -> Page:
    answer = await native.get(path)
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Page)


async def _talk(stage: Stage) -> None:
    await stage.turnkeeper.actions.conversations.start(
        stage.people.admin, agent=stage.people.agent, text="Hello?", mode="execute", origin="api"
    )
