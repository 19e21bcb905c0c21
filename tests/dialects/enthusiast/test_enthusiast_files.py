"""Files: uploaded to a conversation, named in a message, shown in the history, downloaded."""

import aiohttp
import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Answer, Client, Json
from tests.fakes.scripted_model import Call, CallsTools, Says
from turnkeeper.core.files import SUPPORTED_SUFFIXES


async def upload(
    client: Client, conversation: int, content: bytes = b"Hello there", name: str = "note.txt", field: str = "file"
) -> Answer:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field(field, content, filename=name, content_type="application/octet-stream")
    return await client.call("POST", f"/api/conversations/{conversation}/upload/", data=data)


async def status_of(client: Client, uploaded: Answer) -> Answer:
    assert uploaded.status == 202, uploaded.raw
    return await client.get(f"/api/file-upload-status/{uploaded.text('task_id')}/")


async def file_of(client: Client, conversation: int, content: bytes = b"Hello there", name: str = "note.txt") -> int:
    result = (await status_of(client, await upload(client, conversation, content, name))).object()["result"]
    assert isinstance(result, dict)
    assert isinstance(result["file_id"], int)
    return result["file_id"]


async def history(client: Client, conversation: int) -> list[dict[str, Json]]:
    return (await client.get(f"/api/conversations/{conversation}")).objects("history")


@pytest.mark.requirement("enthusiast.files.upload")
async def test_an_upload_has_a_task_with_the_file(member: Client) -> None:
    conversation = await member.begin()
    status = await status_of(member, await upload(member, conversation))
    file = await file_of(member, conversation, b"other")
    assert (status.status, status.object()["status"]) == (200, "SUCCESS")
    assert status.object()["result"] == {
        "status": "SUCCESS",
        "conversation_id": conversation,
        "uploaded_file": {
            "id": file - 1,
            "filename": "note.txt",
            "file_url": f"/api/conversations/{conversation}/files/{file - 1}",
            "content_type": "text/plain",
        },
        "file_id": file - 1,
    }


@pytest.mark.requirement("enthusiast.files.refused")
async def test_what_cannot_be_uploaded_is_refused(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    path = f"/api/conversations/{conversation}/upload"
    answers = {
        "wrong field": await upload(member, conversation, field="files"),
        "empty": await upload(member, conversation, b""),
        "a program": await upload(member, conversation, b"MZ\x90\x00\x03\x00\x00\x00" * 9, "setup.exe"),
        "no suffix": await upload(member, conversation, b"\x7fELF\x02\x01\x01", "setup"),
        "a lie": await upload(member, conversation, b"\x7fELF\x02\x01\x01", "note.txt"),
        "broken": await upload(member, conversation, b"%PDF-1.7 broken", "note.pdf"),
        "too large": await upload(member, conversation, b"x" * 1_000_001),
        "json": await member.post(path, {"file": "x"}),
        "nothing": await member.call("POST", path),
        "no form": await member.call(
            "POST", path, data=b"x", headers={"Content-Type": "multipart/form-data; boundary=b"}
        ),
    }
    types = ", ".join(SUPPORTED_SUFFIXES).encode()
    shown = {
        what: (answer.status, msgspec.json.decode(answer.raw.replace(types, "…".encode())))
        for what, answer in answers.items()
    }
    assert shown == snapshot(
        {
            "wrong field": (400, {"error": "No file provided"}),
            "empty": (400, {"error": "The file is empty."}),
            "a program": (
                400,
                {"error": "File type .exe is not supported. Supported types: …"},
            ),
            "no suffix": (
                400,
                {"error": "The file 'setup' cannot be used. It is a program. Supported types: …."},
            ),
            "a lie": (
                400,
                {"error": "The file 'note.txt' cannot be used. It is a program. Supported types: …."},
            ),
            "broken": (400, {"error": "The file 'note.pdf' cannot be read. It is a damaged PDF; save it again."}),
            "too large": (413, {"detail": "The file is too large; the most is 1,000,000 bytes."}),
            "json": (415, {"detail": 'Unsupported media type "application/json" in request.'}),
            "nothing": (415, {"detail": 'Unsupported media type "application/octet-stream" in request.'}),
            "no form": (
                400,
                {
                    "error": "Multipart form parse error - The multipart form is broken: "
                    "Unexpected end of multipart stream (parser closed).",
                    "detail": "Multipart form parse error - The multipart form is broken: "
                    "Unexpected end of multipart stream (parser closed).",
                },
            ),
        }
    )
    assert stage.rows()["files"] == 0


@pytest.mark.requirement("enthusiast.files.types")
async def test_the_supported_types_are_listed(member: Client) -> None:
    answer = await member.get("/api/supported-file-types/")
    assert answer.plain == snapshot(
        (
            200,
            {
                "supported_extensions": [
                    ".txt",
                    ".md",
                    ".csv",
                    ".tsv",
                    ".json",
                    ".jsonl",
                    ".html",
                    ".htm",
                    ".pdf",
                    ".docx",
                    ".xlsx",
                    ".jpg",
                    ".jpeg",
                    ".png",
                    ".gif",
                    ".webp",
                ]
            },
        )
    )


@pytest.mark.requirement("enthusiast.files.attach")
async def test_attached_files_come_before_their_question_and_reach_the_model(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    await member.ask(conversation, "First")
    note, table = await file_of(member, conversation), await file_of(member, conversation, b"a,b", "a.table.csv")
    body: dict[str, Json] = {"question_message": "Read", "file_ids": [table, str(note), note]}
    sent = await member.post(f"/api/conversations/{conversation}", body)
    assert sent.status == 202, sent.raw
    async with stage.working():
        assert await member.state(sent.text("task_id"), wait=30) == "SUCCESS"
    assert "Hello there" in stage.model.requests[-1].question
    items = await history(member, conversation)
    assert [item["id"] for item in items] == sorted(item["id"] for item in items if isinstance(item["id"], int))
    assert [
        (item["type"], item["role"], item["text"], item["file_type"], item["file_name"]) for item in items[1:4]
    ] == [
        ("file", "user", "", "txt", f"conversations/{conversation}/note"),
        ("file", "user", "", "csv", f"conversations/{conversation}/a.table"),
        ("human", "user", "Read", None, None),
    ]
    assert "file_url" not in items[3]


@pytest.mark.requirement("enthusiast.files.attach")
async def test_files_of_another_conversation_cannot_be_attached(stage: Stage, member: Client, admin: Client) -> None:
    conversation, other = await member.begin(), await member.begin()
    files: list[Json] = [
        await file_of(member, conversation),
        await file_of(member, other),
        await file_of(admin, await admin.begin()),
        2**62,
    ]
    before = stage.rows()
    answer = await member.post(f"/api/conversations/{conversation}", {"question_message": "Read", "file_ids": files})
    assert answer.plain == (
        400,
        {
            "file_ids": [
                f"The following file IDs do not belong to the conversation: [{files[1]}, {files[2]}, {files[3]}]"
            ]
        },
    )
    others: list[list[Json]] = [[2**70, 0], [*range(1, 12)]]
    answers = [
        await member.post(f"/api/conversations/{conversation}", {"question_message": "Read", "file_ids": wanted})
        for wanted in others
    ]
    assert [answer.plain for answer in answers] == snapshot(
        [
            (
                400,
                {"file_ids": ["The following file IDs do not belong to the conversation: [1180591620717411303424, 0]"]},
            ),
            (400, {"file_ids": ["The message has 11 files; the most is 10."]}),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.files.written", "enthusiast.files.download")
async def test_a_file_that_the_agent_wrote_comes_before_its_answer_and_can_be_downloaded(
    stage: Stage, member: Client
) -> None:
    stage.execute("UPDATE agents SET tools = '{write_file}' WHERE slug = 'helper'")
    text = '{"name": "Maß \\"1\\".html", "content": "<script>alert(1)</script>"}'
    stage.model.will(CallsTools((Call(tool="write_file", arguments=text, call_id="c1"),)), Says("There it is."))
    conversation = await member.begin()
    async with stage.working():
        assert await member.state(await member.ask(conversation, "Write"), wait=30) == "SUCCESS"
    items = await history(member, conversation)
    assert [(item["type"], item["role"]) for item in items] == [("human", "user"), ("file", "agent"), ("ai", "agent")]
    address = items[1]["file_url"]
    assert isinstance(address, str)
    found, head = await member.get(address), await member.call("HEAD", address)
    assert found.raw == b"<script>alert(1)</script>"
    assert {name: found.headers[name] for name in found.headers if name not in {"X-Request-ID", "Date"}} == snapshot(
        {
            "Content-Disposition": "attachment; filename=\"Ma_ _1_.html\"; filename*=UTF-8''Ma%C3%9F%20%221%22.html",
            "Content-Length": "25",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-site",
            "Cache-Control": "private, no-store",
            "Content-Type": "text/html; charset=utf-8",
            "Vary": "Origin",
        }
    )
    assert (head.raw, head.headers["Content-Disposition"]) == (b"", found.headers["Content-Disposition"])


@pytest.mark.requirement("enthusiast.files.own-only")
async def test_files_of_others_are_not_found(stage: Stage, member: Client, admin: Client, outsider: Client) -> None:
    conversation = await member.begin()
    uploaded = await upload(member, conversation)
    file = await file_of(member, conversation, b"other")
    sent = await member.post(f"/api/conversations/{conversation}", {"question_message": "Read", "file_ids": [file]})
    assert sent.status == 202
    for client in (admin, outsider):
        assert (await upload(client, conversation)).status == 404
        assert (await status_of(client, uploaded)).plain == (404, {"detail": "No Task matches the given query."})
        found = await client.get(f"/api/conversations/{conversation}/files/{file}")
        assert found.plain == (404, {"detail": "No ConversationFile matches the given query."})
    other = await member.begin()
    for path in (f"{other}/files/{file}", f"{conversation}/files/x", f"{conversation}/files/{2**80}"):
        assert (await member.get(f"/api/conversations/{path}")).status == 404
    assert (await member.get("/api/file-upload-status/x")).status == 404
