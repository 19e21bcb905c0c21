"""Servers that are started as a process and spoken to by its standard input and output. Imports mcp, which is slow.

The library has such a transport too; this one holds no message that is longer than a limit, keeps the last words of the
process's standard error for the operator, and tells at once when the process ended.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from turnkeeper.agents.tools.mcp.long_lines import LongLines, shortened

_CHUNK_BYTES = 64 * 1024
_LAST_WORDS_BYTES = 2_000
_STOP_SECONDS = 1.0
"""Between asking a process to stop, once by closing its input, once by a signal, and the next, harder means."""

Inbox = MemoryObjectReceiveStream[SessionMessage | Exception]
Outbox = MemoryObjectSendStream[SessionMessage]


class LastWords:
    """The end of what a process wrote to its standard error."""

    def __init__(self) -> None:
        self._bytes = b""

    def add(self, chunk: bytes) -> None:
        """Keep the newest."""
        self._bytes = (self._bytes + chunk)[-_LAST_WORDS_BYTES:]

    def __str__(self) -> str:
        return self._bytes.decode("utf-8", "replace").strip()


@asynccontextmanager
async def stdio_transport(
    command: Sequence[str], environment: Mapping[str, str], *, ended: asyncio.Event, last_words: LastWords
) -> AsyncGenerator[tuple[Inbox, Outbox]]:
    """A process that speaks MCP. `ended` is set when it closes its output; at the end it is stopped with its children.

    It inherits PATH, HOME and the like and nothing else of our environment.

    Raises:
        OSError: there is no such program.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=get_default_environment() | dict(environment),
        start_new_session=True,
    )
    told, inbox = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outbox, asked = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as group:
        group.start_soon(_read, process, told, ended)
        group.start_soon(_write, process, asked, ended)
        group.start_soon(_listen, process, last_words)
        try:
            yield inbox, outbox
        finally:
            with anyio.CancelScope(shield=True):
                inbox.close()
                outbox.close()
                await _stop(process)
            group.cancel_scope.cancel()


async def _read(
    process: asyncio.subprocess.Process,
    told: MemoryObjectSendStream[SessionMessage | Exception],
    ended: asyncio.Event,
) -> None:
    """Hand on each message; after the other side is gone, read on so that the process can finish its words."""
    assert process.stdout is not None
    lines = LongLines(shortened)
    try:
        async with told:
            while chunk := await process.stdout.read(_CHUNK_BYTES):
                for line in lines.feed(chunk):
                    if line.strip():
                        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                            await told.send(_message(line))
    finally:
        ended.set()


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:  # the library notes it, and waits for a better line
        return error


async def _write(
    process: asyncio.subprocess.Process, asked: MemoryObjectReceiveStream[SessionMessage], ended: asyncio.Event
) -> None:
    assert process.stdin is not None
    try:
        async with asked:
            async for item in asked:
                text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()
    except (OSError, RuntimeError):  # its input is closed; uvloop says so with a RuntimeError
        ended.set()


async def _listen(process: asyncio.subprocess.Process, last_words: LastWords) -> None:
    assert process.stderr is not None
    while chunk := await process.stderr.read(_CHUNK_BYTES):
        last_words.add(chunk)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Close its input, then ask its whole group to end, then make it."""
    assert process.stdin is not None
    process.stdin.close()
    for harder in (signal.SIGTERM, signal.SIGKILL, None):
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
                return
        except TimeoutError:
            if harder is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, harder)
