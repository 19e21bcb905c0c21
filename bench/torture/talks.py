"""Conversations as clients of the three dialects hold them."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from bench.torture.web import GaveUpError, Web

WAIT_SECONDS = 8
_WAITS: Mapping[str, str] = {"Prefer": f"wait={WAIT_SECONDS}"}
_OK = frozenset({"SUCCESS", "completed"})
_NOT_OK = frozenset({"FAILURE", "failed", "cancelled"})


class _Item(msgspec.Struct):
    text: str = ""
    content: str = ""
    role: str = ""


class _Answer(msgspec.Struct):
    """What of all these answers is read."""

    id: int | str = ""
    task_id: str = ""
    job_id: str = ""
    message_id: str = ""
    state: str = ""
    status: str = ""
    items: list[_Item] = []
    history: list[_Item] = []
    messages: list[_Item] = []


class Talk(Protocol):
    """One conversation of one dialect. Every request may come twice, and then does what it did the first time."""

    async def send(self, text: str, key: str) -> str:
        """Send a message, begin with the first; what its state is asked for with."""
        ...

    async def until_finished(self, message: str) -> bool:
        """Wait for a message's end; whether it was answered."""
        ...

    async def texts(self) -> list[str]:
        """All that the agent said, in the order that is shown."""
        ...


class _Desk:
    def __init__(self, web: Web, key: str) -> None:
        self.web = web
        self.key = key

    async def post(self, path: str, body: object, idempotency_key: str) -> _Answer:
        headers = {"Idempotency-Key": idempotency_key}
        return _read(await self.web.ask("POST", path, self.key, body=body, headers=headers))

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> _Answer:
        return _read(await self.web.ask("GET", path, self.key, headers=headers))

    async def ended(self, path: str) -> bool:
        """Ask until it is over."""
        while True:
            found = await self.get(path, _WAITS)
            state = found.state or found.status
            if state in _OK or state in _NOT_OK:
                return state in _OK


class EnthusiastTalk:
    """At /api."""

    def __init__(self, web: Web, key: str, data_set_id: int) -> None:
        self._desk = _Desk(web, key)
        self._data_set_id = data_set_id
        self.id: int | str = ""

    async def send(self, text: str, key: str) -> str:
        """See `Talk`."""
        if not self.id:
            self.id = (await self._desk.post("/api/conversations", {"data_set_id": self._data_set_id}, f"{key}-new")).id
        sent = await self._desk.post(f"/api/conversations/{self.id}", {"question_message": text}, key)
        return sent.task_id

    async def until_finished(self, message: str) -> bool:
        """See `Talk`."""
        return await self._desk.ended(f"/api/task_status/{message}")

    async def texts(self) -> list[str]:
        """See `Talk`."""
        history = (await self._desk.get(f"/api/conversations/{self.id}")).history
        return [item.text for item in history if item.role != "user"]


class NairiTalk:
    """At /api/public/v1."""

    def __init__(self, web: Web, key: str, agent: str) -> None:
        self._desk = _Desk(web, key)
        self._agent = agent
        self.id = ""

    async def send(self, text: str, key: str) -> str:
        """See `Talk`."""
        base = "/api/public/v1/conversations"
        if not self.id:
            sent = await self._desk.post(f"{base}/start", {"agent_id": self._agent, "prompt": text}, key)
            self.id = sent.job_id
        else:
            sent = await self._desk.post(f"{base}/{self.id}/continue", {"prompt": text}, key)
        return sent.message_id

    async def until_finished(self, message: str) -> bool:
        """See `Talk`."""
        return await self._desk.ended(f"/api/public/v1/messages/{message}")

    async def texts(self) -> list[str]:
        """See `Talk`."""
        rows = (await self._desk.get(f"/api/public/v1/conversations/{self.id}/messages?limit=100")).messages
        return [row.content for row in rows if row.role not in {"user", "progress"}]


class NativeTalk:
    """At /v1."""

    def __init__(self, web: Web, key: str, agent: str) -> None:
        self._desk = _Desk(web, key)
        self._agent = agent
        self.id = ""

    async def send(self, text: str, key: str) -> str:
        """See `Talk`."""
        if not self.id:
            await self.begin(f"{key}-new")
        return str((await self._desk.post(f"/v1/conversations/{self.id}/messages", {"text": text}, key)).id)

    async def begin(self, key: str) -> None:
        """Begin without a message."""
        self.id = str((await self._desk.post("/v1/conversations", {"agent": self._agent}, key)).id)

    async def until_finished(self, message: str) -> bool:
        """See `Talk`."""
        return await self._desk.ended(f"/v1/messages/{message}")

    async def texts(self) -> list[str]:
        """See `Talk`."""
        rows = (await self._desk.get(f"/v1/conversations/{self.id}/messages?limit=100")).items
        return [row.text for row in rows if row.role != "user"]


def _read(answer: bytes) -> _Answer:
    try:
        return msgspec.json.decode(answer, type=_Answer)
    except msgspec.DecodeError as error:
        raise GaveUpError(f"An answer cannot be read: {error}: {answer[:200]!r}") from error
