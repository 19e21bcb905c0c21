"""Retention: off by default; what is older than an organization wants to keep goes, and others keep theirs."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop
from tests.dialects.native.file_client import uploaded
from tests.fakes.scripted_model import Says
from tests.privacy.canary import files_with
from turnkeeper.tasks.tidy import Tidy


class Named(msgspec.Struct):
    id: str


def number(stage: Stage, query: str) -> int:
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


async def tidied(stage: Stage) -> None:
    await Tidy(stage.turnkeeper.rooms.database, stage.turnkeeper.rooms.blobs)(0)


async def answered(stage: Stage, shop: Shop, admin: Native, agent: str | None = None) -> str:
    """A conversation with one answered message; its id."""
    stage.model.will(Says("Some words."))
    made = await admin.post("/conversations", {"agent": agent or shop.agent.slug})
    talk = msgspec.json.decode(made.body, type=Named).id
    async with shop.working():
        sent = await admin.post(f"/conversations/{talk}/messages", {"text": "Hello."})
        finished = await admin.finished(msgspec.json.decode(sent.body, type=Named).id)
    assert finished.reply is not None
    return talk


async def set_retention(admin: Native, body: object) -> int:
    headers = {"Content-Type": "application/json"}
    return (await admin.ask("PUT", "/retention", data=msgspec.json.encode(body), headers=headers)).status


async def test_nothing_goes_unless_somebody_decided_so(stage: Stage, shop: Shop, admin: Native) -> None:
    talk = await answered(stage, shop, admin)
    stage.execute("UPDATE conversations SET updated_at = now() - interval '9 years'")

    await tidied(stage)

    assert (await admin.get(f"/conversations/{talk}")).status == 200
    assert msgspec.json.decode((await admin.get("/retention")).body) == {
        "conversations_days": None,
        "text_days": None,
        "files_days": None,
        "webhook_deliveries_days": None,
        "idempotency_hours": None,
    }


async def test_conversations_that_nobody_touched_are_deleted(stage: Stage, shop: Shop, admin: Native) -> None:
    old, new = await answered(stage, shop, admin), await answered(stage, shop, admin)
    assert await set_retention(admin, {"conversations_days": 30}) == 200
    stage.execute(
        "UPDATE conversations SET updated_at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM conversations)"
    )

    await tidied(stage)

    assert (await admin.get(f"/conversations/{old}")).status == 404
    assert (await admin.get(f"/conversations/{new}")).status == 200
    log = (await admin.get("/audit?action=retention.applied")).body.decode()
    assert '"details":{"removed":{"conversations":1}}' in log


async def test_what_is_not_answered_yet_stays(stage: Stage, shop: Shop, admin: Native) -> None:
    made = await admin.post("/conversations", {"agent": shop.agent.slug})
    talk = msgspec.json.decode(made.body, type=Named).id
    await admin.post(f"/conversations/{talk}/messages", {"text": "Hello."})
    await set_retention(admin, {"conversations_days": 1})
    stage.execute("UPDATE conversations SET updated_at = now() - interval '31 days'")

    await tidied(stage)

    assert (await admin.get(f"/conversations/{talk}")).status == 200


async def test_pieces_of_text_become_empty_and_the_reply_stays(stage: Stage, shop: Shop, admin: Native) -> None:
    talk = await answered(stage, shop, admin)
    before = number(stage, "SELECT count(*) FROM events")
    await set_retention(admin, {"text_days": 1})
    stage.execute("UPDATE conversations SET updated_at = now() - interval '2 days'")

    await tidied(stage)

    assert number(stage, "SELECT count(*) FROM events") == before
    assert number(stage, "SELECT count(*) FROM events WHERE kind = 'text' AND body ->> 'text' <> ''") == 0
    assert "Some words." in (await admin.get(f"/conversations/{talk}/messages")).body.decode()
    assert (await admin.get(f"/conversations/{talk}/events")).status == 200


async def test_old_files_go_from_the_messages_that_have_them_and_their_bytes_a_day_later(
    stage: Stage, shop: Shop, admin: Native, tmp_path: Path
) -> None:
    old, waiting, new = [
        await uploaded(admin, f"The {name} file.".encode(), f"{name}.txt") for name in ("old", "waiting", "new")
    ]
    made = await admin.post("/conversations", {"agent": shop.agent.slug})
    talk = msgspec.json.decode(made.body, type=Named).id
    stage.model.will(Says("I have read it."))
    async with shop.working():
        sent = await admin.post(f"/conversations/{talk}/messages", {"text": "Read it.", "files": [old.id]})
        read = await admin.finished(msgspec.json.decode(sent.body, type=Named).id)
    assert read.status == "completed"
    sent = await admin.post(f"/conversations/{talk}/messages", {"text": "Read it, too.", "files": [waiting.id]})
    assert sent.status == 202, sent.body
    await set_retention(admin, {"files_days": 30})
    stage.execute("UPDATE files SET created_at = now() - interval '31 days' WHERE name <> 'new.txt'")

    await tidied(stage)

    assert [(await admin.get(f"/files/{file.id}")).status for file in (old, waiting, new)] == [404, 200, 200]
    assert b'"files":[]' in (await admin.get(f"/messages/{read.id}")).body
    assert files_with(tmp_path, "The old file.")
    log = (await admin.get("/audit?action=retention.applied")).body.decode()
    assert '"details":{"removed":{"files":1}}' in log
    stage.execute("UPDATE blobs SET unused_since = unused_since - interval '25 hours'")
    await tidied(stage)
    assert files_with(tmp_path, "The old file.") == []
    assert files_with(tmp_path, "The waiting file.")


async def test_files_of_others_stay(stage: Stage, admin: Native, outsider: Native) -> None:
    theirs = await uploaded(outsider, b"Theirs.")
    stage.execute("UPDATE files SET created_at = now() - interval '31 days'")
    await set_retention(admin, {"files_days": 30})

    await tidied(stage)

    assert (await outsider.get(f"/files/{theirs.id}")).status == 200


async def test_stored_results_and_deliveries_go_when_they_are_older(stage: Stage, admin: Native) -> None:
    await admin.post("/webhooks", {"url": "http://93.184.215.14/hook", "types": ["*"]}, Idempotency_Key="a")
    stage.execute(
        "INSERT INTO webhook_deliveries (webhook_id, type, about) SELECT id, 'webhook.test', '{}' FROM webhooks"
    )
    stage.execute("UPDATE webhook_deliveries SET created_at = now() - interval '3 days'")
    stage.execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
    await set_retention(admin, {"webhook_deliveries_days": 2, "idempotency_hours": 24})

    await tidied(stage)

    assert number(stage, "SELECT count(*) FROM webhook_deliveries") == 0
    assert number(stage, "SELECT count(*) FROM idempotency_keys") == 0


@pytest.mark.parametrize(
    "body", [{"idempotency_hours": 23}, {"conversations_days": 0}, {"files_days": "x"}, {"text_days": 1e9}, {"x": 1}]
)
async def test_times_out_of_bounds_are_refused(admin: Native, body: object) -> None:
    assert await set_retention(admin, body) == 400


async def test_members_decide_nothing(member: Native) -> None:
    assert await set_retention(member, {}) == 403
    assert (await member.get("/retention")).status == 403


async def other_agent(admin: Native, retention: Mapping[str, int | None], name: str = "Other") -> str:
    """One more agent, with times of its own; its slug."""
    made = await admin.post("/agents", {"name": name, "settings": {"retention": retention}})
    assert made.status == 201, made.body
    return msgspec.json.decode(made.body, type=Slugged).slug


class Slugged(msgspec.Struct):
    slug: str


async def begun(admin: Native, agent: str) -> str:
    return msgspec.json.decode((await admin.post("/conversations", {"agent": agent})).body, type=Named).id


@pytest.mark.parametrize(("own", "whole", "then"), [(10, 30, 404), (300, 30, 200), (10, None, 404)])
async def test_an_agent_s_own_time_counts_for_its_conversations_and_for_no_others(
    stage: Stage, shop: Shop, admin: Native, own: int, whole: int | None, then: int
) -> None:
    other = await begun(admin, shop.agent.slug)
    talk = await begun(admin, await other_agent(admin, {"conversations_days": own}))
    await set_retention(admin, {"conversations_days": whole})
    stage.execute("UPDATE conversations SET updated_at = now() - interval '20 days'")

    await tidied(stage)

    assert (await admin.get(f"/conversations/{talk}")).status == then
    assert (await admin.get(f"/conversations/{other}")).status == 200
    stage.execute("UPDATE conversations SET updated_at = now() - interval '40 days'")
    await tidied(stage)
    assert (await admin.get(f"/conversations/{talk}")).status == then
    assert (await admin.get(f"/conversations/{other}")).status == (200 if whole is None else 404)


async def test_an_agent_without_a_time_of_its_own_takes_the_organization_s_for_that(
    stage: Stage, admin: Native
) -> None:
    talk = await begun(admin, await other_agent(admin, {"text_days": 300}))
    await set_retention(admin, {"conversations_days": 30})
    stage.execute("UPDATE conversations SET updated_at = now() - interval '31 days'")

    await tidied(stage)

    assert (await admin.get(f"/conversations/{talk}")).status == 404


async def test_text_goes_when_the_agent_says_so(stage: Stage, shop: Shop, admin: Native) -> None:
    await answered(stage, shop, admin, await other_agent(admin, {"text_days": 1}))
    await set_retention(admin, {"text_days": 300})
    stage.execute("UPDATE conversations SET updated_at = now() - interval '2 days'")

    await tidied(stage)

    assert number(stage, "SELECT count(*) FROM events WHERE kind = 'text' AND body ->> 'text' <> ''") == 0


@pytest.mark.parametrize(
    ("whole", "patient", "left"),
    [(None, None, "b free"), (10, 300, "b"), (5, None, ""), (None, 10, "free")],
)
async def test_a_file_stays_as_long_as_the_most_patient_of_its_agents_keeps_it(
    stage: Stage, admin: Native, whole: int | None, patient: int | None, left: str
) -> None:
    hasty = await other_agent(admin, {"files_days": 10})
    other = await other_agent(admin, {"files_days": patient}, "Patient")
    await set_retention(admin, {"files_days": whole})
    files = {name: (await uploaded(admin, name.encode(), f"{name}.txt")).id for name in ("a", "b", "free")}
    first = await sent_with(admin, hasty, [files["a"], files["b"]])
    second = await sent_with(admin, other, [files["b"]])
    for message in (first, second):
        await admin.post(f"/messages/{message}/cancel", {})
    stage.execute("UPDATE files SET created_at = now() - interval '20 days', unused_since = NULL")

    await tidied(stage)

    kept = {name for name, file in files.items() if (await admin.get(f"/files/{file}")).status == 200}
    assert kept == set(left.split())


async def sent_with(admin: Native, agent: str, files: list[str]) -> str:
    body = {"agent": agent, "message": {"text": "Look.", "files": files}}
    return msgspec.json.decode((await admin.post("/conversations", body)).body, type=Begun).message.id


class Begun(msgspec.Struct):
    message: Named


@pytest.mark.parametrize("days", [0, -1, 36_501, 1.5, "x"])
async def test_an_agent_s_times_out_of_bounds_are_refused(admin: Native, days: object) -> None:
    made = await admin.post("/agents", {"name": "A", "settings": {"retention": {"conversations_days": days}}})
    assert made.status == 400
    assert b"/settings/retention/conversations_days" in made.body
