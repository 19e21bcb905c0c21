"""A reader of a conversation's stream, which goes on after each cut; its numbers must be 1, 2, 3 … without gap or repeat."""

import asyncio
import random

import aiohttp
import msgspec

from bench.torture.web import MENDABLE, Web

PAUSE_SECONDS = 0.3


class _Data(msgspec.Struct):
    reason: str = ""


class Reader:
    """Reads the events of one conversation, over as many connections as it takes. Now and then it hangs up by itself."""

    def __init__(self, web: Web, key: str, conversation: str, chance: random.Random) -> None:
        self._web = web
        self._key = key
        self._path = f"/v1/conversations/{conversation}/events?until=idle"
        self._chance = chance
        self.last = 0
        self.gaps = 0
        """Numbers that were left out or came again."""
        self.connections = 0
        self.is_closing = False
        """Set when no further message will come: the stream may end when nothing is under way."""

    async def read(self) -> None:
        """Read until nothing is under way and nothing will come."""
        while not (await self._read_once() and self.is_closing):  # noqa: ASYNC110 - the pause is a client's
            await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS))

    async def _read_once(self) -> bool:
        """Whether the stream ended because there is nothing more."""
        self.connections += 1
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": str(self.last)} if self.last else {})}
        was_closing = self.is_closing
        try:
            async with self._web.get(self._path, self._key, headers) as answer:
                if answer.status != 200:
                    if answer.status not in MENDABLE:
                        self._web.troubles.note_unmendable(f"A stream was answered with {answer.status}.")
                        return True
                    return False
                return await self._take(answer.content) and was_closing
        except (aiohttp.ClientError, TimeoutError, ValueError):
            self._web.troubles.mended["stream cut"] += 1
            return False

    async def _take(self, content: aiohttp.StreamReader) -> bool:
        number, kind, patience = 0, "", self._chance.randint(5, 200)
        async for raw in content:
            name, _, value = raw.rstrip(b"\n").partition(b": ")
            if name == b"id":
                number = int(value)
            elif name == b"event":
                kind = value.decode()
            elif name == b"data" and kind == "end":
                return msgspec.json.decode(value, type=_Data).reason in {"idle", "log_end"}
            elif name == b"data":
                self.gaps += number != self.last + 1
                self.last = number
                patience -= 1
                if patience == 0:
                    return False
        return False
