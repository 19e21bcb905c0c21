"""Runs the tests in several processes that are forked once everything is collected: `-p tests.forked_runs --workers 4`.

Collecting takes nine seconds of CPU, most of it imports, and is done once so; pytest-xdist does it in each process. Each
process takes what is next: the long tests first, one by one, then the others by files.
"""

import os
import select
import shutil
import tempfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from pathlib import Path
from traceback import format_exc
from typing import Protocol

import pytest
from _pytest.capture import CaptureManager

from tests.fakes.forked_commands import forked_commands

LONG = (
    "tests/test_torture.py",
    "tests/test_bench.py",
    "tests/dialects/doors/test_contracts.py",
    "tests/turns/test_crashes.py",
    "tests/turns/test_effect_crashes.py",
    "tests/test_wheel.py",
    "tests/test_refund_example.py",
    "tests/turns/test_overlap_crashes.py",
    "tests/turns/test_interleavings.py",
    "tests/clients/test_killed_server.py",
)
"""Files with tests of several seconds: begun at the end, they would be waited for alone."""
ONE_PROCESS = "tests/console/"
"""Tests of this folder share one browser and one server, which cost more than most of them: all go to one process."""
MOST_TOGETHER = 25
"""Tests of one file that are given away at once: fewer would make more of what a file's tests share."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many processes."""
    parser.addoption("--workers", type=int, default=0, help="Run the tests in so many forked processes.")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what was collected; None, which leaves it to pytest, unless processes were asked for."""
    count: object = session.config.getoption("workers")
    if not isinstance(count, int) or count < 1 or session.config.option.collectonly or session.testsfailed:
        return None
    forked_commands()  # shared: made before the fork
    folder = tempfile.mkdtemp(prefix="pytest-workers-")
    with _workers(session, min(count, len(session.items)), folder) as workers:
        _hand_out(session, workers)
    shutil.rmtree(folder, ignore_errors=True)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


class _Line(Protocol):
    """One end of what two processes talk over."""

    def send(self, obj: object, /) -> None: ...
    def recv(self) -> object: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...


@dataclass(kw_only=True)
class _Said:
    """What a process says once a test: what became of the one before, and whether it wants another."""

    reports: list[object]
    is_over: bool


@dataclass(kw_only=True)
class _Worker:
    """A process, the tests that are its own by now, and the last two that it was given: it runs the one before the last."""

    process: int
    line: _Line
    tests: deque[int] = field(default_factory=deque[int])
    given: deque[int] = field(default_factory=lambda: deque[int](maxlen=2))


@contextmanager
def _workers(session: pytest.Session, count: int, folder: str) -> Generator[list[_Worker]]:
    workers: list[_Worker] = []
    try:
        for number in range(count):
            ours, theirs = Pipe()
            process = os.fork()
            if process == 0:
                for other in workers:
                    other.line.close()
                ours.close()
                _be_a_worker(session, theirs, Path(folder, str(number)))
            theirs.close()
            workers.append(_Worker(process=process, line=ours))
        yield workers
    finally:
        for worker in workers:
            worker.line.close()  # it ends by itself, after what its tests share is closed
        for worker in workers:
            os.waitpid(worker.process, 0)


def _hand_out(session: pytest.Session, workers: Sequence[_Worker]) -> None:
    waiting = deque(_together(session.items))
    at_work = {worker.line.fileno(): worker for worker in workers}
    while at_work:
        for number in select.select(list(at_work), [], [])[0]:
            worker = at_work[number]
            try:
                said = worker.line.recv()
            except EOFError:
                del at_work[number]
                waiting.append(list(worker.tests))
                _lost(session, worker)
                continue
            assert isinstance(said, _Said)
            for data in said.reports:
                report = session.config.hook.pytest_report_from_serializable(config=session.config, data=data)
                session.config.hook.pytest_runtest_logreport(report=report)
            if said.is_over:
                del at_work[number]
            else:
                worker.line.send(_next_of(session, worker, waiting))


def _next_of(session: pytest.Session, worker: _Worker, waiting: deque[list[int]]) -> int | None:
    if session.shouldfail or session.shouldstop:
        return None
    while not worker.tests and waiting:
        worker.tests.extend(waiting.popleft())
    if not worker.tests:
        return None
    worker.given.append(worker.tests.popleft())
    return worker.given[-1]


def _together(items: Sequence[pytest.Item]) -> Iterator[list[int]]:
    """The tests' numbers, in the order in which they are given away, and those together that go to one process."""
    files: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        name = item.nodeid.partition("::")[0]
        files.setdefault(ONE_PROCESS if name.startswith(ONE_PROCESS) else name, []).append(number)
    if ONE_PROCESS in files:
        yield files.pop(ONE_PROCESS)
    for name in LONG:
        yield from ([number] for number in files.pop(name, ()))
    for numbers in files.values():
        for start in range(0, len(numbers), MOST_TOGETHER):
            yield numbers[start : start + MOST_TOGETHER]


def _lost(session: pytest.Session, worker: _Worker) -> None:
    """A process that ended in the middle of a test is a failure of that test, and of the next, which it had been given."""
    for number in worker.given:
        item = session.items[number]
        report = pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed",
            longrepr="The process that ran this test, or was about to, has ended.",
            when="call",
        )
        session.config.hook.pytest_runtest_logreport(report=report)


def _be_a_worker(session: pytest.Session, line: _Line, folder: Path) -> None:
    """Run what is given, to the end of this process."""
    code = 1
    try:
        folder.mkdir()
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        telling = _Telling(session.config, line)
        plugins.register(telling)
        # What is captured goes to a file, which must not be shared with the other processes.
        capturing: object = plugins.getplugin("capturemanager")
        assert isinstance(capturing, CaptureManager)
        capturing.stop_global_capturing()
        capturing.start_global_capturing()
        with suppress(EOFError, BrokenPipeError):
            _run(session, telling)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was: it is told, and this process must not go on as pytest
        os.write(2, format_exc().encode())
    finally:
        os._exit(code)


def _run(session: pytest.Session, telling: "_Telling") -> None:
    number = telling.next()
    while number is not None:
        following = telling.next()
        session.config.hook.pytest_runtest_protocol(
            item=session.items[number], nextitem=None if following is None else session.items[following]
        )
        number = following
    telling.tell(is_over=True)


class _Telling:
    """Tells what happens to the process that shows it, before the next test begins: that one may end this process."""

    def __init__(self, config: pytest.Config, line: _Line) -> None:
        self._config = config
        self._line = line
        self._reports: list[object] = []

    def next(self) -> int | None:
        """The number of the test after the next one; None when there is none."""
        self.tell(is_over=False)
        number = self._line.recv()
        assert number is None or isinstance(number, int)
        return number

    def tell(self, *, is_over: bool) -> None:
        """Tell what is not told yet."""
        self._line.send(_Said(reports=self._reports, is_over=is_over))
        self._reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has gone one step further."""
        self._reports.append(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))
