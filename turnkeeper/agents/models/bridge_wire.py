"""Our messages in pydantic-ai's words, and its replies in ours."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from pydantic import ValidationError
from pydantic_ai import messages as theirs
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from turnkeeper.agents.model import (
    AssistantMessage,
    Finished,
    FinishReason,
    ModelDelta,
    ModelRequest,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.core.usage import Usage


def parameters_of(request: ModelRequest) -> ModelRequestParameters:
    """The tools on offer."""
    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=tool.name, description=tool.description, parameters_json_schema=dict(tool.parameters), strict=False
            )
            for tool in request.tools
        ]
    )


def messages_of(request: ModelRequest) -> list[theirs.ModelMessage]:
    """The talk; what is said between two replies is one message, and the newest one bears the instructions."""
    found: list[theirs.ModelMessage] = []
    parts: list[theirs.ModelRequestPart] = []
    for message in request.messages:
        if isinstance(message, AssistantMessage):
            if parts:
                found.append(theirs.ModelRequest(parts=parts))
                parts = []
            found.append(_response(message))
        else:
            parts.append(_part(message))
    found.append(theirs.ModelRequest(parts=parts, instructions=request.instructions or None))
    return found


def _part(message: UserMessage | ToolMessage) -> theirs.ModelRequestPart:
    match message:
        case UserMessage():
            shown = [theirs.BinaryContent(data=pdf.data, media_type="application/pdf") for pdf in message.pdfs]
            shown += [theirs.BinaryContent(data=image.data, media_type=image.media_type) for image in message.images]
            return theirs.UserPromptPart(content=[message.text, *shown] if shown else message.text)
        case ToolMessage():
            return theirs.ToolReturnPart(
                tool_name=message.tool,
                content=message.content,
                tool_call_id=message.call_id,
                outcome="failed" if message.failed else "success",
            )
        case _:
            assert_never(message)


def _response(message: AssistantMessage) -> theirs.ModelResponse:
    carried = _carried(message.carried)
    if carried is not None:
        return replace(carried, parts=_with_our_ids(carried.parts, message.tool_calls))
    parts: list[theirs.ModelResponsePart] = [theirs.TextPart(content=message.text)] if message.text else []
    parts += (
        theirs.ToolCallPart(tool_name=call.tool, args=call.arguments, tool_call_id=call.call_id)
        for call in message.tool_calls
    )
    return theirs.ModelResponse(parts=parts)


def _with_our_ids(
    parts: Sequence[theirs.ModelResponsePart], calls: Sequence[ToolCall]
) -> list[theirs.ModelResponsePart]:
    """The parts; a call bears the id that the turn knows it by, as its answer does."""
    ids = iter([call.call_id for call in calls])
    return [
        replace(part, tool_call_id=next(ids, part.tool_call_id)) if isinstance(part, theirs.ToolCallPart) else part
        for part in parts
    ]


def _carried(carried: str | None) -> theirs.ModelResponse | None:
    """The reply as it was, with signatures; None when there is none, or the text is not what `end_of` made."""
    if carried is None:
        return None
    try:
        messages = theirs.ModelMessagesTypeAdapter.validate_json(carried)
    except ValidationError:
        return None
    return next((message for message in messages if isinstance(message, theirs.ModelResponse)), None)


def end_of(response: theirs.ModelResponse, *, model_name: str) -> list[ModelDelta]:
    """The tool calls of a whole reply, and its end."""
    parts = [part for part in response.parts if isinstance(part, theirs.ToolCallPart)]
    calls = [
        ToolCall(call_id=part.tool_call_id, tool=part.tool_name, arguments=part.args_as_json_str()) for part in parts
    ]
    usage = response.usage
    finished = Finished(
        usage=Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        ),
        model=model_name,
        reason=_reason(response.finish_reason, has_calls=bool(calls)),
        carried=_to_carry(response) if calls else None,
    )
    return [*calls, finished]


def _to_carry(response: theirs.ModelResponse) -> str | None:
    """The whole reply as text, where a part of it is signed: then it must come back as it was."""
    if not any(_is_signed(part) for part in response.parts):
        return None
    return theirs.ModelMessagesTypeAdapter.dump_json([response]).decode()


def _is_signed(part: theirs.ModelResponsePart) -> bool:
    if isinstance(part, theirs.ThinkingPart) and part.signature:
        return True
    return isinstance(part, theirs.ThinkingPart | theirs.TextPart | theirs.ToolCallPart) and bool(part.provider_details)


def _reason(reason: theirs.FinishReason | None, *, has_calls: bool) -> FinishReason:
    match reason:
        case "length" | "content_filter":
            return reason
        case _:
            return "tool_calls" if has_calls else "stop"
