"""A client of the dialect, as small as can be: a key, and answers as status, headers and body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import msgspec
from yarl import URL

from tests.dialects.conftest import Stage
from tests.patience import PATIENCE

_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
_TASK = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        """The body, which is JSON in this dialect."""
        assert self.headers["Content-Type"] == "application/json"
        return msgspec.json.decode(self.raw)

    @property
    def plain(self) -> tuple[int, Json]:
        """Status and body, where moments and tasks are the same in every run: what most tests compare."""
        assert self.headers["Content-Type"] == "application/json"
        text = _TASK.sub("task", _MOMENT.sub("time", self.raw.decode()))
        return self.status, msgspec.json.decode(text)

    def object(self) -> dict[str, Json]:
        """The body, which is an object."""
        body = self.body
        assert isinstance(body, dict)
        return body

    def number(self, name: str) -> int:
        """A field of the body that is an integer."""
        value = self.object()[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """A field of the body that is a text."""
        value = self.object()[name]
        assert isinstance(value, str)
        return value

    def objects(self, name: str) -> list[dict[str, Json]]:
        """A field of the body that is a list of objects."""
        value = self.object()[name]
        assert isinstance(value, list)
        return [item for item in value if isinstance(item, dict)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """Calls with one key, or with none."""

    stage: Stage
    key: str | None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET."""
        return await self.call("GET", path, headers=headers)

    async def post(self, path: str, body: Json = None, headers: Mapping[str, str] | None = None) -> Answer:
        """POST JSON."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        return await self.call("POST", path, data=msgspec.json.encode(body), headers=sent)

    async def call(
        self,
        method: str,
        path: str,
        *,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any request, within a minute."""
        sent = {**({} if self.key is None else {"Authorization": f"Token {self.key}"}), **(headers or {})}
        async with self.stage.http.request(
            method,
            URL(self.stage.address + path, encoded=True),
            data=data,
            headers=sent,
            skip_auto_headers=("Content-Type",) if isinstance(data, bytes) else (),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=2 * PATIENCE),
        ) as response:
            return Answer(status=response.status, headers=response.headers.copy(), raw=await response.read())

    async def begin(self) -> int:
        """A new conversation with the open agent; its id."""
        made = await self.post("/api/conversations", {"agent_id": self.stage.people.agent.id})
        assert made.status == 201, made.raw
        return made.number("id")

    async def ask(self, conversation: int, text: str) -> str:
        """Send a message; the id of its task."""
        sent = await self.post(f"/api/conversations/{conversation}", {"question_message": text})
        assert sent.status == 202, sent.raw
        return sent.text("task_id")

    async def state(self, task: str, *, wait: int = 0) -> str:
        """The state of a task, after at most so many seconds."""
        answer = await self.get(f"/api/task_status/{task}/", {"Prefer": f"wait={wait}"} if wait else None)
        assert answer.status == 200, answer.raw
        return answer.text("state")
