"""A client of the native dialect, and a stage with an agent that asks before it refunds."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from yarl import URL

from tests.dialects.conftest import Stage
from tests.dialects.steady import steady_body
from tests.fakes.people import make_agent
from tests.fakes.register import Register
from tests.fakes.scripted_model import Call, CallsTools
from tests.fakes.worker import working
from tests.patience import PATIENCE
from turnkeeper.core.agents import Agent, AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.core.events import TextAdded
from turnkeeper.core.ids import from_uuid, prefixed
from turnkeeper.store import events
from turnkeeper.tasks.turn_files import TurnFiles

T = TypeVar("T")

PREFIX = "/v1"
UNKNOWN = "01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"
"""A well-formed ULID that nothing has."""
ASKS = CallsTools((Call(tool="refund", arguments='{"customer": "cus_123", "amount": 4200}', call_id="call_1"),))
"""What the model says to have the refund made."""
_ID = re.compile(r"\b(apr|msg|conv|acc|agt|dlv|doc|ds|file|prod|sch|sync|whk)_[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
_TIMINGS = re.compile(r'("(?:began|first|ended)_ms":)\d+')
_REQUEST = re.compile(r'("request_id":)"[^"]+"')


class Approval(msgspec.Struct):
    """An approval, as far as most tests look."""

    id: str
    state: str
    note: str | None
    message_id: str
    conversation_id: str


class Page(msgspec.Struct):
    items: list[Approval]
    has_more: bool
    next_cursor: str | None


class Reply(msgspec.Struct):
    id: str
    role: str
    text: str


class Message(msgspec.Struct):
    """A message, as far as most tests look."""

    id: str
    conversation_id: str
    status: str
    is_parked: bool
    waits_for: list[str]
    error: str | None
    reply: Reply | None


class Fault(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    detail: str
    code: str
    pointer: str = ""
    parameter: str = ""
    header: str = ""


class Problem(msgspec.Struct, forbid_unknown_fields=True):
    """An error, whole."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[Fault] = []
    retry_after: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def steady(self) -> object:
        """The body with what differs from run to run replaced: ids by `msg-1`, moments by `time`, input tokens by 9."""
        return steady_body(_REQUEST.sub(r'\g<1>"id"', _TIMINGS.sub(r"\g<1>0", self.body.decode())), _ID)

    @property
    def problem(self) -> Problem:
        """The error; fails when it is none, or says another status, or another request."""
        assert self.headers["Content-Type"] == "application/problem+json"
        problem = msgspec.json.decode(self.body, type=Problem)
        assert problem.status == self.status
        assert problem.type == f"urn:turnkeeper:problem:{problem.code}"
        assert problem.request_id == self.headers["X-Request-Id"]
        return problem

    @property
    def pointers(self) -> set[str]:
        """Where in its body a request was wrong; fails when it was not refused for that."""
        assert self.status == 400, self.body
        return {fault.pointer for fault in self.problem.errors}

    @property
    def approval(self) -> Approval:
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=Approval)

    @property
    def message(self) -> Message:
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=Message)

    @property
    def page(self) -> Page:
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=Page)


class Native:
    """Requests to the stage's server with one key; `key=None` sends none."""

    def __init__(self, stage: Stage, key: str | None) -> None:
        self.stage = stage
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    async def ask(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request as it is; `path` is below the prefix and is not encoded further."""
        address = URL(f"{self.stage.address}{PREFIX}{path}", encoded=True)
        given = {**self._headers, **(headers or {})}
        skip = () if "Content-Type" in given else ("Content-Type",)
        async with self.stage.http.request(
            method, address, data=data, headers=given, skip_auto_headers=skip
        ) as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """GET; headers are written with underscores."""
        return await self.ask("GET", path, headers=_dashed(headers))

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        """POST a JSON body, or none."""
        if body is None:
            return await self.ask("POST", path, headers=_dashed(headers))
        given = {"Content-Type": "application/json", **_dashed(headers)}
        return await self.ask("POST", path, data=msgspec.json.encode(body), headers=given)

    async def patch(self, path: str, body: object, **headers: str) -> Answer:
        """PATCH with a JSON body."""
        given = {"Content-Type": "application/json", **_dashed(headers)}
        return await self.ask("PATCH", path, data=msgspec.json.encode(body), headers=given)

    async def delete(self, path: str, **headers: str) -> Answer:
        """DELETE."""
        return await self.ask("DELETE", path, headers=_dashed(headers))

    async def decide(self, approval: str, decision: str, note: str | None = None, **headers: str) -> Answer:
        """Decide an approval."""
        return await self.post(f"/approvals/{approval}/decide", {"decision": decision, "note": note}, **headers)

    async def cancel(self, message: str, **headers: str) -> Answer:
        """Cancel a message."""
        return await self.post(f"/messages/{message}/cancel", **headers)

    async def finished(self, message: str) -> Message:
        """The message when it is finished, or as it is after 30 seconds."""
        return (await self.get(f"/messages/{message}", Prefer="wait=30")).message


class Sent(msgspec.Struct):
    task_id: str


class Made(msgspec.Struct):
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """An agent that may refund when a person says so, and those who talk to it through the Enthusiast dialect."""

    stage: Stage
    agent: Agent
    refund: Register

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A worker that has the tool, until the end of the block."""
        rooms = self.stage.turnkeeper.rooms
        files = TurnFiles(rooms.database, rooms.blobs)
        model = self.stage.model
        async with working(rooms.database, rooms.notices, rooms.changes, model, tools=(self.refund,), files=files):
            yield

    async def begin(self, key: str) -> int:
        """Begin a conversation; its number in the Enthusiast dialect."""
        return (await self._enthusiast("/api/conversations", key, {"agent_id": self.agent.id}, Made)).id

    async def send(self, key: str, conversation: int, text: str) -> str:
        """Send a message; its `task_id`."""
        path = f"/api/conversations/{conversation}"
        return (await self._enthusiast(path, key, {"question_message": text}, Sent)).task_id

    async def state(self, key: str, task_id: str) -> str:
        """What the Enthusiast dialect says of the task."""
        headers = {"Authorization": f"Token {key}"}
        async with self.stage.http.get(f"{self.stage.address}/api/task_status/{task_id}", headers=headers) as response:
            return msgspec.json.decode(await response.read(), type=dict[str, str])["state"]

    async def ask(self, key: str, text: str = "Refund the failed charge for customer cus_123.") -> str:
        """Send a message into a conversation of its own; its `task_id`."""
        return await self.send(key, await self.begin(key), text)

    async def parked(self, native: Native, message: str) -> Message:
        """The message when it waits for people."""
        standing = (await native.get(f"/messages/{message}")).message
        number = await self._number(standing)
        with self.stage.turnkeeper.rooms.changes.listening(number) as changed:
            async with asyncio.timeout(PATIENCE):
                while True:
                    changed.clear()
                    standing = (await native.get(f"/messages/{message}")).message
                    if standing.is_parked:
                        return standing
                    await changed.wait()

    async def said_something(self, native: Native, message: str) -> None:
        """Wait until some of the model's text is in the log."""
        number = await self._number((await native.get(f"/messages/{message}")).message)
        rooms = self.stage.turnkeeper.rooms
        with rooms.changes.listening(number) as changed:
            async with asyncio.timeout(PATIENCE):
                while True:
                    changed.clear()
                    async with rooms.database.connection() as connection:
                        log = await events.of_conversation(connection, conversation_id=number, limit=1_000)
                    if any(isinstance(event.body, TextAdded) for event in log):
                        return
                    await changed.wait()

    async def _number(self, message: Message) -> int:
        async with self.stage.turnkeeper.rooms.database.connection() as connection:
            rows = await connection.execute("SELECT id, public_id FROM conversations")
            return next(row[0] for row in await rows.fetchall() if prefixed("conv", row[1]) == message.conversation_id)

    async def _enthusiast(self, path: str, key: str, body: object, kind: type[T]) -> T:
        headers = {"Authorization": f"Token {key}", "Content-Type": "application/json"}
        address = f"{self.stage.address}{path}"
        async with self.stage.http.post(address, data=msgspec.json.encode(body), headers=headers) as response:
            assert response.status in {201, 202}, await response.text()
            return msgspec.json.decode(await response.read(), type=kind)


def as_native(task_id: str) -> str:
    """The native id of an Enthusiast task."""
    public_id = from_uuid(task_id)
    assert public_id is not None
    return prefixed("msg", public_id)


async def open_shop(stage: Stage, policy: ApprovalPolicy | None = None) -> Shop:
    """The agent, with a policy that asks about every refund unless told otherwise."""
    policy = policy or ApprovalPolicy(rules=(ApprovalRule(tool="refund"),))
    async with stage.turnkeeper.rooms.database.connection() as connection:
        agent = await make_agent(
            connection,
            stage.people.admin,
            name="Refunds",
            data_set_id=None,
            tools=("refund",),
            settings=AgentSettings(approvals=policy),
        )
    return Shop(stage=stage, agent=agent, refund=Register(kind="keyed"))


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
