"""What is counted, for Prometheus, and the two lines that are logged: one a request, one an attempt at a turn."""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from turnkeeper.core.turns import TurnEnd
from turnkeeper.telemetry.counting import Seconds, Sums
from turnkeeper.telemetry.logs import tell

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

_DOORS = (("/api/public/v1", "nairi"), ("/api", "enthusiast"), ("/v1", "native"))

_request_log = logging.getLogger("turnkeeper.request")
_turn_log = logging.getLogger("turnkeeper.turn")


class Telemetry:
    """The measurements of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = CollectorRegistry(auto_describe=False)
        self._registry = registry
        self._requests = Sums("turnkeeper_requests", "HTTP requests.", ("door", "method", "status"), registry=registry)
        self._request_seconds = Seconds(
            "turnkeeper_request_seconds", "Time of HTTP requests.", ("door",), _SHORT, registry=registry
        )
        self._stream_seconds = Seconds(
            "turnkeeper_stream_seconds",
            "Time of event streams and WebSockets, which last as long as their clients want.",
            ("door",),
            _LONG,
            registry=registry,
        )
        self._refused_keys = Counter(
            "turnkeeper_refused_keys", "Keys that were not good, by why.", ("reason",), registry=registry
        )
        self._turns = Sums(
            "turnkeeper_turns", "Attempts at turns, by how they ended.", ("outcome", "code"), registry=registry
        )
        self._turn_seconds = Seconds(
            "turnkeeper_turn_seconds", "Time of an attempt at a turn.", (), _LONG, registry=registry
        )
        self._wait_seconds = Seconds(
            "turnkeeper_turn_wait_seconds",
            "From a message's acceptance to its first start.",
            (),
            _LONG,
            registry=registry,
        )
        self._tokens = Sums(
            "turnkeeper_tokens",
            "Tokens that models counted; those of the cache are part of the input.",
            ("kind",),
            registry=registry,
        )
        self._cost = Sums("turnkeeper_cost_usd", "US dollars that models cost, where known.", (), registry=registry)
        self._unpriced = Sums(
            "turnkeeper_unpriced_calls", "Calls of models whose cost is not known.", (), registry=registry
        )
        self._waiting = Gauge("turnkeeper_queue_waiting", "Tasks that wait for a worker.", registry=registry)
        self._running = Gauge("turnkeeper_queue_running", "Tasks that run.", registry=registry)
        self._oldest = Gauge("turnkeeper_queue_oldest_seconds", "Age of the oldest task that waits.", registry=registry)
        self._workers = Gauge("turnkeeper_workers", "Workers that are alive, in all processes.", registry=registry)

    def request_ended(
        self, *, method: str, path: str, status: int, seconds: float, request_id: str, is_stream: bool = False
    ) -> None:
        """Count and log one HTTP request, or one stream when it is over."""
        door = _door_of(path)
        self._requests.add((door, method, str(status)), 1)
        (self._stream_seconds if is_stream else self._request_seconds).observe((door,), seconds)
        tell(
            _request_log,
            logging.INFO,
            "request",
            {
                "method": method,
                "path": path,
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "request_id": request_id,
            },
        )

    def key_refused(self, reason: str) -> None:
        """Count a key that was not good."""
        self._refused_keys.labels(reason).inc()

    def turn_ended(self, end: TurnEnd) -> None:
        """Count and log one attempt at a turn."""
        usage = end.usage
        self._turns.add((end.outcome, end.code or ""), 1)
        self._turn_seconds.observe((), end.ran_seconds)
        if end.attempt == 1:
            self._wait_seconds.observe((), end.waited_seconds)
        self._tokens.add(("input",), usage.input_tokens)
        self._tokens.add(("output",), usage.output_tokens)
        self._tokens.add(("cache_read",), usage.cache_read_tokens)
        self._tokens.add(("cache_write",), usage.cache_write_tokens)
        self._cost.add((), float(usage.cost_usd or 0))
        self._unpriced.add((), usage.unpriced_calls)
        tell(
            _turn_log,
            logging.INFO if end.outcome == "completed" else logging.WARNING,
            "turn",
            {
                "message_id": end.message_id,
                "conversation_id": end.conversation_id,
                "request_id": end.request_id,
                "outcome": end.outcome,
                "code": end.code,
                "attempt": end.attempt,
                "waited_milliseconds": round(end.waited_seconds * 1000, 2),
                "milliseconds": round(end.ran_seconds * 1000, 2),
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "cost_usd": None if usage.cost_usd is None else float(usage.cost_usd),
            },
        )

    def queue_looked_at(self, *, waiting: int, running: int, oldest_seconds: float, workers: int) -> None:
        """Note the state of the queue, which all processes share."""
        self._waiting.set(waiting)
        self._running.set(running)
        self._oldest.set(oldest_seconds)
        self._workers.set(workers)

    def page(self) -> bytes:
        """Everything in Prometheus' text format, version 0.0.4."""
        return generate_latest(self._registry)


def _door_of(path: str) -> str:
    for prefix, name in _DOORS:
        if path.startswith(prefix):
            return name
    return "web"
