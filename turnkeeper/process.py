"""What every process has: an event loop, and signals that stop it."""

import asyncio
import ctypes
import gc
import resource
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress

import uvloop

_SETTLED_SECONDS = 5.0
_M_ARENA_MAX = -8
"""glibc's number for it, of `malloc.h`."""
_ARENAS = 2
"""What threads allocate from. glibc makes eight for each processor, and each keeps what was freed: 11 MiB after a load."""


@asynccontextmanager
async def stop_signal() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once, as it would without us."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    yield stop


def run(main: Coroutine[None, None, None]) -> None:
    """Run until it ends; of several errors at once the first is told."""
    _allow_many_connections()
    _share_arenas()
    try:
        uvloop.run(_with_garbage_collection(main))
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


async def _with_garbage_collection(main: Coroutine[None, None, None]) -> None:
    gc.enable()
    asyncio.get_running_loop().call_later(_SETTLED_SECONDS, _settle)
    await main


def _allow_many_connections() -> None:
    """Each connection is an open file, of which most systems allow far fewer than they could unless they are asked."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _share_arenas() -> None:
    """Have threads share the places from which they allocate; other C libraries than glibc have no such option."""
    if sys.platform == "linux":
        option = getattr(ctypes.CDLL(None), "mallopt", None)
        if option is not None:
            option(_M_ARENA_MAX, _ARENAS)


def _settle() -> None:
    """What lives now stays for ever: collect what does not, and never look at the rest again."""
    gc.collect()
    gc.freeze()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType]
