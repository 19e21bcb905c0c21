"""Talks that overlapped, were edited, rated, summarized, with files: forked, exported, imported, and the same again."""

import asyncio

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native
from tests.dialects.native.talks import Talks, talk_of
from tests.fakes.scripted_model import Says
from tests.patience import PATIENCE


class Opinion(msgspec.Struct):
    account_id: str | None
    rating: str
    comment: str | None


class Kept(msgspec.Struct):
    """A message or a reply, as far as these tests look."""

    id: str
    role: str
    status: str
    text: str
    left_out: str | None
    answered_with: str | None
    feedback: list[Opinion]


class Page(msgspec.Struct):
    items: list[Kept]


async def send(admin: Native, talk: str, text: str, overlap: str = "enqueue") -> str:
    sent = await admin.post(f"/conversations/{talk}/messages", {"text": text, "overlap": overlap})
    return id_of(sent)


def id_of(answer: Answer) -> str:
    assert answer.status in {200, 201, 202}, answer.body
    return str(msgspec.json.decode(answer.body, type=dict[str, object])["id"])


async def ended(admin: Native, message: str) -> str:
    """How a message ended."""
    return str(
        msgspec.json.decode((await admin.get(f"/messages/{message}", Prefer="wait=30")).body, type=dict[str, object])[
            "status"
        ]
    )


async def lively(stage: Stage, admin: Native) -> tuple[str, str]:
    """A talk with an edit, a merge, a steer, a rollback, an interruption and an opinion; its id, and its last message."""
    talk = await Talks(admin).begin()
    async with stage.working():
        stage.model.will(Says("One."), Says("Uno."))
        first = await send(admin, talk, "One?")
        assert await ended(admin, first) == "completed"
        first = id_of(await admin.post(f"/messages/{first}/edit", {"text": "Uno?"}))
        assert await ended(admin, first) == "completed"
        cut = [await cut_off(stage, admin, talk, overlap) for overlap in ("rollback", "interrupt")]
        assert cut == [("cancelled", "completed")] * 2
        stage.model.stalled.clear()
        slow = await send(admin, talk, "stall Slowly.")
        await asyncio.wait_for(stage.model.stalled.wait(), PATIENCE)
        joined = [await send(admin, talk, f"say {overlap}.", overlap) for overlap in ("steer", "merge", "merge")]
        stage.model.release()
        assert [await ended(admin, message) for message in (slow, *joined)] == ["completed"] * 4
        path = f"/messages/{first}/feedback"
        rated = await admin.ask(
            "PUT", path, data=b'{"rating": "down", "comment": "No."}', headers={"Content-Type": "application/json"}
        )
        assert rated.status == 200, rated.body
    return talk, joined[-1]


async def cut_off(stage: Stage, admin: Native, talk: str, overlap: str) -> tuple[str, str]:
    """How a message ends that another one cuts off, and that other one."""
    stage.model.stalled.clear()
    before = await send(admin, talk, f"stall Before {overlap}.")
    await asyncio.wait_for(stage.model.stalled.wait(), PATIENCE)
    after = await send(admin, talk, f"say After {overlap}.", overlap)
    return await ended(admin, before), await ended(admin, after)


async def kept(admin: Native, talk: str) -> list[Kept]:
    answer = await admin.get(f"/conversations/{talk}/messages?limit=100")
    return msgspec.json.decode(answer.body, type=Page).items


def said(messages: list[Kept]) -> list[tuple[object, ...]]:
    """What does not differ between a talk and what was made of it."""
    return [
        (
            one.role,
            one.status,
            one.text,
            one.left_out,
            one.answered_with is None,
            [(o.rating, o.comment) for o in one.feedback],
        )
        for one in messages
    ]


@pytest.mark.requirement("native.conversations.export")
async def test_overlaps_edits_and_opinions_survive_an_export_and_an_import(stage: Stage, admin: Native) -> None:
    talk, _ = await lively(stage, admin)
    text = (await admin.get(f"/conversations/{talk}/export")).body
    made = await admin.ask("POST", "/conversations/import", data=text, headers={"Content-Type": "application/json"})
    copy = talk_of(made).id
    assert (await admin.get(f"/conversations/{copy}/export")).body == text
    before, after = await kept(admin, talk), await kept(admin, copy)
    assert said(after) == said(before)
    assert {one.left_out for one in before} == {None, "rolled_back"}
    assert any(one.answered_with for one in before)
    assert text.count(b'"left_out":"superseded"') == 2
    assert all(b'"overlap":"%b"' % policy in text for policy in (b"merge", b"steer", b"rollback", b"interrupt"))
    assert [o.account_id for one in after for o in one.feedback] == [None]


@pytest.mark.requirement("native.conversations.fork")
async def test_overlaps_edits_and_opinions_survive_a_fork(stage: Stage, admin: Native) -> None:
    talk, last = await lively(stage, admin)
    copy = talk_of(await admin.post(f"/conversations/{talk}/fork", {"message": last})).id
    before, after = await kept(admin, talk), await kept(admin, copy)
    assert said(after) == said(before)
    assert [o for one in after for o in one.feedback] == [o for one in before for o in one.feedback]
    assert not {one.id for one in before} & {one.id for one in after}
    async with stage.working():
        await Talks(admin).say(copy, "Go on.")
    heard = [message.content for message in stage.model.requests[-1].messages]
    assert "One?" not in heard
    assert "stall Before rollback." not in heard
    assert "Uno?" in heard


@pytest.mark.requirement("native.conversations.fork", "native.conversations.export")
async def test_files_and_the_running_summary_survive_a_fork_and_an_import(stage: Stage, admin: Native) -> None:
    talk = await Talks(admin).begin()
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nWhat is in it.\r\n--b--\r\n'
    file = id_of(
        await admin.ask("POST", "/files", data=form, headers={"Content-Type": "multipart/form-data; boundary=b"})
    )
    async with stage.working():
        sent = id_of(await admin.post(f"/conversations/{talk}/messages", {"text": "Read it.", "files": [file]}))
        assert await ended(admin, sent) == "completed"
        last = await Talks(admin).say(talk, "And?")
    stage.execute(
        "INSERT INTO memories (conversation_id, up_to_message_id, text, model) "
        "SELECT conversation_id, min(id), 'They read it.', 'scripted' FROM messages GROUP BY 1"
    )
    copy = talk_of(await admin.post(f"/conversations/{talk}/fork", {"message": last})).id
    whole = [(await admin.get(f"/conversations/{one}/export?files=inline")).body for one in (talk, copy)]
    assert whole[0].partition(b'"messages"')[2] == whole[1].partition(b'"messages"')[2]
    assert all(b'"memory":{"up_to":1,"text":"They read it.","model":"scripted"}' in one for one in whole)
    assert all(one.count(b'"content":"') == 1 for one in whole)
    made = await admin.ask("POST", "/conversations/import", data=whole[0], headers={"Content-Type": "application/json"})
    assert (await admin.get(f"/conversations/{talk_of(made).id}/export?files=inline")).body == whole[0]
