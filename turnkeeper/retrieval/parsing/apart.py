"""Files whose formats need big libraries are read in a process of their own, which is killed if it takes too much.

A few kilobytes of PDF or of an Office file can ask for gigabytes or for hours, inside libraries that no thread can be called
back from. Text is read here: its time and memory follow from its length.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from turnkeeper.retrieval.parsing.parse import TOOK_TOO_MUCH, parse
from turnkeeper.retrieval.parsing.parsed import Parsed, ParsedDocument, ParsedProduct, Unreadable

_CHILD = "turnkeeper.retrieval.parsing.child"
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
"""What of our environment the process sees: no keys."""
_KINDS: dict[str, type[Parsed]] = {kind.__name__: kind for kind in (ParsedDocument, ParsedProduct, Unreadable)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What reading one file may take."""

    seconds: float = 40.0
    cpu_seconds: int = 30
    megabytes: int = 2_048
    """Of addresses, of which some 200 are the interpreter's and the libraries'."""


_USUAL = Bounds()


def parse_apart(data: bytes, address: str, *, within: Bounds = _USUAL) -> Sequence[Parsed]:
    """As `parse`; a file that takes too much time or memory is told as unreadable. Blocks; for a thread."""
    if not (data.startswith(b"PK\x03\x04") or b"%PDF-" in data[:1024]):
        return parse(data, address)
    try:
        done = subprocess.run(
            [sys.executable, "-m", _CHILD, str(within.megabytes), str(within.cpu_seconds)],
            input=msgspec.msgpack.encode((address, data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            timeout=within.seconds,
            check=True,
        )
        parts = msgspec.msgpack.decode(done.stdout, type=list[tuple[str, msgspec.Raw]])
        return [msgspec.msgpack.decode(part, type=_KINDS[kind]) for kind, part in parts]
    except subprocess.TimeoutExpired:
        return [Unreadable(address=address, why=f"Reading it took more than {within.seconds:g} seconds.")]
    except subprocess.CalledProcessError:
        return [Unreadable(address=address, why=TOOK_TOO_MUCH)]
    except (OSError, msgspec.MsgspecError, KeyError):
        return [Unreadable(address=address, why="It could not be read just now; try again.")]
