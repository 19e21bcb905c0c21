"""The shapes of OpenAI's chat completions: what we send, and the parts of what comes back that we read.

Source: the reference of `POST /v1/chat/completions`, and what compatible servers (vLLM, llama.cpp, Ollama, Mistral, Gemini)
send in its place: fields left out or null, calls without an index, text as a list of parts.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import assert_never

import msgspec

from turnkeeper.agents.model import (
    AssistantMessage,
    FinishReason,
    ModelMessage,
    ModelRequest,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.agents.models.chat_providers import ChatProvider
from turnkeeper.core.usage import Usage

Json = dict[str, object]


class TextPart(msgspec.Struct):
    """One part of a text that comes as a list; Mistral sends thoughts as parts of the type `thinking`."""

    type: str = "text"
    text: str | None = None
    thinking: "str | list[TextPart] | None" = None


class FunctionPart(msgspec.Struct):
    """A piece of a call: the name comes once, the arguments in fragments (or, from some servers, as an object)."""

    name: str | None = None
    arguments: str | Json | None = None


class CallPart(msgspec.Struct):
    """A fragment of one tool call; `index` says of which."""

    index: int | None = None
    id: str | None = None
    function: FunctionPart | None = None


class Delta(msgspec.Struct):
    """What a chunk adds; also the whole message of a reply that is not streamed."""

    content: str | list[TextPart] | None = None
    reasoning_content: str | None = None
    """Thoughts, as vLLM, llama.cpp and DeepSeek send them."""
    reasoning: str | None = None
    """The same, as Groq and Ollama send them."""
    refusal: str | None = None
    tool_calls: list[CallPart] | None = None


class Choice(msgspec.Struct):
    """The one reply that we ask for."""

    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class PromptDetails(msgspec.Struct):
    """How the prompt's tokens were counted."""

    cached_tokens: int | None = None


class TokenUsage(msgspec.Struct):
    """What the call cost."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None


class WireError(msgspec.Struct):
    """Why the server refused."""

    message: str | None = None
    code: str | int | None = None
    type: str | None = None


class Chunk(msgspec.Struct):
    """One event of a stream, a whole reply, or an error in one of the shapes that servers of this wire use."""

    choices: list[Choice] | None = None
    usage: TokenUsage | None = None
    model: str | None = None
    object: str | None = None
    error: WireError | str | None = None
    message: str | None = None
    code: str | int | None = None

    def error_told(self) -> WireError | None:
        """The error that this is about, or None when it is none."""
        if isinstance(self.error, str):
            return WireError(message=self.error, code=self.code)
        if self.error is None and self.object == "error":
            return WireError(message=self.message, code=self.code)
        return self.error


def body_of(request: ModelRequest, *, model: str, provider: ChatProvider) -> Json:
    """The JSON of a streaming request."""
    messages: list[Json] = []
    if request.instructions:
        messages.append({"role": "system", "content": request.instructions})
    messages += (_message(message, provider) for message in request.messages)
    body: Json = {
        "model": model,
        "messages": messages,
        "stream": True,
        provider.limit_field: request.max_output_tokens,
    }
    if provider.asks_for_usage:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    return body


def _message(message: ModelMessage, provider: ChatProvider) -> Json:
    match message:
        case UserMessage():
            shows = message.images or message.pdfs
            return {"role": "user", "content": _shown(message) if shows else message.text}
        case AssistantMessage():
            if not message.tool_calls:
                return {"role": "assistant", "content": message.text}
            calls = [_call(call, provider) for call in message.tool_calls]
            return {"role": "assistant", "content": message.text or None, "tool_calls": calls}
        case ToolMessage():
            return {"role": "tool", "tool_call_id": _id_for(message.call_id, provider), "content": message.content}
        case _:
            assert_never(message)


def _shown(message: UserMessage) -> list[Json]:
    parts: list[Json] = []
    for pdf in message.pdfs:
        data = f"data:application/pdf;base64,{b64encode(pdf.data).decode()}"
        parts.append({"type": "file", "file": {"filename": pdf.name, "file_data": data}})
    if message.text:
        parts.append({"type": "text", "text": message.text})
    for image in message.images:
        url = f"data:{image.media_type};base64,{b64encode(image.data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _call(call: ToolCall, provider: ChatProvider) -> Json:
    # Some servers parse the arguments of earlier calls and refuse the whole request when they are not JSON.
    arguments = call.arguments if _is_object(call.arguments) else "{}"
    function = {"name": call.tool, "arguments": arguments}
    return {"id": _id_for(call.call_id, provider), "type": "function", "function": function}


_SHORT_ID = re.compile(r"[a-zA-Z0-9]{9}")


def _id_for(call_id: str, provider: ChatProvider) -> str:
    """The call's id as the provider takes it; always the same for the same id."""
    if not provider.short_call_ids or _SHORT_ID.fullmatch(call_id):
        return call_id
    return sha256(call_id.encode()).hexdigest()[:9]


def _is_object(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def text_of(content: str | Sequence[TextPart] | None) -> str:
    """The readable text of a message or delta."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text or "" for part in content if part.type in {"text", "output_text"})


def thoughts_of(delta: Delta) -> str:
    """What the model thinks, as far as it is shown; a server that sends it under two names is read once."""
    thoughts = delta.reasoning_content or delta.reasoning or ""
    if delta.content is None or isinstance(delta.content, str):
        return thoughts
    return thoughts + "".join(text_of(part.thinking) for part in delta.content if part.type == "thinking")


def usage_of(usage: TokenUsage | None) -> Usage:
    """What the call cost; zeros when the server does not say. Tokens read from a cache count as input too."""
    if usage is None:
        return Usage()
    details = usage.prompt_tokens_details
    return Usage(
        input_tokens=usage.prompt_tokens or 0,
        output_tokens=usage.completion_tokens or 0,
        cache_read_tokens=(details.cached_tokens or 0) if details else 0,
    )


def reason_of(finish_reason: str | None, *, has_calls: bool) -> FinishReason:
    """Why the reply ended. Some servers say `stop` after tool calls, and an unknown word counts as `stop`."""
    match finish_reason:
        case "length" | "max_tokens":
            return "length"
        case "content_filter":
            return "content_filter"
        case _:
            return "tool_calls" if has_calls else "stop"


class CallAssembly:
    """Puts the fragments of tool calls together."""

    def __init__(self) -> None:
        self._calls: list[tuple[int | None, str, str, list[str]]] = []

    def add(self, parts: Sequence[CallPart]) -> None:
        """Take the fragments of one chunk."""
        for part in parts:
            function = part.function or FunctionPart()
            arguments = function.arguments
            piece = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
            self._add(part, function.name or "", "" if arguments is None else piece)

    def _add(self, part: CallPart, name: str, piece: str) -> None:
        for place in range(len(self._calls) - 1, -1, -1):
            index, call_id, known, pieces = self._calls[place]
            if _continues(part, name, index, call_id):
                self._calls[place] = (index, call_id or part.id or "", known or name, pieces)
                pieces.append(piece)
                return
        self._calls.append((part.index, part.id or "", name, [piece]))

    def calls(self) -> list[ToolCall]:
        """The calls, whole, in the order in which they began."""
        return [
            ToolCall(call_id=call_id, tool=name, arguments="".join(pieces)) for _, call_id, name, pieces in self._calls
        ]


def _continues(part: CallPart, name: str, index: int | None, call_id: str) -> bool:
    """Whether the fragment belongs to the call that began with this index and id."""
    if part.index is not None and index is not None:
        # Some servers number every whole call 0: another id and a name of its own make it another call.
        return part.index == index and not (name and part.id and call_id and part.id != call_id)
    if part.id and call_id:
        return part.id == call_id
    return not name
