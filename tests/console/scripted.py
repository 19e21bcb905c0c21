"""The scripted model in a thread of its own, so that it answers a server process whatever the test waits for."""

import asyncio
import threading
from collections.abc import Callable
from typing import Self

from tests.fakes.scripted_model import ScriptedModel

PATIENCE = 5.0


class ModelThread:
    """A scripted model that lives in its own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted model", daemon=True)
        self._model = ScriptedModel()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._model.__aenter__(), self._loop).result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._model.__aexit__(None, None, None), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def base_url(self) -> str:
        """Where it is."""
        return self._model.base_url

    def release(self) -> None:
        """Let what stalls now come to its end."""
        self.does(lambda model: model.release_once())

    def does(self, change: Callable[[ScriptedModel], None]) -> None:
        """Change the model in its own loop: what it will say, what holds it up."""

        async def work() -> None:
            change(self._model)

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(PATIENCE)
