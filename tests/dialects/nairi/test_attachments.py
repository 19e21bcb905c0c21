"""Attachments: uploaded, attached, handed out, and what the agent writes."""

from base64 import b64decode
from collections.abc import Mapping

import aiohttp
import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import UNKNOWN, Answer, Nairi
from tests.fakes.scripted_model import Call, CallsTools, Says
from tests.retrieval.samples import builders
from turnkeeper.core.files import SUPPORTED_SUFFIXES

TOO_LARGE = b"x" * 1_000_001


class Attached(msgspec.Struct):
    """A row, as far as files go."""

    role: str
    attachment_ids: list[str] | None = None


class Timeline(msgspec.Struct):
    messages: list[Attached]


class Attachment(msgspec.Struct):
    id: str
    filename: str
    content_type: str
    size: int
    data: str


def form(*parts: tuple[str, str | None, bytes], end: bytes = b"--b--\r\n") -> bytes:
    """A multipart body: field, file name and bytes of each part."""
    pieces: list[bytes] = []
    for field, name, content in parts:
        named = "" if name is None else f'; filename="{name}"'
        pieces.append(
            f'--b\r\nContent-Disposition: form-data; name="{field}"{named}\r\n'
            "Content-Type: application/x-msdownload\r\n\r\n".encode()
            + content
            + b"\r\n"
        )
    return b"".join(pieces) + end


async def send(client: Nairi, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    given = {"Content-Type": "multipart/form-data; boundary=b", **(headers or {})}
    return await client.ask("POST", "/attachments", data=body, headers=given)


async def upload(client: Nairi, content: bytes = b"Hello there", name: str = "note.txt") -> str:
    answer = await send(client, form(("ignored", None, b"x"), ("file", name, content)))
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body, type=dict[str, str])["attachment_id"]


async def download(client: Nairi, identifier: str) -> Attachment:
    answer = await client.get(f"/attachments/{identifier}")
    assert answer.status == 200, answer.body
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    return msgspec.json.decode(answer.body, type=Attachment)


@pytest.mark.requirement("nairi.attachments.upload", "nairi.attachments.download")
async def test_what_was_uploaded_comes_back(admin: Nairi) -> None:
    for content in (b"a", b"ab", b"abc", b"line\n" * 120_000, builders.png()):
        found = await download(admin, await upload(admin, content, "../Ü.txt"))
        assert b64decode(found.data) == content
        assert (found.filename, found.size) == ("Ü.txt", len(content))
    assert found.content_type == "image/png"


@pytest.mark.requirement("nairi.attachments.upload")
async def test_the_official_client_s_form_is_understood(stage: Stage, admin: Nairi) -> None:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("file", b"Hello", filename="a b.txt", content_type="text/plain")
    headers = {"Authorization": f"Bearer {stage.keys.admin}"}
    async with stage.http.post(f"{stage.address}/api/public/v1/attachments", data=data, headers=headers) as response:
        body = await response.json()
        assert response.status == 201
    assert (await download(admin, body["attachment_id"])).filename == "a b.txt"


@pytest.mark.requirement("nairi.attachments.on-messages")
async def test_attachments_reach_the_model_and_stand_on_their_rows(stage: Stage, admin: Nairi) -> None:
    first, second = await upload(admin, b"The code is 7431."), await upload(admin, b"a,b\n1,2", "table.csv")
    stage.model.will(
        Says("I read it."),
        CallsTools((Call(tool="read_attachment", arguments='{"attachment": "note.txt"}', call_id="c1"),)),
        Says("It says 7431."),
    )
    async with stage.working():
        body = {"agent_id": "helper", "prompt": "Read these.", "attachment_ids": [second, first, second]}
        started = await admin.post("/conversations/start", body)
        assert started.status == 201, started.body
        ids = msgspec.json.decode(started.body, type=dict[str, str])
        await admin.finished(ids["message_id"])
        again = await admin.carry_on(ids["job_id"], "What does the note say?")
        await admin.finished(again.message_id)
    asked = [request.question for request in stage.model.requests]
    assert "The code is 7431." in asked[0]
    assert "'table.csv'" in asked[0]
    assert "The code is 7431." not in asked[1]
    assert f"'note.txt' (id {first}, text/plain)" in asked[1]
    assert "The code is 7431." in (stage.model.requests[2].messages[-1].content or "")
    timeline = msgspec.json.decode((await admin.get(f"/conversations/{ids['job_id']}/messages")).body, type=Timeline)
    rows = [(row.role, row.attachment_ids) for row in timeline.messages if row.role != "progress"]
    assert rows == [("user", [second, first]), ("assistant", None), ("user", None), ("assistant", None)]


@pytest.mark.requirement("nairi.attachments.on-messages")
@pytest.mark.parametrize("wire", ["openai", "anthropic"])
async def test_a_picture_reaches_the_model_as_a_picture(stage: Stage, admin: Nairi, wire: str) -> None:
    stage.execute(f"UPDATE agents SET model = '{wire}:gpt-4.1' WHERE slug = 'helper'")
    picture = builders.png()
    async with stage.working():
        body = {"agent_id": "helper", "prompt": "say seen", "attachment_ids": [await upload(admin, picture, "a.png")]}
        started = msgspec.json.decode((await admin.post("/conversations/start", body)).body, type=dict[str, str])
        message = await admin.finished(started["message_id"])
    assert message.status == "completed"
    seen = stage.model if wire == "openai" else stage.anthropic
    images = [image for message in seen.requests[0].messages for image in message.images]
    assert [(image.media_type, b64decode(image.data)) for image in images] == [("image/png", picture)]


async def ask_with(admin: Nairi, *names: tuple[bytes, str]) -> dict[str, str]:
    """Start a conversation with these files; its ids."""
    files = [await upload(admin, content, name) for content, name in names]
    body = {"agent_id": "helper", "prompt": "say seen", "attachment_ids": files}
    return msgspec.json.decode((await admin.post("/conversations/start", body)).body, type=dict[str, str])


@pytest.mark.requirement("nairi.attachments.on-messages")
async def test_a_pdf_goes_as_it_is_to_a_model_that_takes_it_and_as_text_to_another(stage: Stage, admin: Nairi) -> None:
    paper = builders.pdf([["The code is 7431."], []])
    async with stage.working():
        for model in ("anthropic:claude-sonnet-5", "openai:scripted"):
            stage.execute(f"UPDATE agents SET model = '{model}' WHERE slug = 'helper'")
            started = await ask_with(admin, (paper, "paper.pdf"))
            assert (await admin.finished(started["message_id"])).status == "completed"
    taken, read = stage.anthropic.requests[0].messages[-1], stage.model.requests[0].messages[-1]
    assert [(pdf.name, b64decode(pdf.data)) for pdf in taken.pdfs] == [("paper.pdf", paper)]
    assert "The code is 7431." not in (taken.content or "")
    assert (read.pdfs, "The code is 7431." in (read.content or "")) == ([], True)


@pytest.mark.requirement("nairi.attachments.on-messages")
async def test_scanned_pages_go_to_a_model_that_takes_them_and_are_refused_by_another(
    stage: Stage, admin: Nairi
) -> None:
    scan = builders.pdf([[], [], []])
    async with stage.working():
        stage.execute("UPDATE agents SET model = 'anthropic:claude-sonnet-5' WHERE slug = 'helper'")
        started = await ask_with(admin, (scan, "scan.pdf"))
        assert (await admin.finished(started["message_id"])).status == "completed"
        stage.execute("UPDATE agents SET model = 'openai:scripted' WHERE slug = 'helper'")
        refused = await ask_with(admin, (scan, "scan.pdf"))
        failed = await admin.finished(refused["message_id"])
    assert [b64decode(pdf.data) for pdf in stage.anthropic.requests[0].messages[-1].pdfs] == [scan]
    assert (failed.status, stage.model.requests) == ("failed", [])
    timeline = (await admin.get(f"/conversations/{refused['job_id']}/messages")).body.decode()
    assert "The file 'scan.pdf' cannot be read: it holds no text" in timeline


@pytest.mark.requirement("nairi.attachments.on-messages")
@pytest.mark.parametrize("wire", ["openai", "anthropic"])
async def test_a_question_about_an_earlier_picture_or_pdf_shows_it_again(stage: Stage, admin: Nairi, wire: str) -> None:
    stage.execute(f"UPDATE agents SET model = '{wire}:gpt-4.1' WHERE slug = 'helper'")
    picture, scan = builders.png(), builders.pdf([[]])
    files = ((picture, "a.png"), (scan, "scan.pdf")) if wire == "anthropic" else ((picture, "a.png"),)
    async with stage.working():
        started = await ask_with(admin, *files)
        await admin.finished(started["message_id"])
        again = await admin.carry_on(started["job_id"], "say once more")
        await admin.finished(again.message_id)
    seen = stage.model if wire == "openai" else stage.anthropic
    talk = [message for message in seen.requests[1].messages if message.role == "user"]
    assert [b64decode(image.data) for image in talk[0].images] == [picture]
    assert [b64decode(pdf.data) for pdf in talk[0].pdfs] == [content for content, name in files if name == "scan.pdf"]
    assert (talk[1].images, talk[1].pdfs) == ([], [])
    assert "'a.png'" in (talk[1].content or "")
    assert "shown above" in (talk[1].content or "")


@pytest.mark.requirement("nairi.attachments.on-messages")
async def test_files_that_the_agent_writes_come_back_on_its_reply(stage: Stage, admin: Nairi) -> None:
    stage.execute("UPDATE agents SET tools = '{write_file}' WHERE slug = 'helper'")
    calls = [('{"name": "a.md", "content": "first"}'), ('{"name": "b.csv", "content": "x,y"}')]
    stage.model.will(
        CallsTools(tuple(Call(tool="write_file", arguments=text, call_id=f"c{n}") for n, text in enumerate(calls))),
        CallsTools((Call(tool="write_file", arguments='{"name": "a.md", "content": "second"}', call_id="c9"),)),
        Says("Both are there."),
    )
    async with stage.working():
        started = await admin.start("Write.")
        await admin.finished(started.message_id)
    timeline = msgspec.json.decode((await admin.get(f"/conversations/{started.job_id}/messages")).body, type=Timeline)
    user, reply = timeline.messages[0], timeline.messages[-1]
    assert (user.attachment_ids, reply.role) == (None, "assistant")
    found = [await download(admin, identifier) for identifier in reply.attachment_ids or []]
    assert sorted((file.filename, b64decode(file.data), file.content_type) for file in found) == [
        ("a.md", b"second", "text/markdown"),
        ("b.csv", b"x,y", "text/csv"),
    ]


@pytest.mark.requirement("nairi.attachments.on-messages")
async def test_in_ask_mode_files_are_read_and_none_is_written(stage: Stage, admin: Nairi) -> None:
    stage.execute("UPDATE agents SET tools = '{write_file}' WHERE slug = 'helper'")
    body = {"agent_id": "helper", "prompt": "Go.", "ask_mode": True, "attachment_ids": [await upload(admin)]}
    async with stage.working():
        ids = msgspec.json.decode((await admin.post("/conversations/start", body)).body, type=dict[str, str])
        await admin.finished(ids["message_id"])
    assert [tool.function["name"] for tool in stage.model.requests[0].tools] == ["read_attachment"]


@pytest.mark.requirement("nairi.start.attachments")
async def test_ids_that_cannot_be_attached_are_refused_before_anything_is_written(
    stage: Stage, admin: Nairi, member: Nairi, outsider: Nairi
) -> None:
    mine, theirs = await upload(member), await upload(outsider)
    job = (await admin.start("Hello")).job_id
    before = stage.rows()
    wanted = {
        "of another organization": [theirs],
        "of another account": [mine],
        "unknown": [f"att_{UNKNOWN}"],
        "malformed": ["att_1"],
        "of another kind": [f"cmsg_{UNKNOWN}"],
        "too many": [f"att_{UNKNOWN[:-2]}{number:02}" for number in range(11)],
    }
    answers = {
        (what, path): await admin.post(path, {"agent_id": "helper", "prompt": "Read", "attachment_ids": ids})
        for what, ids in wanted.items()
        for path in ("/conversations/start", f"/conversations/{job}/continue")
    }
    assert {answer.status for answer in answers.values()} == {400}
    said = {what: answer.error for (what, path), answer in answers.items() if path == "/conversations/start"}
    assert said["of another organization"] == f"attachment not found: {theirs}"
    assert said["of another account"] == f"attachment not found: {mine}"
    assert {what: said[what] for what in ("malformed", "of another kind", "too many")} == snapshot(
        {
            "malformed": "invalid attachment id 'att_1': expected `att_` and 26 characters",
            "of another kind": "invalid attachment id 'cmsg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A': expected `att_` and 26 characters",
            "too many": "attachment_ids has 11 ids; the most is 10",
        }
    )
    assert stage.rows() == before


@pytest.mark.requirement("nairi.attachments.own")
async def test_an_attachment_is_seen_by_those_who_see_its_conversation(
    admin: Nairi, member: Nairi, outsider: Nairi
) -> None:
    identifier = await upload(member)
    for client in (admin, outsider):
        answer = await client.get(f"/attachments/{identifier}")
        assert (answer.status, answer.error) == (404, "attachment not found")
    body = {"agent_id": "helper", "prompt": "Read it", "attachment_ids": [identifier]}
    assert (await member.post("/conversations/start", body)).status == 201
    assert (await download(admin, identifier)).data == (await download(member, identifier)).data
    assert (await outsider.get(f"/attachments/{identifier}")).status == 404
    malformed = await admin.get("/attachments/1")
    assert (malformed.status, malformed.error) == snapshot(
        (400, "invalid attachment id '1': expected `att_` and 26 characters")
    )


@pytest.mark.requirement("nairi.attachments.bad-forms", "nairi.attachments.size")
async def test_a_form_that_cannot_be_used_is_refused_and_nothing_is_kept(stage: Stage, admin: Nairi) -> None:
    whole = form(("file", "note.txt", b"Hello"))
    bodies: dict[str, tuple[bytes, dict[str, str]]] = {
        "no form": (b'{"file": "x"}', {"Content-Type": "application/json"}),
        "no boundary": (whole, {"Content-Type": "multipart/form-data"}),
        "another boundary": (whole, {"Content-Type": "multipart/form-data; boundary=other"}),
        "empty": (b"", {}),
        "no parts": (b"--b--\r\n", {}),
        "no part named file": (form(("upload", "note.txt", b"Hello")), {}),
        "a field, no file": (form(("file", None, b"Hello")), {}),
        "no name": (form(("file", "", b"Hello")), {}),
        "two files": (form(("file", "a.txt", b"Hello"), ("file", "b.txt", b"Hello")), {}),
        "cut": (whole[:-9], {}),
        "broken header": (whole.replace(b"Content-Disposition:", b"Content Disposition"), {}),
        "name not in UTF-8": (whole.replace(b"note", b"\xff\xfe"), {}),
        "too many parts": (form(*[("x", None, b"")] * 101, ("file", "a.txt", b"Hello")), {}),
        "empty file": (form(("file", "note.txt", b"")), {}),
        "too large": (form(("file", "note.txt", TOO_LARGE)), {}),
        "too much beside": (form(("x", None, b"x" * 2_100_000), ("file", "a.txt", b"Hello")), {}),
        "unsupported": (form(("file", "a.txt", b"\x7fELF\x02\x01\x01\x00")), {}),
        "locked": (form(("file", "a.pdf", builders.pdf([["x"]], encrypted=True))), {}),
        "a bomb": (form(("file", "a.xlsx", builders.bomb())), {}),
    }
    answers = {what: await send(admin, body, headers) for what, (body, headers) in bodies.items()}
    assert {what: answer.status for what, answer in answers.items()} == dict.fromkeys(bodies, 400)
    types = ", ".join(SUPPORTED_SUFFIXES)
    assert {what: answer.error.replace(types, "…") for what, answer in answers.items()} == snapshot(
        {
            "no form": "The file must come as a form: send `Content-Type: multipart/form-data`.",
            "no boundary": "The `Content-Type` has no usable boundary.",
            "another boundary": "The multipart form is broken: Unexpected end of multipart stream (parser closed).",
            "empty": "The multipart form is broken: Unexpected end of multipart stream (parser closed).",
            "no parts": "No file came in the field 'file'.",
            "no part named file": "No file came in the field 'file'.",
            "a field, no file": "No file came in the field 'file'.",
            "no name": "No file came in the field 'file'.",
            "two files": "Several files came in the field 'file'; send one.",
            "cut": "The multipart form is broken: Unexpected end of multipart stream (parser closed).",
            "broken header": "The multipart form is broken: Malformed segment header.",
            "name not in UTF-8": "The multipart form is broken: Segment header failed to decode.",
            "too many parts": "The form has too many or too long parts: Maximum segment count exceeded.",
            "empty file": "The file is empty.",
            "too large": "The file is too large; the most is 1,000,000 bytes.",
            "too much beside": "The form is too large; the most is a file of 1,000,000 bytes.",
            "unsupported": "The file 'a.txt' cannot be used. It is a program. Supported types: ….",
            "locked": "The file 'a.pdf' cannot be read. It is protected by a password; save it without one.",
            "a bomb": "The file 'a.xlsx' cannot be read. Its text unpacks to more than 128 MiB.",
        }
    )
    assert stage.rows()["files"] == 0


@pytest.mark.requirement("nairi.idempotency")
async def test_a_repeated_upload_gets_the_first_answer(stage: Stage, admin: Nairi) -> None:
    key = {"Idempotency-Key": "k1"}
    first, second = [await send(admin, form(("file", "a.txt", b"Hello")), key) for _ in range(2)]
    assert (second.status, second.body) == (201, first.body)
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (None, "true")
    assert (await send(admin, form(("file", "a.txt", b"Other")), key)).status == 422
    assert stage.rows()["files"] == 1


@pytest.mark.requirement("nairi.errors.sign-in")
async def test_uploads_and_downloads_need_a_key(stage: Stage) -> None:
    nobody = Nairi(stage, None)
    assert (await send(nobody, form(("file", "a.txt", b"Hello")))).status == 401
    assert (await nobody.get(f"/attachments/att_{UNKNOWN}")).status == 401
