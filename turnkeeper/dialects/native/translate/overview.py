"""How turns went, and the server's processes, in the dialect's words."""

from turnkeeper.core.ids import prefixed
from turnkeeper.core.nodes import Node, ServerState
from turnkeeper.core.overview import Failure, Overview, Spread, TurnSums
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.nodes import DatabaseShape, NodeShape, NodesShape, TasksShape
from turnkeeper.dialects.native.shapes.overview import (
    FailureShape,
    OverviewShape,
    QueueNowShape,
    SpreadShape,
    StretchShape,
    TurnSumsShape,
)


def overview_shape(found: Overview) -> OverviewShape:
    """How turns went."""
    return OverviewShape(
        since=moment(found.wanted.since),
        until=moment(found.wanted.until),
        by=found.wanted.by,
        total=_sums(found.total),
        items=[_stretch(each) for each in found.sums],
        failures=[_failure(each) for each in found.failures],
        queue=QueueNowShape(
            waiting=found.queue.waiting,
            running=found.queue.running,
            oldest_seconds=round(found.queue.oldest_seconds, 1),
        ),
        is_cut=found.is_cut,
    )


def nodes_shape(state: ServerState) -> NodesShape:
    """The server as a whole."""
    return NodesShape(
        items=[_node(each) for each in state.nodes],
        database=DatabaseShape(
            milliseconds=round(state.database.milliseconds, 2),
            size_bytes=state.database.size_bytes,
            connections=state.database.connections,
            most_connections=state.database.most_connections,
            version=state.database.version,
        ),
        queue=TasksShape(
            waiting=state.tasks.waiting,
            running=state.tasks.running,
            oldest_seconds=round(state.tasks.oldest_seconds, 1),
        ),
        embedder_is_ready=state.embedder_is_ready,
    )


def _sums(sums: TurnSums) -> TurnSumsShape:
    return TurnSumsShape(
        turns=sums.turns,
        completed=sums.completed,
        failed=sums.failed,
        cancelled=sums.cancelled,
        waited=_spread(sums.waited),
        answered=_spread(sums.answered),
        input_tokens=sums.input_tokens,
        output_tokens=sums.output_tokens,
        cost_usd=None if sums.cost_usd is None else float(sums.cost_usd),
    )


def _stretch(sums: TurnSums) -> StretchShape:
    assert sums.at is not None, "A stretch has a beginning."
    return StretchShape(
        at=moment(sums.at),
        turns=sums.turns,
        completed=sums.completed,
        failed=sums.failed,
        cancelled=sums.cancelled,
        waited=_spread(sums.waited),
        answered=_spread(sums.answered),
        input_tokens=sums.input_tokens,
        output_tokens=sums.output_tokens,
        cost_usd=None if sums.cost_usd is None else float(sums.cost_usd),
    )


def _spread(spread: Spread | None) -> SpreadShape | None:
    if spread is None:
        return None
    return SpreadShape(p50=round(spread.p50, 1), p95=round(spread.p95, 1), p99=round(spread.p99, 1))


def _failure(failure: Failure) -> FailureShape:
    return FailureShape(
        message_id=prefixed("msg", failure.message_id),
        conversation_id=prefixed("conv", failure.conversation_id),
        agent=failure.agent,
        at=moment(failure.at),
        reason=failure.reason,
    )


def _node(node: Node) -> NodeShape:
    return NodeShape(
        name=node.name,
        kind=node.kind,
        version=node.version,
        started_at=moment(node.started_at),
        connections=node.connections,
        running=node.running,
        last_heartbeat_at=None if node.last_heartbeat_at is None else moment(node.last_heartbeat_at),
        is_alive=node.is_alive,
    )
