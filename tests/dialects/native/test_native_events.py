"""The log of a conversation: pages, streams that can be cut anywhere, and the moment from which to go on."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from types import UnionType
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.native.client import ASKS, UNKNOWN, Native, Shop
from tests.fakes.cutting_proxy import cutting_proxy
from tests.fakes.event_reader import EventReader, body_in, frames_in
from tests.fakes.scripted_model import BreaksOff, Call, CallsTools, Says, Stalls
from tests.patience import PATIENCE
from turnkeeper.core import events
from turnkeeper.core.events import EventBody, LogEntry
from turnkeeper.core.usage import Usage
from turnkeeper.dialects.native.shapes.events import EventShape
from turnkeeper.dialects.native.translate.events import event_json

STREAM = "text/event-stream"
PUBLIC_ID = UUID(int=7)
EVERY_BODY: tuple[EventBody, ...] = (
    events.MessageQueued(),
    events.TurnStarted(attempt=1, resumes_at=1),
    events.TextAdded(text="a\nb", model_call=1),
    events.ThinkingAdded(text="\r\n", model_call=1),
    events.ToolCalled(call_id="c", tool="t", input='{\n  "a": 1\r\n}'),
    events.ToolReturned(call_id="c", tool="t", outcome="completed", output="\n"),
    events.ModelReturned(model_call=1, model="m", usage=Usage(cost_usd=Decimal("0.5"))),
    events.ApprovalAsked(approval_id=PUBLIC_ID, call_id="c", tool="t", question="call", reason="r"),
    events.ApprovalDecided(approval_id=PUBLIC_ID, call_id="c", tool="t", state="denied", note=None),
    events.MessageCancelled(reply_id=77),
    events.MessageAbsorbed(into=PUBLIC_ID, model_call=2, how="steer"),
    events.MessagesSuperseded(by=PUBLIC_ID, count=2),
    events.MessageCompleted(reply_id=77, model="m", usage=Usage()),
    events.MessageFailed(reply_id=77, code="c", reason="r"),
)


class Item(msgspec.Struct):
    number: int
    event: str
    text: str = ""
    model_call: int = 0


class Page(msgspec.Struct):
    items: list[Item]
    has_more: bool
    next_after: int


class Said(msgspec.Struct):
    model_call: int
    text: str


class Open(msgspec.Struct):
    call_id: str
    tool: str
    arguments: dict[str, object]


class Turn(msgspec.Struct):
    message_id: str
    attempt: int
    said: list[Said]
    open_calls: list[Open]


class Snapshot(msgspec.Struct):
    last_event: int
    messages: list[dict[str, object]]
    turn: Turn | None
    approvals: list[dict[str, object]]


class Talk:
    """A conversation that has one message, and who reads its log."""

    def __init__(self, shop: Shop, native: Native, message: str, conversation: str) -> None:
        self.shop = shop
        self.native = native
        self.message = message
        self.path = f"/conversations/{conversation}"

    async def page(self, query: str = "", **headers: str) -> Page:
        answer = await self.native.get(f"{self.path}/events{query}", **headers)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Page)

    async def snapshot(self) -> Snapshot:
        return msgspec.json.decode((await self.native.get(f"{self.path}/snapshot")).body, type=Snapshot)

    def reader(self, query: str = "", *, address: str = "") -> EventReader:
        stage = self.shop.stage
        return EventReader(
            address=lambda: address or stage.address, path=f"/v1{self.path}/events{query}", key=stage.keys.admin
        )

    async def end(self) -> None:
        assert (await self.native.finished(self.message)).status == "completed"


@pytest.fixture
async def talk(shop: Shop, admin: Native) -> Talk:
    """Accepted, and not answered by anybody yet."""
    # One word is one event; of several, each may be written by itself.
    message = await shop.ask(shop.stage.keys.admin, "say Good-morning")
    return Talk(shop, admin, message, (await admin.get(f"/messages/{message}")).message.conversation_id)


def bodies_of(union: UnionType) -> set[type]:
    return set(get_args(union))


@pytest.mark.requirement("native.events.shapes")
def test_every_kind_of_event_has_a_public_shape_of_one_line() -> None:
    assert {type(body) for body in EVERY_BODY} == bodies_of(EventBody)
    for number, body in enumerate(EVERY_BODY):
        entry = LogEntry(
            number=number, message_id=PUBLIC_ID, reply_id=PUBLIC_ID, body=body, created_at=datetime.now(UTC)
        )
        spelled = event_json(entry)
        assert b"\n" not in spelled
        assert b"\r" not in spelled
        assert b"77" not in spelled.replace(entry.created_at.isoformat()[:23].encode(), b"")
        msgspec.json.decode(spelled, type=EventShape)


@pytest.mark.requirement("native.events.pages")
async def test_the_log_is_read_in_pages_from_any_number(talk: Talk) -> None:
    async with talk.shop.working():
        await talk.end()
    whole = await talk.page()
    assert [item.event for item in whole.items] == [
        "message.queued",
        "turn.started",
        "text",
        "model.returned",
        "message.completed",
    ]
    assert (whole.has_more, whole.next_after) == (False, 5)
    first = await talk.page("?limit=2")
    assert ([item.number for item in first.items], first.has_more, first.next_after) == ([1, 2], True, 2)
    rest = await talk.page(f"?limit=3&after={first.next_after}")
    assert ([item.number for item in rest.items], rest.has_more, rest.next_after) == ([3, 4, 5], False, 5)
    assert await talk.page("?after=5") == Page(items=[], has_more=False, next_after=5)


@pytest.mark.requirement("native.events.pages")
async def test_a_page_waits_for_what_comes_next(talk: Talk) -> None:
    waiting = asyncio.create_task(talk.page("?after=1", Prefer="wait=30"))
    async with talk.shop.working():
        page = await asyncio.wait_for(waiting, PATIENCE)
    assert page.items[0].event == "turn.started"


@pytest.mark.requirement("native.events.stream")
async def test_a_stream_of_one_turn_ends_after_its_last_event(talk: Talk) -> None:
    async with talk.shop.working():
        answer = await talk.native.get(f"/messages/{talk.message}/events", Accept=STREAM)
    again = await talk.native.get(f"/messages/{talk.message}/events", Accept=STREAM)
    assert {
        name.lower(): value for name, value in answer.headers.items() if name.lower() != "x-request-id"
    } == snapshot(
        {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            "x-accel-buffering": "no",
            "vary": "Origin",
            "transfer-encoding": "chunked",
        }
    )
    assert answer.body.startswith(b"retry: 2000\n\n")
    frames = frames_in(answer.body)
    assert [(frame.number, frame.event) for frame in frames][-2:] == [(5, "message.completed"), (5, "end")]
    assert all(frame.event == frame.data["event"] for frame in frames)
    # What was handed over while it happened is told exactly as it is read later, to the millisecond.
    assert frames[:-1] == frames_in(again.body)[:-1]
    assert frames[-1].data["reason"] == "turn_ended"


@pytest.mark.requirement("native.events.stream")
async def test_a_turn_is_told_among_others_of_its_conversation(talk: Talk) -> None:
    number = await talk.shop.begin(talk.shop.stage.keys.admin)
    first = await talk.shop.send(talk.shop.stage.keys.admin, number, "say one")
    second = await talk.shop.send(talk.shop.stage.keys.admin, number, "say two")
    readers = [
        asyncio.create_task(talk.native.get(f"/messages/{message}/events", Accept=STREAM))
        for message in (first, second)
    ]
    async with talk.shop.working():
        told = [frames_in((await reader).body) for reader in readers]
    reply = (await talk.native.finished(second)).reply
    assert reply is not None
    by_reply = await talk.native.get(f"/messages/{reply.id}/events", Accept=STREAM)
    for frames, text in zip(told, ("one", "two"), strict=True):
        assert len({frame.data["message_id"] for frame in frames[:-1]}) == 1
        assert "".join(str(frame.data["text"]) for frame in frames if frame.event == "text") == text
    assert frames_in(by_reply.body)[:-1] == told[1][:-1]


@pytest.mark.requirement("native.events.stream")
async def test_a_stream_ends_at_the_end_of_the_log_or_when_all_is_answered(talk: Talk) -> None:
    ended = await talk.native.get(f"{talk.path}/events?follow=false", Accept=STREAM)
    assert [frame.data.get("reason") for frame in frames_in(ended.body)] == [None, "log_end"]
    idle = talk.reader("?until=idle")
    reading = asyncio.create_task(idle.read())
    async with talk.shop.working():
        await asyncio.wait_for(reading, PATIENCE)
    assert idle.numbers == [1, 2, 3, 4, 5]
    assert idle.frames[-1].data["reason"] == "idle"


@pytest.mark.requirement("native.events.stream")
async def test_head_tells_the_headers_of_a_stream_only(talk: Talk) -> None:
    answer = await talk.native.ask("HEAD", f"{talk.path}/events", headers={"Accept": STREAM})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"].startswith(STREAM)


@pytest.mark.requirement("native.events.stream")
async def test_what_cannot_be_used_is_refused_by_name(talk: Talk) -> None:
    for query, headers in (
        ("?after=-1", {}),
        ("?after=1&after=2", {}),
        ("?limit=5", {"Accept": STREAM}),
        ("?until=later", {"Accept": STREAM}),
        ("?until=idle&follow=false", {"Accept": STREAM}),
        ("?follow=false", {}),
        ("", {"Accept": STREAM, "Last-Event-ID": "five"}),
    ):
        answer = await talk.native.ask("GET", f"{talk.path}/events{query}", headers=headers)
        assert (answer.status, len(answer.problem.errors)) == (400, 1), query


@pytest.mark.requirement("native.events.resume")
async def test_the_header_counts_more_than_the_query(talk: Talk) -> None:
    async with talk.shop.working():
        await talk.end()
    answer = await talk.native.get(f"{talk.path}/events?after=1&follow=false", Accept=STREAM, Last_Event_ID="3")
    assert [frame.number for frame in frames_in(answer.body)] == [4, 5, 5]


@pytest.mark.requirement("native.events.resume")
async def test_a_stream_that_is_cut_at_any_byte_goes_on_without_gap_or_repeat(talk: Talk) -> None:
    async with talk.shop.working():
        await talk.end()
    whole = talk.reader("?follow=false")
    assert await whole.read_once()
    resumed: dict[int, EventReader] = {}
    for cut_at in range(len(whole.received)):
        seen = frames_in(body_in(whole.received[:cut_at]))
        if seen and seen[-1].event == "end":
            break
        last = seen[-1].number if seen else 0
        if last not in resumed:  # what a client asks next depends on nothing else
            resumed[last] = talk.reader("?follow=false")
            resumed[last].last = last
            await resumed[last].read()
        assert [*seen, *resumed[last].frames] == whole.frames, cut_at
    assert sorted(resumed) == [0, 1, 2, 3, 4, 5]


@pytest.mark.requirement("native.events.resume")
async def test_a_client_behind_a_proxy_that_cuts_reads_on(talk: Talk) -> None:
    async with talk.shop.working():
        await talk.end()
    whole = talk.reader("?follow=false")
    assert await whole.read_once()
    async with cutting_proxy(talk.shop.stage.address) as proxy:
        for cut_at in range(0, len(whole.received) - 150, 29):
            proxy.will_cut(cut_at)
            reader = talk.reader("?follow=false", address=proxy.address)
            await asyncio.wait_for(reader.read(), PATIENCE)
            assert (reader.frames, reader.connections) == (whole.frames, 2), cut_at


@pytest.mark.requirement("native.events.resume")
async def test_a_live_stream_that_is_cut_all_the_time_tells_everything_once(talk: Talk) -> None:
    talk.shop.stage.model.will(Says(" ".join(f"word{number}" for number in range(60))))
    async with cutting_proxy(talk.shop.stage.address, cuts_all_after=1_000) as proxy:
        reader = talk.reader("?until=idle", address=proxy.address)
        reading = asyncio.create_task(reader.read())
        async with talk.shop.working():
            await asyncio.wait_for(reading, PATIENCE)
    assert reader.numbers == list(range(1, len(reader.numbers) + 1))
    assert reader.frames[-2].event == "message.completed"
    assert reader.connections > 2


@pytest.mark.requirement("native.events.resume")
async def test_a_reader_that_follows_the_rule_of_void_text_ends_with_the_reply(talk: Talk) -> None:
    talk.shop.stage.model.will(BreaksOff("Half an ans"), Says("The whole answer."))
    reader = talk.reader("?until=idle")
    reading = asyncio.create_task(reader.read())
    async with talk.shop.working():
        await asyncio.wait_for(reading, PATIENCE)
    said: dict[object, str] = {}
    for frame in reader.frames:
        if frame.event == "turn.started":
            resumes_at = frame.data["resumes_at"]
            assert isinstance(resumes_at, int)
            said = {call: text for call, text in said.items() if isinstance(call, int) and call < resumes_at}
        elif frame.event == "text":
            said[frame.data["model_call"]] = said.get(frame.data["model_call"], "") + str(frame.data["text"])
    assert said == {1: "The whole answer."}
    assert len([frame for frame in reader.frames if frame.event == "turn.started"]) == 2


@pytest.mark.requirement("native.events.access")
async def test_a_revoked_key_ends_its_streams_at_once(talk: Talk) -> None:
    reader = talk.reader()
    reading = asyncio.create_task(reader.read_once())
    accounts = talk.shop.stage.turnkeeper.actions.accounts
    async with asyncio.timeout(PATIENCE):
        while talk.shop.stage.turnkeeper.rooms.tails.open_readers == 0:
            await talk.page()
    for organization in await accounts.organizations():
        for key in await accounts.keys(organization):
            if talk.shop.stage.keys.admin.startswith(key.prefix):
                await accounts.revoke_keys(organization, wanted=key.prefix)
    assert await asyncio.wait_for(reading, PATIENCE)
    assert reader.frames[-1].data["reason"] == "access_ended"


@pytest.mark.requirement("native.events.access")
async def test_what_is_not_the_callers_is_not_found(talk: Talk, outsider: Native, member: Native) -> None:
    for native in (outsider, member):
        for path in (f"{talk.path}/events", f"{talk.path}/snapshot", f"/messages/{talk.message}/events"):
            assert (await native.get(path)).status == 404
            assert (await native.get(path, Accept=STREAM)).status == 404
    assert (await talk.native.get(f"/conversations/conv_{UNKNOWN}/events", Accept=STREAM)).status == 404
    assert (await talk.native.get("/messages/nonsense/events")).status == 404


@pytest.mark.requirement("native.events.snapshot")
async def test_a_snapshot_and_what_follows_it_are_the_whole(talk: Talk) -> None:
    talk.shop.stage.model.will(Stalls("The first half"))
    async with talk.shop.working():
        await talk.shop.said_something(talk.native, talk.message)
        await asyncio.wait_for(talk.shop.stage.model.stalled.wait(), PATIENCE)
        moment = await talk.snapshot()
        reader = talk.reader(f"?until=idle&after={moment.last_event}")
        talk.shop.stage.model.release()
        await asyncio.wait_for(reader.read(), PATIENCE)
        after = await talk.snapshot()
    assert moment.turn is not None
    assert moment.turn.attempt == 1
    said = moment.turn.said[0].text if moment.turn.said else ""
    rest = "".join(str(frame.data["text"]) for frame in reader.frames if frame.event == "text")
    assert said + rest == "The first half"
    assert reader.numbers == list(range(moment.last_event + 1, after.last_event + 1))
    assert (after.turn, [message["status"] for message in after.messages]) == (None, ["completed"])


@pytest.mark.requirement("native.events.snapshot")
async def test_a_snapshot_of_a_turn_that_waits_shows_the_open_call_and_the_question(talk: Talk) -> None:
    talk.shop.stage.model.will(CallsTools((*ASKS.calls, Call(tool="nothing", call_id="other")), text="Let me see."))
    async with talk.shop.working():
        await talk.shop.parked(talk.native, talk.message)
    moment = await talk.snapshot()
    assert moment.turn is not None
    assert [said.text for said in moment.turn.said] == ["Let me see."]
    assert [(call.call_id, call.tool) for call in moment.turn.open_calls] == [("call_1", "refund")]
    assert [approval["tool"] for approval in moment.approvals] == ["refund"]
    assert (await talk.native.get(f"{talk.path}/snapshot?messages=0")).status == 200
    assert (await talk.native.get(f"{talk.path}/snapshot?messages=101")).status == 400
