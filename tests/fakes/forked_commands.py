"""`turnkeeper` commands that start fast: a process that has imported what they need forks one for each order.

It is `python -m tests.fakes.forked_commands`. What comes of it is a process of its own in every way (folder, environment,
standard streams, terminal, signals, exit code); only its imports were made before, which take a command half a second of CPU
and a server more than one. Tests of starting, of what is imported, and of the installed wheel start it the long way.
"""

import array
import asyncio
import functools
import gc
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

import msgspec
from croniter import croniter

from tests.patience import PROCESS_PATIENCE

_ROOT = Path(__file__).parents[2]
_LONGEST_ORDER = 200_000
_STREAMS = 4
_IMPORTED = (
    "turnkeeper.commands.table",
    "turnkeeper.commands.opening",
    "turnkeeper.opening",
    "turnkeeper.serving",
    "turnkeeper.working",
    "turnkeeper.dialects.enthusiast",
    "turnkeeper.dialects.nairi",
    "turnkeeper.dialects.native",
    "turnkeeper.agents.models.connections",
    "turnkeeper.agents.models.openai_chat",
    "turnkeeper.retrieval.embedders.minilm_session",
    "genai_prices.data_snapshot",
    "aiohttp",
    "encodings.idna",
    "litestar._kwargs",
    "litestar.exceptions.responses",
    "litestar.middleware._internal.exceptions",
    "procrastinate.builtin_tasks",
    "uvicorn.lifespan.off",
    "turnkeeper.terminal.chat",
    "turnkeeper.terminal.one_question",
    "turnkeeper.terminal.tail",
)
"""Nothing may start a thread when it is imported: it would be missing in what is forked."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""For NumPy, which starts one for each further processor."""


class _Order(msgspec.Struct):
    words: list[str]
    environment: dict[str, str]
    folder: str
    at_terminal: bool


class ForkedCommand:
    """A command that runs; `poll`, `wait` and the signals are those of `subprocess.Popen`."""

    def __init__(self, report: int) -> None:
        self._report = report
        self.returncode: int | None = None
        self.pid = int(self._line())

    def poll(self) -> int | None:
        """The exit code, or minus the signal that ended it; None while it runs."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit code. Raises: subprocess.TimeoutExpired after so many seconds."""
        if self.returncode is None and not select.select([self._report], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("turnkeeper", timeout or 0)
        return self._end()

    async def ended(self) -> int:
        """Wait for its end without holding up others; the exit code."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        if self.returncode is None:
            loop.add_reader(self._report, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(self._report)
        return self._end()

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing when it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)

    def _end(self) -> int:
        if self.returncode is None:
            self.returncode = int(self._line())
            os.close(self._report)
        return self.returncode

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._report, 1)
            assert piece, "The process that forks commands has ended."
            line += piece
        return line


class ForkedCommands:
    """Starts them. A stream is a file descriptor, which stays the caller's."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fakes.forked_commands", str(theirs.fileno())],
                cwd=_ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
                | _ONE_THREAD,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        streams: tuple[int, int, int],
        folder: Path | None = None,
        at_terminal: bool = False,
    ) -> ForkedCommand:
        """Run `turnkeeper` with these words. `at_terminal` makes the streams, all one terminal, the one that controls it."""
        order = _Order(
            words=list(words),
            environment=dict(environment),
            folder=str(folder or Path.cwd()),
            at_terminal=at_terminal,
        )
        report, theirs = os.pipe()
        try:
            socket.send_fds(self._control, [msgspec.json.encode(order)], [*streams, theirs])
        finally:
            os.close(theirs)
        return ForkedCommand(report)


class PipedCommand:
    """A command with pipes; what it offers is that of `asyncio.subprocess.Process`."""

    def __init__(
        self,
        command: ForkedCommand,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
    ) -> None:
        self._command = command
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr

    @property
    def returncode(self) -> int | None:
        """The exit code, once it is over."""
        return self._command.poll()

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        return await self._command.ended()

    async def communicate(self, typed: bytes = b"") -> tuple[bytes, bytes]:
        """Write all this, and read to the end."""
        if not self.stdin.is_closing():
            self.stdin.write(typed)
            self.stdin.close()
        out, errors = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, errors

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing when it has ended."""
        self._command.send_signal(number)

    def kill(self) -> None:
        """End it as a crash would."""
        self._command.kill()


@asynccontextmanager
async def piped_command(*words: str, **environment: str) -> AsyncGenerator[PipedCommand]:
    """Run `turnkeeper` with these words and pipes; killed at the end if it still runs."""
    (stdin, typing), (out, stdout), (errors, stderr) = os.pipe(), os.pipe(), os.pipe()
    command = forked_commands().start(words, environment, streams=(stdin, stdout, stderr))
    for theirs in (stdin, stdout, stderr):
        os.close(theirs)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(typing, "wb"))
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    piped = PipedCommand(command, writer, await _reader(out), await _reader(errors))
    try:
        yield piped
    finally:
        piped.kill()
        await piped.communicate()


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    return reader


def ran(*words: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `turnkeeper` with these words to its end."""
    with TemporaryFile("w+") as stdin, TemporaryFile("w+") as out, TemporaryFile("w+") as errors:
        stdin.write(typed)
        stdin.seek(0)
        streams = (stdin.fileno(), out.fileno(), errors.fileno())
        command = forked_commands().start(words, environment, streams=streams)
        try:
            command.wait(PROCESS_PATIENCE)
        finally:
            command.kill()
            code = command.wait(PROCESS_PATIENCE)
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), errors.read())


@functools.cache
def forked_commands() -> ForkedCommands:
    """Those of this process; all end with it."""
    return ForkedCommands()


def _serve(control: socket.socket) -> None:
    """Fork for each order until nobody can give one; returns in each child, which is a command from then on."""
    for name in _IMPORTED:
        importlib.import_module(name)
    croniter("* * * * *", datetime.now(UTC))  # its patterns are compiled with the first one
    assert threading.active_count() == len(list(Path("/proc/self/task").iterdir())) == 1
    gc.freeze()  # what the collector never looks at stays shared
    heard, wake = socket.socketpair()
    wake.setblocking(False)
    heard.setblocking(False)
    signal.signal(signal.SIGCHLD, _nothing)
    signal.set_wakeup_fd(wake.fileno())
    reports: dict[int, int] = {}
    while True:
        ready = select.select([control, heard], [], [])[0]
        if heard in ready:
            heard.recv(4_096)
            _report_ends(reports)
        if control not in ready:
            continue
        message, streams = _received(control)
        if not message:
            break
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            for descriptor in (control.detach(), heard.detach(), wake.detach(), streams.pop(), *reports.values()):
                os.close(descriptor)
            _become(msgspec.json.decode(message, type=_Order), streams)
            return
        reports[child] = streams.pop()
        os.write(reports[child], f"{child}\n".encode())
        for stream in streams:
            os.close(stream)
    for child in reports:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    os._exit(0)


def _nothing(_: int, __: object) -> None:
    """A signal without a handler wakes nobody."""


def _received(control: socket.socket) -> tuple[bytes, list[int]]:
    message, ancillary, _, _ = control.recvmsg(_LONGEST_ORDER, socket.CMSG_SPACE(_STREAMS * array.array("i").itemsize))
    streams = array.array("i")
    for _, _, data in ancillary:
        streams.frombytes(data)
    return message, list(streams)


def _report_ends(reports: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            report = reports.pop(ended[0])
            with suppress(BrokenPipeError):
                os.write(report, f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())
            os.close(report)


def _become(order: "_Order", streams: Sequence[int]) -> None:
    """Make this process what the order says."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A shell that starts the tests in the background has them ignore Ctrl-C, which a terminal's command must not inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if order.at_terminal:
        os.login_tty(os.dup(streams[0]))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)
    sys.path[:0] = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.argv = ["turnkeeper", *order.words]
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stdout = sys.__stdout__ = _written(1)
    sys.stderr = sys.__stderr__ = _written(2)


def _written(number: int) -> TextIO:
    return open(number, "w", buffering=1 if number == 2 or os.isatty(number) else -1, closefd=False)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from turnkeeper.__main__ import main

    main()
