"""Conversations written down whole: exported, imported, and the same again."""

import base64
import hashlib

import aiohttp
import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native, Shop
from tests.dialects.native.talks import Talks, talk_of
from tests.fakes.scripted_model import Call, CallsTools, Says
from turnkeeper.store import events

Json = dict[str, object]


class Transcript(msgspec.Struct):
    """A file, as far as tests change it."""

    format: str
    version: int
    conversation: Json
    messages: list[Json]
    events: list[Json]


async def exported(native: Native, talk: str, query: str = "") -> bytes:
    answer = await native.get(f"/conversations/{talk}/export{query}")
    assert answer.status == 200, answer.body
    return answer.body


async def imported(native: Native, text: bytes, **headers: str) -> Answer:
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await native.ask("POST", "/conversations/import", data=text, headers=given)


async def acted(stage: Stage, shop: Shop, admin: Native) -> str:
    """A conversation with an approval, a tool's call, a failed turn, a cancelled message, labels."""
    talks = Talks(admin)
    talk = await talks.begin(agent="refunds", title="A title", tags=["a", "ü"], metadata={"z": "1", "a": "2"})
    stage.model.will(CallsTools((Call(tool="refund", arguments='{"amount": 4200}', call_id="c1"),)))
    async with shop.working():
        sent = await admin.post(f"/conversations/{talk}/messages", {"text": "Refund\u2028it “now”."})
        message = msgspec.json.decode(sent.body, type=dict[str, object])["id"]
        parked = await shop.parked(admin, str(message))
        await admin.decide(parked.waits_for[0], "approve", "Fine.")
        assert (await admin.finished(str(message))).status == "completed"
        assert await talks.say(talk, "And?")
    cancelled = await admin.post(f"/conversations/{talk}/messages", {"text": "Never mind."})
    assert (await admin.cancel(str(msgspec.json.decode(cancelled.body, type=dict[str, object])["id"]))).status == 200
    return talk


@pytest.mark.requirement("native.conversations.export")
async def test_the_export_of_an_import_is_the_same_byte_by_byte(stage: Stage, shop: Shop, admin: Native) -> None:
    talk = await acted(stage, shop, admin)
    await admin.post(f"/conversations/{talk}/messages", {"text": "Not finished"})
    text = await exported(admin, talk)
    made = await imported(admin, text)
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"/v1/conversations/{talk_of(made).id}"
    assert talk_of(made).id != talk
    assert await exported(admin, talk_of(made).id) == text
    assert b"Not finished" not in text
    assert b"_01" not in text, "no id of this server"
    messages = [text for page in await Talks(admin).texts(talk_of(made).id) for text in page]
    assert messages == [text for page in await Talks(admin).texts(talk) for text in page][:-1]


@pytest.mark.requirement("native.conversations.export")
async def test_an_imported_conversation_is_carried_on_with_what_was_done(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    text = await exported(admin, await acted(stage, shop, admin))
    talk = talk_of(await imported(admin, text)).id
    async with shop.working():
        await Talks(admin).say(talk, "Go on")
    roles = [message.role for message in stage.model.requests[-1].messages]
    assert "tool" in roles
    assert len(shop.refund.keys) == 1
    assert talk_of(await admin.get(f"/conversations/{talk}")).message_count == 8


@pytest.mark.requirement("native.conversations.export")
async def test_an_import_has_events_without_gaps(stage: Stage, shop: Shop, admin: Native) -> None:
    made = talk_of(await imported(admin, await exported(admin, await acted(stage, shop, admin))))
    async with stage.turnkeeper.rooms.database.connection() as connection:
        cursor = await connection.execute("SELECT max(id) FROM conversations")
        ((number,),) = await cursor.fetchall()
        log = await events.of_conversation(connection, conversation_id=number, limit=1_000)
    assert [event.number for event in log] == list(range(1, made.last_event + 1))


@pytest.mark.requirement("native.conversations.export")
async def test_files_travel_by_their_hash_or_with_their_bytes(
    stage: Stage, admin: Native, outsider: Native, member: Native
) -> None:
    talk = await Talks(admin).begin()
    file = await upload(stage, b"What is in the file.", "note é.txt")
    async with stage.working():
        sent = await admin.post(
            f"/conversations/{talk}/messages", {"text": "Read it", "files": [file]}, Prefer="wait=30"
        )
    assert sent.message.status == "completed"
    plain, whole = await exported(admin, talk), await exported(admin, talk, "?files=inline")
    digest = hashlib.sha256(b"What is in the file.").hexdigest()
    assert digest.encode() in plain
    assert b'"content":"%b"' % base64.b64encode(b"What is in the file.") in whole

    copy = talk_of(await imported(admin, plain)).id
    assert (await exported(admin, copy), await exported(admin, copy, "?files=inline")) == (plain, whole)
    refused = await imported(member, plain)
    assert [(fault.pointer, fault.code) for fault in refused.problem.errors] == [("/messages/0/files/0", "unknown")]
    assert (await exported(member, talk_of(await imported(member, whole)).id)) == plain
    torn = whole.replace(base64.b64encode(b"What is in the file."), base64.b64encode(b"Something else"))
    pointers = [fault.pointer for fault in (await imported(member, torn)).problem.errors]
    assert pointers == ["/messages/0/files/0/size", "/messages/0/files/0/sha256"]


async def upload(stage: Stage, content: bytes, name: str) -> str:
    """A file of the admin's, uploaded at another door."""
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("file", content, filename=name, content_type="application/octet-stream")
    address = f"{stage.address}/api/public/v1/attachments"
    headers = {"Authorization": f"Bearer {stage.keys.admin}"}
    async with stage.http.post(address, data=data, headers=headers) as response:
        assert response.status == 201, await response.text()
        return msgspec.json.decode(await response.read(), type=dict[str, str])["attachment_id"]


@pytest.mark.requirement("native.conversations.export")
async def test_a_transcript_whole(stage: Stage, member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin(metadata={"k": "v"})
    stage.model.will(Says("Hello yourself."))
    async with stage.working():
        await talks.say(talk, "Hello")
    shown = Answer(status=200, headers={}, body=await exported(member, talk)).steady()
    assert shown == snapshot(
        {
            "format": "turnkeeper.conversation",
            "version": 1,
            "conversation": {
                "agent": "helper",
                "data_set": "open",
                "mode": "execute",
                "origin": "api",
                "status": "active",
                "title": None,
                "tags": [],
                "metadata": {"k": "v"},
                "usage": {
                    "input_tokens": 9,
                    "output_tokens": 2,
                    "cache_read_tokens": 0,
                    "cache_write_tokens": 0,
                    "cost_usd": None,
                    "unpriced_calls": 1,
                },
                "memory": None,
                "created_at": "time",
                "updated_at": "time",
                "archived_at": None,
            },
            "messages": [
                {
                    "role": "user",
                    "status": "completed",
                    "text": "Hello",
                    "answers": None,
                    "model": None,
                    "usage": None,
                    "citations": [],
                    "rounds": [],
                    "overlap": None,
                    "answered_with": None,
                    "joined_call": None,
                    "left_out": None,
                    "feedback": [],
                    "created_at": "time",
                    "updated_at": "time",
                    "files": [],
                },
                {
                    "role": "assistant",
                    "status": "completed",
                    "text": "Hello yourself.",
                    "answers": 1,
                    "model": "scripted",
                    "usage": {
                        "input_tokens": 9,
                        "output_tokens": 2,
                        "cache_read_tokens": 0,
                        "cache_write_tokens": 0,
                        "cost_usd": None,
                        "unpriced_calls": 1,
                    },
                    "citations": [],
                    "rounds": [],
                    "overlap": None,
                    "answered_with": None,
                    "joined_call": None,
                    "left_out": None,
                    "feedback": [],
                    "created_at": "time",
                    "updated_at": "time",
                    "files": [],
                },
            ],
            "events": [
                {"message": 1, "at": "time", "kind": "message.queued", "body": {"overlap": "enqueue"}},
                {
                    "message": 1,
                    "at": "time",
                    "kind": "turn.started",
                    "body": {"attempt": 1, "resumes_at": 1},
                },
                {
                    "message": 1,
                    "at": "time",
                    "kind": "text",
                    "body": {"text": "Hello yourself.", "model_call": 1},
                },
                {
                    "message": 1,
                    "at": "time",
                    "kind": "model.returned",
                    "body": {
                        "model_call": 1,
                        "model": "scripted",
                        "usage": {
                            "input_tokens": 9,
                            "output_tokens": 2,
                            "cache_read_tokens": 0,
                            "cache_write_tokens": 0,
                            "cost_usd": None,
                            "unpriced_calls": 1,
                        },
                        "timing": {"began_ms": 0, "ended_ms": 0, "first_ms": 0},
                        "asked": {"messages": 1, "tools": 1, "max_output_tokens": 8192, "finish_reason": "stop"},
                    },
                },
                {
                    "message": 1,
                    "at": "time",
                    "kind": "message.completed",
                    "body": {
                        "model": "scripted",
                        "usage": {
                            "input_tokens": 9,
                            "output_tokens": 2,
                            "cache_read_tokens": 0,
                            "cache_write_tokens": 0,
                            "cost_usd": None,
                            "unpriced_calls": 1,
                        },
                    },
                },
            ],
        }
    )


@pytest.mark.requirement("native.conversations.export")
async def test_markdown_is_for_people(stage: Stage, shop: Shop, admin: Native) -> None:
    talk = await acted(stage, shop, admin)
    asked = await admin.get(f"/conversations/{talk}/export", Accept="text/markdown")
    named = await admin.get(f"/conversations/{talk}/export?format=markdown")
    assert named.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert asked.body == named.body
    # Whatever people and models wrote: no browser shows it as a page of this server.
    assert named.headers["Content-Disposition"].startswith("attachment; ")
    assert named.headers["X-Content-Type-Options"] == "nosniff"
    text = named.body.decode()
    assert text.startswith("# A title\n\n- Agent: refunds\n")
    for part in ("## User, ", "Refund\u2028it “now”.", "### Tool: refund", '```\n{"amount": 4200}\n```', "(cancelled)"):
        assert part in text
    assert (await admin.ask("HEAD", f"/conversations/{talk}/export")).body == b""


@pytest.mark.requirement("native.conversations.export")
async def test_who_does_not_see_a_conversation_exports_nothing(admin: Native, member: Native, outsider: Native) -> None:
    talk = await Talks(admin).begin()
    for asking in (member, outsider):
        assert (await asking.get(f"/conversations/{talk}/export")).status == 404


@pytest.mark.requirement("native.conversations.import")
async def test_every_fault_of_a_file_is_told_with_its_place(stage: Stage, member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin()
    async with stage.working():
        await talks.say(talk, "Hello")
    file = msgspec.json.decode(await exported(member, talk), type=Transcript)
    before = stage.rows()
    head, messages, log = file.conversation, file.messages, file.events

    async def faults(**changed: object) -> list[tuple[str, str]]:
        answer = await imported(member, msgspec.json.encode({**msgspec.structs.asdict(file), **changed}))
        assert answer.status == 400, answer.body
        return [(fault.pointer, fault.code) for fault in answer.problem.errors]

    assert await faults(version=2, format="x", more=1) == snapshot(
        [("/more", "unknown_field"), ("/format", "invalid"), ("/version", "invalid")]
    )
    nothing: dict[str, object] = {}
    assert await faults(
        conversation={**head, "mode": "x", "tags": [1, "a"], "extra": 1}, messages=[nothing, 1]
    ) == snapshot(
        [
            ("/conversation/extra", "unknown_field"),
            ("/conversation/mode", "invalid"),
            ("/conversation/tags/0", "invalid"),
            ("/messages/0/role", "missing"),
            ("/messages/0/status", "missing"),
            ("/messages/0/text", "missing"),
            ("/messages/0/answers", "missing"),
            ("/messages/0/model", "missing"),
            ("/messages/0/usage", "missing"),
            ("/messages/0/citations", "missing"),
            ("/messages/0/rounds", "missing"),
            ("/messages/0/overlap", "missing"),
            ("/messages/0/answered_with", "missing"),
            ("/messages/0/joined_call", "missing"),
            ("/messages/0/left_out", "missing"),
            ("/messages/0/feedback", "missing"),
            ("/messages/0/created_at", "missing"),
            ("/messages/0/updated_at", "missing"),
            ("/messages/0/files", "missing"),
            ("/messages/1", "wrong_type"),
        ]
    )
    assert await faults(
        conversation={**head, "title": " ", "metadata": {"k" * 41: "v"}, "created_at": "9999-01-01T00:00:00Z"},
        messages=[{**messages[0], "text": "a\x00b"}, messages[1]],
    ) == snapshot(
        [
            ("/messages/0/text", "nul"),
            ("/conversation/title", "blank"),
            ("/conversation/metadata/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "too_long"),
            ("/conversation/created_at", "invalid"),
        ]
    )
    assert await faults(conversation={**head, "agent": "nobody", "data_set": "closed"}) == snapshot(
        [("/conversation/agent", "unknown"), ("/conversation/data_set", "unknown")]
    )
    assert await faults(messages=[messages[0], {**messages[1], "answers": 2}, {**messages[0], "status": "queued"}]) == (
        snapshot(
            [
                ("/messages/1/answers", "invalid"),
                ("/messages/2/status", "invalid"),
                ("/messages/0", "invalid"),
                ("/messages/2", "invalid"),
            ]
        )
    )
    assert await faults(events=[*log[1:], {**log[0], "message": 2}, {**log[0], "kind": "x"}]) == snapshot(
        [("/events/5", "invalid")]
    )
    assert await faults(events=log[:-1]) == snapshot([("/messages/0", "invalid")])
    assert await faults(events=[{**log[0], "body": {"x": 1}}, *log[1:-1], {**log[-1], "body": {"reply_id": 4}}]) == (
        snapshot([("/events/0", "invalid"), ("/events/4", "invalid")])
    )
    assert stage.rows() == before


@pytest.mark.requirement("native.conversations.import")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"format":"turnkeeper.conversation","events":' + b'[{"body":{"a":' * 50_000, 400, "malformed"),
        (b"[]", 400, "invalid"),
        (b"x" * 64_000_001, 413, "too_large"),
    ],
    ids=["cut", "no text", "deep", "deeper", "a list", "large"],
)
async def test_what_is_no_transcript_is_refused(
    stage: Stage, member: Native, body: bytes, status: int, code: str
) -> None:
    answer = await imported(member, body)
    assert (answer.status, answer.problem.code) == (status, code)
    assert stage.rows()["conversations"] == 0


@pytest.mark.requirement("native.conversations.import")
async def test_the_same_key_imports_once(stage: Stage, member: Native) -> None:
    text = await exported(member, await Talks(member).begin())
    first, second = [await imported(member, text, Idempotency_Key="k") for _ in range(2)]
    assert (second.body, second.headers["Idempotency-Replayed"]) == (first.body, "true")
    assert stage.rows()["conversations"] == 2
    assert (await imported(member, text.replace(b'"api"', b'"web"'), Idempotency_Key="k")).status == 422
