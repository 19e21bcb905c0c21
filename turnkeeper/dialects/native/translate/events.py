"""Events and moments of a conversation in the dialect's words."""

from typing import assert_never
from uuid import UUID

import msgspec

from turnkeeper.core.events import (
    ApprovalAsked,
    ApprovalDecided,
    LogEntry,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    MessagesSuperseded,
    ModelAsked,
    ModelReturned,
    TextAdded,
    ThinkingAdded,
    Timing,
    ToolCalled,
    ToolReturned,
    TurnStarted,
)
from turnkeeper.core.ids import prefixed
from turnkeeper.core.snapshots import LiveTurn, Snapshot
from turnkeeper.dialects.native.shapes import events as shapes
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.translate.approvals import approval_shape, arguments_shape
from turnkeeper.dialects.native.translate.conversations import conversation_shape
from turnkeeper.dialects.native.translate.messages import message_shape, usage_shape
from turnkeeper.http_kit.sse import frame


def event_json(entry: LogEntry) -> bytes:
    """The event on one line: line breaks of JSON that a model wrote stand between its tokens only."""
    return msgspec.json.encode(event_shape(entry)).replace(b"\n", b" ").replace(b"\r", b" ")


def event_frame(entry: LogEntry) -> bytes:
    """The event as a frame of a stream."""
    kind = str(event_shape(entry).__struct_config__.tag)
    return frame(number=entry.number, event=kind, data=event_json(entry))


def event_shape(entry: LogEntry) -> shapes.EventShape:  # noqa: PLR0911, PLR0912 - one line a kind of event
    """An event in the dialect's words."""
    n, m, t, r = entry.number, _message(entry.message_id), moment(entry.created_at), _message(entry.reply_id)
    match entry.body:
        case MessageQueued(overlap=overlap):
            return shapes.MessageQueuedEvent(number=n, message_id=m, created_at=t, overlap=overlap)
        case TurnStarted(attempt=attempt, resumes_at=at):
            return shapes.TurnStartedEvent(number=n, message_id=m, created_at=t, attempt=attempt, resumes_at=at)
        case TextAdded(text=text, model_call=call):
            return shapes.TextEvent(number=n, message_id=m, created_at=t, text=text, model_call=call)
        case ThinkingAdded(text=text, model_call=call):
            return shapes.ThinkingEvent(number=n, message_id=m, created_at=t, text=text, model_call=call)
        case ToolCalled(call_id=call_id, tool=tool, input=given):
            arguments = arguments_shape(given)
            return shapes.ToolCalledEvent(
                number=n, message_id=m, created_at=t, call_id=call_id, tool=tool, arguments=arguments
            )
        case ToolReturned(call_id=call_id, tool=tool, outcome=outcome, output=output) as returned:
            return shapes.ToolReturnedEvent(
                number=n,
                message_id=m,
                created_at=t,
                call_id=call_id,
                tool=tool,
                outcome=outcome,
                output=output,
                timing=_timing(returned.timing),
                passages=[
                    msgspec.convert(each, shapes.FoundPassageShape, from_attributes=True) for each in returned.passages
                ],
            )
        case ModelReturned(model_call=call, model=model, usage=usage) as returned:
            return shapes.ModelReturnedEvent(
                number=n,
                message_id=m,
                created_at=t,
                model_call=call,
                model=model,
                usage=usage_shape(usage),
                timing=_timing(returned.timing),
                asked=_asked(returned.asked),
            )
        case ApprovalAsked(approval_id=approval, call_id=call_id, tool=tool, question=question, reason=reason):
            return shapes.ApprovalAskedEvent(
                number=n,
                message_id=m,
                created_at=t,
                approval_id=prefixed("apr", approval),
                call_id=call_id,
                tool=tool,
                question=question,
                reason=reason,
            )
        case ApprovalDecided(approval_id=approval, call_id=call_id, tool=tool, state=state, note=note):
            return shapes.ApprovalDecidedEvent(
                number=n,
                message_id=m,
                created_at=t,
                approval_id=prefixed("apr", approval),
                call_id=call_id,
                tool=tool,
                state=state,
                note=note,
            )
        case MessageCancelled(how=how):
            return shapes.MessageCancelledEvent(number=n, message_id=m, created_at=t, reply_id=r, how=how)
        case MessageAbsorbed(into=into, model_call=call, how=how):
            return shapes.MessageAbsorbedEvent(
                number=n, message_id=m, created_at=t, into=prefixed("msg", into), model_call=call, how=how
            )
        case MessagesSuperseded(by=by, count=count):
            return shapes.MessagesSupersededEvent(
                number=n, message_id=m, created_at=t, by=prefixed("msg", by), count=count
            )
        case MessageCompleted(model=model, usage=usage):
            return shapes.MessageCompletedEvent(
                number=n, message_id=m, created_at=t, reply_id=r, model=model, usage=usage_shape(usage)
            )
        case MessageFailed(code=code, reason=reason):
            return shapes.MessageFailedEvent(number=n, message_id=m, created_at=t, reply_id=r, code=code, reason=reason)
        case _:
            assert_never(entry.body)


def snapshot_shape(snapshot: Snapshot) -> shapes.SnapshotShape:
    """A moment in the dialect's words."""
    return shapes.SnapshotShape(
        last_event=snapshot.overview.conversation.last_event,
        conversation=conversation_shape(snapshot.overview),
        messages=[message_shape(standing) for standing in snapshot.messages],
        turn=None if snapshot.turn is None else _turn(snapshot.turn),
        approvals=[approval_shape(approval) for approval in snapshot.approvals],
    )


def _turn(turn: LiveTurn) -> shapes.LiveTurnShape:
    return shapes.LiveTurnShape(
        message_id=prefixed("msg", turn.message_id),
        attempt=turn.attempt,
        said=[
            shapes.SaidShape(model_call=said.model_call, text=said.text, thinking=said.thinking) for said in turn.said
        ],
        open_calls=[
            shapes.OpenCallShape(call_id=call.call_id, tool=call.tool, arguments=arguments_shape(call.input))
            for call in turn.open_calls
        ],
    )


def _timing(timing: Timing | None) -> shapes.TimingShape | None:
    if timing is None:
        return None
    return shapes.TimingShape(began_ms=timing.began_ms, first_ms=timing.first_ms, ended_ms=timing.ended_ms)


def _asked(asked: ModelAsked | None) -> shapes.ModelAskedShape | None:
    if asked is None:
        return None
    return msgspec.convert(asked, shapes.ModelAskedShape, from_attributes=True)


def _message(public_id: UUID | None) -> str | None:
    return None if public_id is None else prefixed("msg", public_id)
