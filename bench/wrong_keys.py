"""`python -m bench.wrong_keys`: a thousand wrong keys a second beside right ones; what they cost the server and its clients.

Three phases of the same length, on a server of its own: right keys alone, right and wrong ones, right ones alone again. The
figures are printed; nothing is kept. Both kinds come from 127.0.0.1, so that the wrong ones are refused for the most part.
"""

import argparse
import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.http_client import BrokenError, Connection, request
from bench.machine import describe
from bench.server import Server

RIGHT_PER_SECOND = 100
_CONNECTIONS = 16
"""Of each kind."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """What came back."""

    seconds: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])

    def percentile_ms(self, part: float) -> float:
        """The time that this part of the answers came within."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1_000


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="bench.wrong_keys", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase")
    parser.add_argument("--per-second", type=int, default=1_000, help="wrong keys")
    wanted = parser.parse_args()
    server = Server(None, log_level="warning")
    try:
        server.start()
        server.settle()
        for name, rate in (("right keys alone", 0), ("beside wrong keys", wanted.per_second), ("alone again", 0)):
            before, began = server.used(), time.monotonic()
            right, wrong = asyncio.run(_phase(server, wanted.seconds, rate))
            took, after = time.monotonic() - began, server.used()
            print(
                f"{name}: right {len(right.seconds)} {dict(right.statuses)}, p50 {right.percentile_ms(0.5):.1f} ms, "
                f"p95 {right.percentile_ms(0.95):.1f} ms, p99 {right.percentile_ms(0.99):.1f} ms; "
                f"wrong {len(wrong.seconds) / took:.0f}/s {dict(wrong.statuses)}; of one processor: server "
                f"{(after.python - before.python) / took:.0%} "
                f"({(after.python - before.python) * 1_000 / (len(right.seconds) + len(wrong.seconds)):.2f} ms a request), "
                f"PostgreSQL {(after.postgres - before.postgres) / took:.0%}"
            )
        print(describe())
    finally:
        server.remove()


async def _phase(server: Server, seconds: float, wrong_per_second: int) -> tuple[Tally, Tally]:
    right, wrong = Tally(), Tally()
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for tally, rate, key in ((right, RIGHT_PER_SECOND, server.key), (wrong, wrong_per_second, None)):
            for number in range(_CONNECTIONS if rate else 0):
                pause = _CONNECTIONS / rate
                tasks.create_task(_knock(server.port, tally, key, pause, number * pause / _CONNECTIONS, until))
    return right, wrong


async def _knock(port: int, tally: Tally, key: str | None, pause: float, first: float, until: float) -> None:
    """Ask at an even pace over one connection. Without a key, with another wrong one each time."""
    connection = await Connection.open(port)
    due = time.monotonic() + first
    try:
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            secret = key or f"tk_{secrets.token_urlsafe(32)}"
            began = time.monotonic()
            try:
                status, _ = await connection.ask(request("GET", "/v1/me", f"Authorization: Bearer {secret}\r\n"))
            except BrokenError:
                tally.statuses[0] += 1
                connection.close()
                connection = await Connection.open(port)
                continue
            finally:
                due = max(due + pause, time.monotonic() - 1.0)  # a second of arrears at most
            tally.seconds.append(time.monotonic() - began)
            tally.statuses[status] += 1
    finally:
        connection.close()


if __name__ == "__main__":
    main()
