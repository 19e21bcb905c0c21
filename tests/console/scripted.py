"""The scripted models in a thread of their own, so that they answer a server process whatever the test waits for."""

import asyncio
import threading
from collections.abc import Callable
from typing import Self

from tests.fakes.embedding_server import EmbeddingServer
from tests.fakes.scripted_model import ScriptedModel
from tests.patience import PATIENCE

EMBEDDING_MODEL = "nomic-embed-text"


class ModelThread:
    """A scripted model, and one that embeds, which live in their own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted model", daemon=True)
        self._model = ScriptedModel()
        self._embedder = EmbeddingServer(model=EMBEDDING_MODEL)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def base_url(self) -> str:
        """Where it is."""
        return self._model.base_url

    @property
    def embedding_url(self) -> str:
        """Where Ollama would be."""
        return self._embedder.openai_address

    def holds_vectors(self, *, now: bool) -> None:
        """Whether batches of texts wait for their vectors."""
        gate = self._embedder.gate
        self._loop.call_soon_threadsafe(gate.clear if now else gate.set)

    def release(self) -> None:
        """Let what stalls now come to its end."""
        self.does(lambda model: model.release_once())

    def does(self, change: Callable[[ScriptedModel], None]) -> None:
        """Change the model in its own loop: what it will say, what holds it up."""

        async def work() -> None:
            change(self._model)

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(PATIENCE)

    async def _open(self) -> None:
        await self._model.open()
        await self._embedder.__aenter__()

    async def _close(self) -> None:
        await self._embedder.close()
        await self._model.close()
