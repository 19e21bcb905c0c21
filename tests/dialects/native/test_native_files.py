"""Files: uploaded, described, handed out whole and in parts, deleted; and those of a conversation."""

from collections.abc import Mapping

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi
from tests.dialects.native.client import UNKNOWN, Native
from tests.dialects.native.file_client import File, send, uploaded
from tests.fakes.scripted_model import Call, CallsTools, Says

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


class Page(msgspec.Struct):
    items: list[File]
    has_more: bool
    next_cursor: str | None


class Reply(msgspec.Struct):
    files: list[File]
    agent_revision: int


class Message(msgspec.Struct):
    conversation_id: str
    files: list[File]
    agent_revision: int | None
    reply: Reply | None


async def part(native: Native, file: File, **headers: str) -> tuple[int, bytes, str | None]:
    answer = await native.get(f"/files/{file.id}/content", **headers)
    return answer.status, answer.body, answer.headers.get("Content-Range")


async def talked(stage: Stage, file: File) -> str:
    """A finished message with the file, whose agent wrote another; its id."""
    stage.execute("UPDATE agents SET tools = '{write_file}' WHERE slug = 'helper'")
    written = Call(tool="write_file", arguments='{"name": "a.md", "content": "first"}', call_id="c1")
    stage.model.will(CallsTools((written,)), Says("It is there."))
    nairi = Nairi(stage, stage.keys.admin)
    body = {"agent_id": "helper", "prompt": "Go.", "attachment_ids": [file.id.replace("file_", "att_")]}
    async with stage.working():
        ids = msgspec.json.decode((await nairi.post("/conversations/start", body)).body, type=dict[str, str])
        await nairi.finished(ids["message_id"])
    return ids["message_id"]


@pytest.mark.requirement("native.files.upload")
async def test_a_file_is_uploaded_once_for_its_key_and_described(admin: Native) -> None:
    answers = [await send(admin, b"Hello there", Idempotency_Key="a") for _ in range(2)]
    file = msgspec.json.decode(answers[0].body, type=File)

    assert answers[0].steady() == snapshot(
        {
            "id": "file-1",
            "name": "note.txt",
            "media_type": "text/plain",
            "size": 11,
            "written_by": "person",
            "created_at": "time",
            "message_id": None,
            "conversation_id": None,
        }
    )
    assert answers[0].headers["Location"] == f"/v1/files/{file.id}"
    assert (answers[1].body, answers[1].headers["Idempotency-Replayed"]) == (answers[0].body, "true")
    assert (await admin.get(f"/files/{file.id}")).body == answers[0].body


@pytest.mark.requirement("native.files.upload")
async def test_what_is_no_usable_file_is_refused(admin: Native) -> None:
    refused = [
        await send(admin, b""),
        await send(admin, b"MZ\x00\x01" * 99, "a.exe"),
        await send(admin, b"x" * 1_000_001),
        await admin.post("/files", {"file": "x"}),
    ]

    assert [(answer.status, answer.problem.code) for answer in refused] == [
        (400, "invalid"),
        (400, "invalid"),
        (413, "too_large"),
        (415, "not_multipart"),
    ]
    assert [answer.problem.errors[0].code for answer in refused[:2]] == ["empty", "unsupported"]


@pytest.mark.requirement("native.files.content")
async def test_the_bytes_go_out_to_be_saved_and_never_run(admin: Native) -> None:
    page = await uploaded(admin, b"<html><body>Hi</body></html>", 'a"b.html')
    answer = await admin.get(f"/files/{page.id}/content?disposition=inline")

    assert answer.body == b"<html><body>Hi</body></html>"
    shown = (
        "Content-Type",
        "Content-Disposition",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Accept-Ranges",
    )
    assert {name: answer.headers[name] for name in shown} == snapshot(
        {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Disposition": "attachment; filename=\"a\"; filename*=UTF-8''a",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Accept-Ranges": "bytes",
        }
    )


@pytest.mark.requirement("native.files.content")
async def test_a_picture_is_shown_where_it_is_asked_for(admin: Native) -> None:
    picture = await uploaded(admin, PNG, "a.png")

    ways = [
        (await admin.get(f"/files/{picture.id}/content{query}")).headers["Content-Disposition"].partition(";")[0]
        for query in ("", "?disposition=inline", "?disposition=attachment")
    ]

    assert ways == ["attachment", "inline", "attachment"]


RANGES: Mapping[str, tuple[str, tuple[int, bytes, str | None]]] = {
    "first": ("bytes=0-4", (206, b"01234", "bytes 0-4/10")),
    "one": ("bytes=9-9", (206, b"9", "bytes 9-9/10")),
    "open": ("bytes=7-", (206, b"789", "bytes 7-9/10")),
    "last": ("bytes=-3", (206, b"789", "bytes 7-9/10")),
    "longer": ("bytes=5-500", (206, b"56789", "bytes 5-9/10")),
    "all": ("bytes=-500", (206, b"0123456789", "bytes 0-9/10")),
    "several": ("bytes=0-1,4-5", (200, b"0123456789", None)),
    "turned": ("bytes=5-2", (200, b"0123456789", None)),
    "lines": ("lines=0-1", (200, b"0123456789", None)),
    "nothing": ("bytes=-", (200, b"0123456789", None)),
}


@pytest.mark.requirement("native.files.ranges")
async def test_a_range_of_the_bytes_is_handed_out(admin: Native) -> None:
    file = await uploaded(admin, b"0123456789")

    got = {name: await part(admin, file, Range=wanted) for name, (wanted, _) in RANGES.items()}

    assert got == {name: expected for name, (_, expected) in RANGES.items()}


@pytest.mark.requirement("native.files.ranges")
async def test_a_range_behind_the_end_is_416_and_says_how_much_there_is(admin: Native) -> None:
    file = await uploaded(admin, b"0123456789")

    for wanted in ("bytes=10-", "bytes=99-100", "bytes=-0"):
        answer = await admin.get(f"/files/{file.id}/content", Range=wanted)
        assert (answer.status, answer.problem.code) == (416, "range_not_satisfiable")
        assert answer.headers["Content-Range"] == "bytes */10"


@pytest.mark.requirement("native.files.ranges")
async def test_a_range_of_another_version_gets_the_whole_file(admin: Native) -> None:
    file = await uploaded(admin, b"0123456789")
    tag = (await admin.get(f"/files/{file.id}/content")).headers["ETag"]

    assert (await part(admin, file, Range="bytes=0-1", If_Range=tag))[:2] == (206, b"01")
    assert (await part(admin, file, Range="bytes=0-1", If_Range='"other"'))[:2] == (200, b"0123456789")
    assert (await part(admin, file, If_None_Match=tag))[:2] == (304, b"")


@pytest.mark.requirement("native.files.ranges")
async def test_the_head_says_how_long_the_part_is(admin: Native) -> None:
    file = await uploaded(admin, b"0123456789")

    answer = await admin.ask("HEAD", f"/files/{file.id}/content", headers={"Range": "bytes=0-3"})

    assert (answer.status, answer.headers["Content-Length"], answer.body) == (206, "4", b"")


@pytest.mark.requirement("native.files.delete")
async def test_a_deleted_file_is_gone_from_its_message_and_conversation(admin: Native, stage: Stage) -> None:
    file = await uploaded(admin)
    message = await talked(stage, file)

    first = await admin.ask("DELETE", f"/files/{file.id}", headers={"Idempotency-Key": "a"})
    again = await admin.ask("DELETE", f"/files/{file.id}", headers={"Idempotency-Key": "a"})

    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (204, 204, "true")
    assert (await admin.get(f"/files/{file.id}")).status == 404
    assert (await admin.get(f"/files/{file.id}/content")).status == 404
    assert msgspec.json.decode((await admin.get(f"/messages/{message}")).body, type=Message).files == []


@pytest.mark.requirement("native.files.delete")
async def test_a_file_of_a_message_that_waits_for_its_answer_stays(admin: Native, stage: Stage) -> None:
    file = await uploaded(admin)
    body = {"agent_id": "helper", "prompt": "Go.", "attachment_ids": [file.id.replace("file_", "att_")]}
    await Nairi(stage, stage.keys.admin).post("/conversations/start", body)

    refused = await admin.ask("DELETE", f"/files/{file.id}")

    assert (refused.status, refused.problem.code) == (409, "file_in_use")
    assert (await admin.get(f"/files/{file.id}")).status == 200


@pytest.mark.requirement("native.files.of-conversation")
async def test_a_conversation_lists_what_was_attached_and_what_the_agent_wrote(admin: Native, stage: Stage) -> None:
    file = await uploaded(admin)
    message_id = await talked(stage, file)
    message = msgspec.json.decode((await admin.get(f"/messages/{message_id}")).body, type=Message)
    path = f"/conversations/{message.conversation_id}/files"

    async def names(query: str) -> list[tuple[str, str]]:
        answer = await admin.get(path + query)
        assert answer.status == 200, answer.body
        return [(each.name, each.written_by) for each in msgspec.json.decode(answer.body, type=Page).items]

    assert message.reply is not None
    assert [(each.name, each.written_by) for each in message.files] == [("note.txt", "person")]
    assert [(each.name, each.written_by) for each in message.reply.files] == [("a.md", "agent")]
    assert (message.agent_revision, message.reply.agent_revision) == (1, 1)
    assert await names("") == [("a.md", "agent"), ("note.txt", "person")]
    assert await names("?written_by=person") == [("note.txt", "person")]
    page = msgspec.json.decode((await admin.get(f"{path}?limit=1")).body, type=Page)
    assert page.items[0].conversation_id == message.conversation_id
    assert await names(f"?limit=1&cursor={page.next_cursor}") == [("note.txt", "person")]


@pytest.mark.requirement("native.files.rights")
async def test_a_file_is_its_owner_s_alone_until_a_message_has_it(
    admin: Native, member: Native, outsider: Native, stage: Stage
) -> None:
    file = await uploaded(admin)
    await talked(stage, await uploaded(admin))

    for native in (member, outsider):
        for path in (f"/files/{file.id}", f"/files/{file.id}/content", f"/files/file_{UNKNOWN}", "/files/nonsense"):
            assert (await native.get(path)).status == 404
        assert (await native.ask("DELETE", f"/files/{file.id}")).status == 404
    assert (await admin.get(f"/files/{file.id}")).status == 200
