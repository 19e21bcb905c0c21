"""Who has begun something, and stands where it first waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


async def stood(begin: Callable[[], Coroutine[None, None, T]]) -> asyncio.Task[T]:
    """A task that has run up to where it first waits."""
    begun = asyncio.Event()

    async def run() -> T:
        begun.set()
        return await begin()

    task = asyncio.create_task(run())
    await begun.wait()
    return task
