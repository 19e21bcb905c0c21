"""Erasure: what was planted everywhere is nowhere afterwards, and others lose nothing."""

import logging
from pathlib import Path

import aiohttp
import msgspec
import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native, Shop
from tests.fakes.scripted_model import Call, CallsTools, Says
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.privacy.canary import CANARY, files_with, rows_with
from turnkeeper.core.erasures import receipt_hash
from turnkeeper.core.ids import from_prefixed
from turnkeeper.store import erasures


class Receipt(msgspec.Struct):
    id: str
    kind: str
    state: str
    removed: dict[str, int]
    audit_number: int | None
    hash: str | None


class Named(msgspec.Struct):
    id: str


class Talk(msgspec.Struct):
    id: str


class Begun(msgspec.Struct):
    id: str


class Me(msgspec.Struct):
    account: Named


def receipt_in(answer: Answer) -> Receipt:
    assert answer.status in {200, 202}, answer.body
    return msgspec.json.decode(answer.body, type=Receipt)


async def erased(stage: Stage, admin: Native, subject: object) -> Receipt:
    """Ask for it, with a worker that does it."""
    async with stage.working():
        asked = await admin.post("/erasures", subject)
        assert asked.status == 202, asked.body
        found = receipt_in(await admin.get(asked.headers["Location"].removeprefix("/v1"), Prefer="wait=20"))
    assert found.state == "completed", found
    return found


async def planted(stage: Stage, shop: Shop, own: Native, key: str) -> str:
    """A conversation of this person that has the word wherever a person or an agent can put one; its id."""
    made = await own.post(
        "/conversations",
        {"agent": shop.agent.slug, "title": f"T {CANARY}", "metadata": {"customer": CANARY}, "tags": [CANARY]},
        Idempotency_Key=f"key-{CANARY}",
    )
    assert made.status < 300, made.body
    talk = msgspec.json.decode(made.body, type=Talk).id
    stage.model.will(
        CallsTools((Call(tool="refund", arguments=f'{{"customer": "{CANARY}", "amount": 1}}', call_id="c1"),)),
        Says(f"Done, {CANARY}."),
    )
    async with shop.working():
        sent = await own.post(f"/conversations/{talk}/messages", {"text": f"Refund {CANARY}."}, Idempotency_Key="m")
        assert sent.status < 300, sent.body
        message = await shop.parked(own, msgspec.json.decode(sent.body, type=Begun).id)
        decided = await Native(stage, stage.keys.admin).decide(
            message.waits_for[0], "approve", f"Yes, {CANARY}.", Idempotency_Key="d"
        )
        assert decided.status == 200, decided.body
        finished = await own.finished(message.id)
    assert finished.reply is not None
    rated = await own.ask(
        "PUT",
        f"/messages/{message.id}/feedback",
        data=msgspec.json.encode({"rating": "up", "comment": CANARY}),
        headers={"Content-Type": "application/json", "Idempotency-Key": "f"},
    )
    assert rated.status == 200, rated.body
    await own.get(f"/conversations?q={CANARY}")
    await uploaded(stage, talk, key, f"{CANARY} in a file.".encode())
    stage.execute(
        "INSERT INTO memories (conversation_id, up_to_message_id, text, model) SELECT c.id, max(m.id),"
        f" '{CANARY}', 'm' FROM conversations c JOIN messages m ON m.conversation_id = c.id GROUP BY c.id"
        " ON CONFLICT DO NOTHING"
    )
    return talk


async def uploaded(stage: Stage, talk: str, key: str, content: bytes) -> None:
    """A file of the person's, for this conversation."""
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        public_id = from_prefixed(("conv",), talk)
        row = connection.execute("SELECT id FROM conversations WHERE public_id = %s", (public_id,)).fetchone()
    assert row is not None
    data = aiohttp.FormData()
    data.add_field("file", content, filename=f"{CANARY}.txt", content_type="text/plain")
    headers = {"Authorization": f"Token {key}"}
    address = f"{stage.address}/api/conversations/{row[0]}/upload"
    async with stage.http.post(address, data=data, headers=headers) as response:
        assert response.status < 300, await response.text()


async def imported(stage: Stage, own: Native) -> None:
    """A data set with a document that the person uploaded."""
    made = await own.post("/data-sets", {"name": "Papers"})
    assert made.status == 201, made.body
    data_set = msgspec.json.decode(made.body, type=Named).id
    async with stage.working():
        done = await own.ask(
            "PUT",
            f"/data-sets/{data_set}/documents?address={CANARY}.txt",
            data=msgspec.json.encode({"markdown": f"# The {CANARY}\n\nAll about it, and of nothing else."}),
            headers={"Content-Type": "application/json", "Prefer": "wait=20", "Idempotency-Key": "i"},
        )
    assert done.status < 300, done.body


async def person(stage: Stage, admin: Native) -> tuple[str, Native, str]:
    """An admin with the word in his address; his id, his client and his key."""
    body = {"kind": "user", "email": f"{CANARY}@acme.example", "password": "correct horse battery", "role": "admin"}
    made = await admin.post("/members", body, Idempotency_Key="p")
    account = msgspec.json.decode(made.body, type=Named).id
    answer = await admin.post("/keys", {"name": CANARY, "account_id": account}, Idempotency_Key="k")
    secret = msgspec.json.decode(answer.body, type=dict[str, object])["secret"]
    assert isinstance(secret, str)
    return account, Native(stage, secret), secret


async def test_nothing_of_a_conversation_is_left(
    stage: Stage, shop: Shop, admin: Native, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "turnkeeper")
    async with WebhookReceiver() as receiver:
        await admin.post("/webhooks", {"url": receiver.url, "types": ["*"]})
        talk = await planted(stage, shop, admin, stage.keys.admin)
        async with stage.working():
            await receiver.until(3)
        before = rows_with(stage.database_url)
        assert {"conversations", "messages", "events", "steps", "effects", "approvals", "feedback"} <= before.keys()
        assert {"memories", "files", "blobs", "idempotency_keys"} <= before.keys()
        assert files_with(tmp_path)

        receipt = await erased(stage, admin, {"conversation_id": talk})

    assert rows_with(stage.database_url) == {}
    assert files_with(tmp_path) == []
    assert CANARY not in caplog.text
    assert receipt.removed["conversations"] == 1
    assert receipt.removed["messages"] == 2
    assert receipt.removed["bytes"] > 0
    assert (await admin.get(f"/conversations/{talk}")).status == 404


async def test_nothing_of_a_person_is_left(
    stage: Stage, shop: Shop, admin: Native, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "turnkeeper")
    account, own, key = await person(stage, admin)
    await planted(stage, shop, own, key)
    await imported(stage, own)
    schedule = {"name": CANARY, "agent": shop.agent.slug, "text": CANARY, "cron": "0 9 * * *"}
    assert (await own.post("/schedules", schedule, Idempotency_Key="s")).status == 201
    before = rows_with(stage.database_url)
    assert {"accounts", "api_keys", "documents", "passages", "schedules", "sources", "messages"} <= before.keys()

    receipt = await erased(stage, admin, {"account_id": account})

    assert rows_with(stage.database_url) == {}
    assert files_with(tmp_path) == []
    assert CANARY not in caplog.text
    assert receipt.removed["documents"] == 1
    assert (await own.get("/me")).status == 401
    assert await stage.turnkeeper.actions.audit.verify(stage.people.admin)


async def test_nothing_of_an_end_user_is_left_and_others_lose_nothing(stage: Stage, shop: Shop, admin: Native) -> None:
    await planted(stage, shop, admin, stage.keys.admin)
    other = await admin.post("/conversations", {"agent": shop.agent.slug, "metadata": {"customer": "somebody"}})

    receipt = await erased(stage, admin, {"end_user": {"name": "customer", "value": CANARY}})

    # The note of a decision belongs to the conversation, and goes with it.
    assert rows_with(stage.database_url) == {}
    assert receipt.removed["conversations"] == 1
    assert (await admin.get(f"/conversations/{msgspec.json.decode(other.body, type=Talk).id}")).status == 200


async def test_bytes_that_another_file_has_stay(stage: Stage, shop: Shop, admin: Native, tmp_path: Path) -> None:
    talks: list[str] = []
    for _ in range(2):
        made = await admin.post("/conversations", {"agent": shop.agent.slug})
        talks.append(msgspec.json.decode(made.body, type=Talk).id)
        await uploaded(stage, talks[-1], stage.keys.admin, b"The same bytes.")

    first = await erased(stage, admin, {"conversation_id": talks[0]})

    assert first.removed.get("bytes", 0) == 0
    assert files_with(tmp_path, "The same bytes.")
    second = await erased(stage, admin, {"conversation_id": talks[1]})
    assert second.removed["bytes"] == len(b"The same bytes.")
    assert files_with(tmp_path, "The same bytes.") == []


async def test_the_receipt_is_told_in_the_audit_log_and_its_hash_is_right(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    made = await admin.post("/conversations", {"agent": shop.agent.slug})

    receipt = await erased(stage, admin, {"conversation_id": msgspec.json.decode(made.body, type=Talk).id})

    async with stage.turnkeeper.rooms.database.connection() as connection:
        public_id = from_prefixed(("ers",), receipt.id)
        assert public_id is not None
        found = await erasures.find(connection, erasure=public_id)
    assert found is not None
    assert found.ended_at is not None
    assert receipt.audit_number is not None
    assert receipt.hash == receipt_hash(found, ended_at=found.ended_at, audit_number=receipt.audit_number).hex()
    log = await admin.get("/audit?limit=1&action=erasure.done")
    assert f'"number":{receipt.audit_number},' in log.body.decode()


async def test_a_repeated_request_is_one_erasure(shop: Shop, admin: Native) -> None:
    made = await admin.post("/conversations", {"agent": shop.agent.slug})
    body = {"conversation_id": msgspec.json.decode(made.body, type=Talk).id}

    first = await admin.post("/erasures", body, Idempotency_Key="e")
    again = await admin.post("/erasures", body, Idempotency_Key="e")

    assert receipt_in(first).id == receipt_in(again).id
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_task_that_comes_again_counts_nothing_twice(stage: Stage, shop: Shop, admin: Native) -> None:
    made = await admin.post("/conversations", {"agent": shop.agent.slug})
    receipt = await erased(stage, admin, {"conversation_id": msgspec.json.decode(made.body, type=Talk).id})
    stage.execute("SELECT defer_task('erase', 'erase:' || id, jsonb_build_object('erasure', id)) FROM erasures")

    async with stage.working():
        made = await admin.post("/conversations", {"agent": shop.agent.slug})
        await erased_again(admin, made)

    assert receipt_in(await admin.get(f"/erasures/{receipt.id}")) == receipt


async def erased_again(admin: Native, made: Answer) -> None:
    """Another erasure, behind the first one's task."""
    asked = await admin.post("/erasures", {"conversation_id": msgspec.json.decode(made.body, type=Talk).id})
    found = receipt_in(await admin.get(asked.headers["Location"].removeprefix("/v1"), Prefer="wait=20"))
    assert found.state == "completed"


async def test_the_last_admin_cannot_be_erased(stage: Stage, admin: Native) -> None:
    me = msgspec.json.decode((await admin.get("/me")).body, type=Me)
    stage.execute(
        "UPDATE accounts SET role = 'member' WHERE public_id <> (SELECT min(public_id::text)::uuid FROM accounts)"
    )

    assert (await admin.post("/erasures", {"account_id": me.account.id})).problem.code == "last_admin"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"conversation_id": "x"},
        {"account_id": "conv_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"},
        {"conversation_id": "conv_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A", "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"},
        {"end_user": {"name": "customer"}},
        {"end_user": "x"},
        {"x": 1},
    ],
)
async def test_what_names_nothing_is_refused(admin: Native, body: object) -> None:
    assert (await admin.post("/erasures", body)).status == 400


async def test_others_neither_ask_nor_see(
    stage: Stage, shop: Shop, member: Native, outsider: Native, admin: Native
) -> None:
    made = await admin.post("/conversations", {"agent": shop.agent.slug})
    talk = msgspec.json.decode(made.body, type=Talk).id
    receipt = await erased(stage, admin, {"conversation_id": talk})

    assert (await member.post("/erasures", {"conversation_id": talk})).status == 403
    assert (await outsider.get(f"/erasures/{receipt.id}")).status == 404
    other = await admin.post("/conversations", {"agent": shop.agent.slug})
    hidden = {"conversation_id": msgspec.json.decode(other.body, type=Talk).id}
    assert (await outsider.post("/erasures", hidden)).status == 404
