"""What the kernel knows of processes: who belongs together, what they used, what they hold in memory (Linux)."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def tree_of(root: int) -> set[int]:
    """The process and all that descend from it and still live."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdecimal()}
    found = {root} & parents.keys()
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def parent_of(process: int) -> int:
    """Who started it.

    Raises:
        LookupError: it lives no more.
    """
    parent = _parent(process)
    if parent is None:
        raise LookupError(process)
    return parent


def cpu_seconds(processes: Iterable[int]) -> float:
    """Processor time that they used, with that of their children that have ended, to a hundredth of a second."""
    return sum(sum(int(field) for field in fields[11:15]) for fields in map(_fields, processes) if fields) / _TICKS


def memory_mib(processes: Iterable[int]) -> float:
    """Their proportional set size: memory that several share is counted once."""
    return sum(map(_pss_kib, processes)) / 1024


@contextmanager
def program(
    arguments: Sequence[str], *, environment: dict[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """A program with pipes, which is ended with the block: by the end of its input, else by force."""
    process = subprocess.Popen(
        list(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, process_group=0
    )
    try:
        yield process
    finally:
        end(process, patience_seconds=2.0)


def end(process: subprocess.Popen[bytes], *, patience_seconds: float) -> None:
    """Ask a process to end, and after a while see to it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _parent(process: int) -> int | None:
    fields = _fields(process)
    return int(fields[1]) if fields else None


def _fields(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second is a name, which may contain anything."""
    try:
        return (_PROC / str(process) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _pss_kib(process: int) -> int:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        for line in (_PROC / str(process) / "smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
