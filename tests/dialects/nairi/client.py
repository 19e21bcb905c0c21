"""A client of the Nairi dialect, as small as its own documentation shows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from yarl import URL

from tests.dialects.conftest import Stage
from tests.dialects.steady import steady_body

PREFIX = "/api/public/v1"
UNKNOWN = "01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"
"""A well-formed ULID that nothing has."""
_ID = re.compile(r"\b(job|cmsg|cci)_[0-7][0-9A-HJKMNP-TV-Z]{25}\b")


class Row(msgspec.Struct, omit_defaults=True):
    """A message, as far as most tests look."""

    id: str
    job_id: str
    role: str
    content: str
    status: str


class Timeline(msgspec.Struct):
    messages: list[Row]


class Job(msgspec.Struct):
    id: str
    status: str
    mode: str
    title: str
    created_at: str
    updated_at: str


class Jobs(msgspec.Struct):
    conversations: list[Job]
    next_cursor: str | None


class Started(msgspec.Struct):
    job_id: str
    message_id: str


class _Problem(msgspec.Struct, forbid_unknown_fields=True):
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body, decoded."""
        return msgspec.json.decode(self.body)

    def steady(self) -> object:
        """The body with what differs from run to run replaced: ids by `job-1`, moments by `time`, input tokens by 9."""
        return steady_body(self.body.decode(), _ID)

    @property
    def error(self) -> str:
        """The text of an error; fails when the body has another shape than `{"error": "…"}`."""
        assert self.headers["Content-Type"] == "application/json"
        return msgspec.json.decode(self.body, type=_Problem).error


class Nairi:
    """Requests to the stage's server with one key; `key=None` sends none."""

    def __init__(self, stage: Stage, key: str | None) -> None:
        self._stage = stage
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    async def ask(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request as it is; `path` is below the prefix and is not encoded further."""
        address = URL(f"{self._stage.address}{PREFIX}{path}", encoded=True)
        given = {**self._headers, **(headers or {})}
        skip = () if "Content-Type" in given else ("Content-Type",)
        async with self._stage.http.request(
            method, address, data=data, headers=given, skip_auto_headers=skip
        ) as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """GET; headers are written with underscores."""
        return await self.ask("GET", path, headers=_dashed(headers))

    async def post(self, path: str, body: object, **headers: str) -> Answer:
        """POST a JSON body."""
        return await self.ask(
            "POST",
            path,
            data=msgspec.json.encode(body),
            headers={"Content-Type": "application/json", **_dashed(headers)},
        )

    async def start(self, prompt: str, *, agent: str = "helper", ask_mode: bool = False) -> Started:
        """Begin a job."""
        answer = await self.post("/conversations/start", {"agent_id": agent, "prompt": prompt, "ask_mode": ask_mode})
        assert answer.status == 201, answer.body
        return msgspec.json.decode(answer.body, type=Started)

    async def carry_on(self, job_id: str, prompt: str) -> Started:
        """Continue a job."""
        answer = await self.post(f"/conversations/{job_id}/continue", {"prompt": prompt})
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Started)

    async def finished(self, message_id: str) -> Row:
        """The message when it is finished, or as it is after 30 seconds."""
        answer = await self.get(f"/messages/{message_id}", Prefer="wait=30")
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Row)

    async def timeline(self, job_id: str) -> list[Row]:
        """The rows of a job."""
        answer = await self.get(f"/conversations/{job_id}/messages")
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Timeline).messages

    async def page(self, path: str) -> Jobs:
        """A page of an agent's conversations."""
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Jobs)

    async def jobs(self, path: str) -> list[Job]:
        """The conversations of a page."""
        return (await self.page(path)).conversations


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
