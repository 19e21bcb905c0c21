"""Erasure: what was planted everywhere is nowhere afterwards, and others lose nothing."""

import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native, Shop
from tests.fakes.held import held
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.patience import PATIENCE
from tests.privacy.canary import CANARY, files_with, rows_with
from tests.privacy.planting import Me, Talk, erased, imported, person, planted, receipt_in, uploaded
from turnkeeper.core.erasures import receipt_hash
from turnkeeper.core.ids import from_prefixed
from turnkeeper.store import erasures


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
    assert (await stage.turnkeeper.actions.audit.verify(stage.people.admin)).broken_at is None


async def test_nothing_of_an_end_user_is_left_and_others_lose_nothing(stage: Stage, shop: Shop, admin: Native) -> None:
    await planted(stage, shop, admin, stage.keys.admin)
    other = await admin.post("/conversations", {"agent": shop.agent.slug, "metadata": {"customer": "somebody"}})

    receipt = await erased(stage, admin, {"end_user": {"name": "customer", "value": CANARY}})

    # The note of a decision belongs to the conversation, and goes with it.
    assert rows_with(stage.database_url) == {}
    assert receipt.removed["conversations"] == 1
    assert (await admin.get(f"/conversations/{msgspec.json.decode(other.body, type=Talk).id}")).status == 200


async def test_a_conversation_that_began_while_the_person_was_shut_out_goes_too(stage: Stage, admin: Native) -> None:
    account, _, _ = await person(stage, admin)
    begin = (
        "INSERT INTO conversations (public_id, organization_id, account_id, agent_id, origin, mode)"
        f" SELECT gen_random_uuid(), a.organization_id, a.id, g.id, 'api', 'execute' FROM accounts a, agents g"
        f" WHERE a.name LIKE '%{CANARY}%' AND g.organization_id = a.organization_id LIMIT 1"
    )
    async with asyncio.timeout(PATIENCE), stage.working(), held(stage.database_url, begin) as late:
        asked = await admin.post("/erasures", {"account_id": account})
        await late.waiter()
        await late.commit()
        receipt = receipt_in(await admin.get(asked.headers["Location"].removeprefix("/v1"), Prefer="wait=30"))

    assert (receipt.state, receipt.removed.get("conversations")) == ("completed", 1)
    assert stage.rows()["conversations"] == 0


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
    found = receipt_in(await admin.get(asked.headers["Location"].removeprefix("/v1"), Prefer="wait=30"))
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
