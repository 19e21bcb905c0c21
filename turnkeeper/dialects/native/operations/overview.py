"""The operations on how turns went and on the server's processes."""

from collections.abc import Mapping

from turnkeeper.core.overview import MOST_TURNS, STRETCHES
from turnkeeper.dialects.native.operations.problems import problem, wrong
from turnkeeper.dialects.native.shapes.nodes import NodesShape
from turnkeeper.dialects.native.shapes.overview import OverviewShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_TIME: Mapping[str, object] = {"type": "string", "format": "date-time"}
_SUMS: Mapping[str, object] = {
    "turns": 31,
    "completed": 29,
    "failed": 1,
    "cancelled": 1,
    "waited": {"p50": 3.1, "p95": 12.5, "p99": 18.0},
    "answered": {"p50": 1210.4, "p95": 4020.9, "p99": 6100.0},
    "input_tokens": 120400,
    "output_tokens": 8200,
    "cost_usd": 0.0612,
}
_QUEUE: Mapping[str, object] = {"waiting": 2, "running": 1, "oldest_seconds": 0.4}

OVERVIEW = Operation(
    method="get",
    path="/overview",
    name="getOverview",
    tag="Usage",
    scope="read",
    summary="How turns went",
    description="By the hour or the day in which they were accepted: how many, what came of them, how long they waited "
    "and took, and what their answers spent. Admins see the organization, members their own turns. No more than "
    f"the newest {MOST_TURNS:,} turns are looked at; `GET /usage` has exact sums of what was spent.",
    parameters=(
        Parameter(
            name="from", where="query", description="Not before this time; the last day when left out.", schema=_TIME
        ),
        Parameter(name="to", where="query", description="Before this time; now when left out.", schema=_TIME),
        Parameter(
            name="by",
            where="query",
            description="The length of a stretch: hours of at most 31 days, or days of at most 366; both of UTC.",
            schema={"type": "string", "enum": list(STRETCHES), "default": "hour"},
        ),
        Parameter(name="agent", where="query", description="Only this agent: `agt_…`."),
        Parameter(name="account", where="query", description="Only this account: `acc_…`."),
        Parameter(
            name="model", where="query", description="Only turns that this model answered, as `openai:gpt-4.1-mini`."
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="The sums.",
            shape=OverviewShape,
            example={
                "from": "2026-04-12T18:00:00.000Z",
                "to": "2026-04-12T18:45:12.000Z",
                "by": "hour",
                "total": _SUMS,
                "items": [{**_SUMS, "at": "2026-04-12T18:00:00.000Z"}],
                "failures": [
                    {
                        "message_id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
                        "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
                        "agent": "refunds",
                        "at": "2026-04-12T18:44:59.120Z",
                        "reason": "The model did not answer.",
                    }
                ],
                "queue": _QUEUE,
                "is_cut": False,
            },
        ),
        wrong(
            "The time must begin before it ends, and be no longer than 31 days when it is told by hour.",
            "invalid",
            parameter="from",
        ),
    ),
)

NODES = Operation(
    method="get",
    path="/nodes",
    name="listNodes",
    tag="Operation",
    scope="admin",
    summary="The server's processes",
    description="Every process that serves or works, the database, and the queue of all organizations. For operators of "
    "the server only.",
    replies=(
        Reply(
            status=200,
            description="The server as a whole.",
            shape=NodesShape,
            example={
                "items": [
                    {
                        "name": "web-1:4711",
                        "kind": "serve",
                        "version": "0.1.0",
                        "started_at": "2026-04-12T09:00:00.000Z",
                        "connections": 4,
                        "running": 1,
                        "last_heartbeat_at": "2026-04-12T18:45:11.500Z",
                        "is_alive": True,
                    }
                ],
                "database": {
                    "milliseconds": 0.4,
                    "size_bytes": 48234496,
                    "connections": 9,
                    "most_connections": 100,
                    "version": "17.6",
                },
                "queue": _QUEUE,
                "embedder_is_ready": True,
            },
        ),
        problem(
            403,
            "not_allowed",
            "Only operators of the server see its processes; `turnkeeper accounts operator` names them.",
            description="You are no operator of the server; or `scope_missing`.",
        ),
    ),
)
