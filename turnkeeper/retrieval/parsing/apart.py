"""Files whose formats need big libraries are read in a process of their own, which is killed if it takes too much.

A few kilobytes of PDF or of an Office file can ask for gigabytes or for hours, inside libraries that no thread can be called
back from. Text is read here: its time and memory follow from its length.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from turnkeeper.retrieval.parsing.parse import parse
from turnkeeper.retrieval.parsing.parsed import Parsed, ParsedDocument, ParsedProduct, Unreadable

LONGEST_SECONDS = 40.0
_CHILD = "turnkeeper.retrieval.parsing.child"
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
"""What of our environment the process sees: no keys."""
_KINDS: dict[str, type[Parsed]] = {kind.__name__: kind for kind in (ParsedDocument, ParsedProduct, Unreadable)}


def parse_apart(data: bytes, address: str) -> Sequence[Parsed]:
    """As `parse`; a file that takes too much time or memory is told as unreadable. Blocks; for a thread."""
    if not (data.startswith(b"PK\x03\x04") or b"%PDF-" in data[:1024]):
        return parse(data, address)
    try:
        done = subprocess.run(
            [sys.executable, "-m", _CHILD],
            input=msgspec.msgpack.encode((address, data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            timeout=LONGEST_SECONDS,
            check=True,
        )
        parts = msgspec.msgpack.decode(done.stdout, type=list[tuple[str, msgspec.Raw]])
        return [msgspec.msgpack.decode(part, type=_KINDS[kind]) for kind, part in parts]
    except subprocess.TimeoutExpired:
        return [Unreadable(address=address, why=f"Reading it took more than {LONGEST_SECONDS:g} seconds.")]
    except subprocess.CalledProcessError:
        return [Unreadable(address=address, why="Reading it took more memory or time than one file may.")]
    except (OSError, msgspec.MsgspecError, KeyError):
        return [Unreadable(address=address, why="It could not be read just now; try again.")]
