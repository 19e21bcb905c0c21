"""`python -m turnkeeper.retrieval.parsing.child MEGABYTES CPU_SECONDS`: reads one file from standard input; see `apart`."""

import resource
import sys
from contextlib import suppress

import msgspec

from turnkeeper.retrieval.parsing.parse import parse

_MEGABYTE = 1024 * 1024
_LIMITS = (
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 64),
)


def main() -> None:
    """Parse and answer; whoever exceeds a limit dies of it."""
    megabytes, cpu_seconds = (int(word) for word in sys.argv[1:])
    for limit, most in ((resource.RLIMIT_CPU, cpu_seconds), *_LIMITS):
        _bound(limit, most)
    with suppress(ValueError):  # macOS does not bound addresses; there, time alone is what ends it
        _bound(resource.RLIMIT_AS, megabytes * _MEGABYTE)
    address, data = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=tuple[str, bytes])
    parts = [(type(part).__name__, part) for part in parse(data, address)]
    sys.stdout.buffer.write(msgspec.msgpack.encode(parts))


def _bound(limit: int, most: int) -> None:
    _, hard = resource.getrlimit(limit)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (bound, bound))


if __name__ == "__main__":
    main()
