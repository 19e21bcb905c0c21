"""Embedding models behind a real HTTP server on loopback, by OpenAI's wire and by Ollama's.

The vectors are those of `HashingEmbedder`, so that texts that share words lie near to each other; but they are three times
as long.
"""

import asyncio
import base64
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from tests.fakes.hashing_embedder import HashingEmbedder
from tests.patience import PROCESS_PATIENCE

MOST_TEXTS = 2048
CROWD = 4


class OpenAIRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /v1/embeddings`, all of its fields."""

    input: str | list[str]
    model: str
    encoding_format: str = "float"
    dimensions: int | None = None
    user: str | None = None


class OllamaRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/embed`, all of its fields."""

    model: str
    input: str | list[str]
    truncate: bool = True
    dimensions: int | None = None
    keep_alive: str | float | None = None
    options: dict[str, object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fails:
    """An answer that is no success."""

    status: int
    message: str = "It is on fire."
    code: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """A 200 with these bytes."""

    body: bytes


class Stalls:
    """No answer, until the server closes."""


Reply = Fails | Raw | Stalls


class EmbeddingServer:
    """The server. It gives the scripted replies first, and keeps the texts of every request that it answered."""

    def __init__(self, *script: Reply, key: str | None = None, model: str = "model", dimensions: int = 64) -> None:
        self._script = list(script)
        self._key = key
        self._model = model
        self.embedder = HashingEmbedder(dimensions)
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.asked = 0
        """How many requests came, whatever became of them."""
        self.texts: list[list[str]] = []
        self.gate = asyncio.Event()
        """While it is not set, whole batches wait; questions do not."""
        self.gate.set()
        self.waits = asyncio.Event()
        """Set when something came to the closed gate."""
        self.waiting = 0
        """How many batches wait at the gate."""
        self.most_waiting = 0
        self.crowd = asyncio.Event()
        """Set when so many batches wait at the gate as `CROWD` says."""
        self.address = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/embeddings", self._openai)
        app.router.add_post("/api/embed", self._ollama)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def openai_address(self) -> str:
        """What stands before `/embeddings`."""
        return f"{self.address}/v1"

    def will(self, *replies: Reply) -> None:
        """Add replies to the script."""
        self._script.extend(replies)

    async def close(self) -> None:
        """Stop; may be called again."""
        self._closing.set()
        self.gate.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _openai(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self._key is not None and request.headers.get("Authorization") != f"Bearer {self._key}":
            return _openai_error(Fails(status=401, message=f"Incorrect API key provided: {self._key}."))
        scripted = await self._scripted()
        if scripted is not None:
            return scripted if isinstance(scripted, web.Response) else _openai_error(scripted)
        try:
            asked = msgspec.json.decode(await request.read(), type=OpenAIRequest)
        except msgspec.DecodeError as error:
            return _openai_error(Fails(status=400, message=f"We could not parse the JSON body: {error}"))
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        if not texts or "" in texts or len(texts) > MOST_TEXTS:
            return _openai_error(Fails(status=400, message="'$.input' is invalid."))
        if asked.model != self._model:
            told = Fails(status=404, message=f"The model `{asked.model}` does not exist.", code="model_not_found")
            return _openai_error(told)
        vectors = await self._vectors(texts)
        as_base64 = asked.encoding_format == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _base64(vector) if as_base64 else vector}
            for index, vector in enumerate(vectors)
        ]
        # In no order: the index tells which text a vector belongs to.
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return _json({"object": "list", "data": data[::-1], "model": asked.model, "usage": usage})

    async def _ollama(self, request: web.Request) -> web.Response:
        self.asked += 1
        scripted = await self._scripted()
        if scripted is not None:
            return scripted if isinstance(scripted, web.Response) else _ollama_error(scripted)
        try:
            asked = msgspec.json.decode(await request.read(), type=OllamaRequest)
        except msgspec.DecodeError as error:
            return _ollama_error(Fails(status=400, message=str(error)))
        if asked.model.removesuffix(":latest") != self._model:
            return _ollama_error(Fails(status=404, message=f'model "{asked.model}" not found, try pulling it first'))
        vectors = await self._vectors([asked.input] if isinstance(asked.input, str) else asked.input)
        return _json({"model": asked.model, "embeddings": vectors, "total_duration": 1, "prompt_eval_count": 1})

    async def _scripted(self) -> web.Response | Fails | None:
        if not self._script:
            return None
        match self._script.pop(0):
            case Raw() as raw:
                return web.Response(body=raw.body, content_type="application/json")
            case Fails() as fails:
                return fails
            case Stalls():
                async with asyncio.timeout(PROCESS_PATIENCE):
                    await self._closing.wait()
                return Fails(status=503)

    async def _vectors(self, texts: list[str]) -> list[list[float]]:
        if len(texts) > 1 and not self.gate.is_set():
            self.waits.set()
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            if self.waiting == CROWD:
                self.crowd.set()
            async with asyncio.timeout(PROCESS_PATIENCE):
                await self.gate.wait()
            self.waiting -= 1
        self.texts.append(texts)
        return [[number * 3 for number in vector] for vector in await self.embedder.embed_passages(texts)]


def _openai_error(fails: Fails) -> web.Response:
    error = {"message": fails.message, "type": "error", "param": None, "code": fails.code}
    return _json({"error": error}, fails)


def _ollama_error(fails: Fails) -> web.Response:
    return _json({"error": fails.message}, fails)


def _json(body: object, fails: Fails | None = None) -> web.Response:
    headers = {"Retry-After": fails.retry_after} if fails is not None and fails.retry_after else {}
    return web.Response(
        body=msgspec.json.encode(body),
        status=200 if fails is None else fails.status,
        headers=headers,
        content_type="application/json",
    )


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
