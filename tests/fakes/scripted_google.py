"""A model of Google's that says what a test tells it: the Gemini API's REST methods over real HTTP on loopback.

Source: the REST reference of `models.generateContent` and `models.streamGenerateContent` (`alt=sse`). The official client
(google-genai) is a client of this one in its test, so that the script is not our own misunderstanding.
"""

import msgspec
from aiohttp import web

from tests.fakes.scripted_server import (
    BreaksOff,
    CallsTools,
    Fails,
    Function,
    Reply,
    Rule,
    Says,
    ScriptedServer,
    SeenCall,
    SeenImage,
    SeenMessage,
    SeenPdf,
    SeenRequest,
    SeenTool,
    Stalls,
    obey,
    tokens_in,
    words,
)

_PDF = "application/pdf"
SIGNATURE = "c2lnbmVk"
"""Base64, as the wire wants it."""
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Blob(msgspec.Struct):
    """Protocol buffers take their names in JSON in both ways, and base64 in both alphabets."""

    data: str
    mimeType: str = ""  # noqa: N815 - the wire's
    mime_type: str = ""

    @property
    def media_type(self) -> str:
        return self.mimeType or self.mime_type

    @property
    def base64(self) -> str:
        return self.data.replace("-", "+").replace("_", "/")


class FunctionCall(msgspec.Struct, rename="camel"):
    name: str
    args: dict[str, object] = {}
    id: str | None = None


class FunctionResponse(msgspec.Struct, rename="camel"):
    name: str
    response: dict[str, object]
    id: str | None = None


class Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool = False
    thought_signature: str | None = None
    inline_data: Blob | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(msgspec.Struct, rename="camel"):
    parts: list[Part]
    role: str = "user"


class Declaration(msgspec.Struct, rename="camel"):
    name: str
    description: str = ""
    parameters: dict[str, object] | None = None
    parameters_json_schema: dict[str, object] | None = None


class Tool(msgspec.Struct, rename="camel"):
    function_declarations: list[Declaration] = []


class Generation(msgspec.Struct, rename="camel"):
    max_output_tokens: int | None = None


class GoogleRequest(msgspec.Struct, rename="camel"):
    contents: list[Content]
    system_instruction: Content | None = None
    tools: list[Tool] = []
    generation_config: Generation | None = None


class ScriptedGoogle(ScriptedServer):
    """The server; `root` is the address that the official client takes."""

    def __init__(self, *script: Reply, rule: Rule = obey, port: int = 0, key: str | None = None) -> None:
        super().__init__(GoogleWire(), *script, rule=rule, port=port, key=key)


class GoogleWire:
    """See `scripted_server.Wire`."""

    paths = ("/v1beta/models/{model:[^:/]+}:{method}",)

    def key_in(self, request: web.Request) -> str | None:
        return request.headers.get("x-goog-api-key")

    def read(self, body: bytes, request: web.Request) -> SeenRequest:
        is_stream = request.match_info["method"] == "streamGenerateContent"
        if is_stream and request.query.get("alt") != "sse":
            raise ValueError("Only alt=sse is scripted here.")
        asked = msgspec.json.decode(body, type=GoogleRequest)
        _check(asked)
        messages: list[SeenMessage] = []
        if asked.system_instruction is not None:
            text = "".join(part.text or "" for part in asked.system_instruction.parts)
            messages.append(SeenMessage(role="system", content=text))
        for content in asked.contents:
            messages += _seen(content)
        return SeenRequest(
            model=request.match_info["model"],
            messages=messages,
            stream=is_stream,
            wants_usage=True,
            tools=[
                SeenTool(function={"name": each.name, "parameters": each.parameters_json_schema or each.parameters})
                for tool in asked.tools
                for each in tool.function_declarations
            ],
            max_tokens=asked.generation_config.max_output_tokens if asked.generation_config else None,
        )

    def events(self, reply: Says | CallsTools | BreaksOff | Stalls, seen: SeenRequest) -> list[bytes]:
        chunks = [_chunk([part], seen) for part in _pieces(reply)]
        if isinstance(reply, BreaksOff | Stalls):
            return [_event(chunk) for chunk in chunks]
        return [_event(chunk) for chunk in [*chunks, _end(reply, [Part(text="")], seen)]]

    def closing(self, reply: Stalls, seen: SeenRequest) -> list[bytes]:
        return [_event(_end(Says(reply.text), [Part(text="")], seen))]

    def whole(self, reply: Says | CallsTools, seen: SeenRequest) -> bytes:
        return msgspec.json.encode(_end(reply, _pieces(reply), seen))

    def error(self, reply: Fails) -> bytes:
        status = reply.code or _STATUSES.get(reply.status, "UNKNOWN")
        return msgspec.json.encode({"error": {"code": reply.status, "message": reply.message, "status": status}})


def _check(asked: GoogleRequest) -> None:
    """What the real one answers 400 to."""
    if not asked.contents or asked.contents[-1].role != "user":
        raise ValueError("Please ensure that single turn requests end with a user role.")
    calls = 0
    for content in asked.contents:
        if content.role not in {"user", "model"} or not content.parts:
            raise ValueError("Please use a valid role: user, model.")
        answers = sum(part.function_response is not None for part in content.parts)
        if answers != calls:
            raise ValueError("The number of function response parts is not that of the function call parts.")
        calls = sum(part.function_call is not None for part in content.parts)


def _seen(content: Content) -> list[SeenMessage]:
    """The content as messages of the chat wire: answers of tools are messages of their own there."""
    answers = [
        SeenMessage(
            role="tool", content=_answer(part.function_response.response), tool_call_id=part.function_response.id
        )
        for part in content.parts
        if part.function_response is not None
    ]
    others = [part for part in content.parts if part.function_response is None]
    if not others:
        return answers
    calls = [part.function_call for part in others if part.function_call is not None]
    blobs = [part.inline_data for part in others if part.inline_data is not None]
    said = SeenMessage(
        role="assistant" if content.role == "model" else "user",
        content="".join(part.text or "" for part in others if not part.thought),
        tool_calls=[
            SeenCall(
                id=call.id or "",
                function=Function(name=call.name, arguments=msgspec.json.encode(call.args).decode()),
            )
            for call in calls
        ],
        images=[SeenImage(media_type=blob.media_type, data=blob.base64) for blob in blobs if blob.media_type != _PDF],
        pdfs=[SeenPdf(name="", data=blob.base64) for blob in blobs if blob.media_type == _PDF],
        thoughts=[part.thought_signature for part in others if part.thought_signature],
    )
    return [*answers, said]


def _answer(response: dict[str, object]) -> str:
    """A tool's answer: the one value that clients wrap it in."""
    return str(next(iter(response.values()), ""))


def _pieces(reply: Says | CallsTools | BreaksOff | Stalls) -> list[Part]:
    parts: list[Part] = []
    if isinstance(reply, Says | CallsTools):
        parts += [Part(text=word, thought=True) for word in words(reply.thinking)]
    parts += [Part(text=word) for word in words(reply.text)]
    if isinstance(reply, CallsTools):
        for call in reply.calls:
            args = msgspec.json.decode(call.arguments, type=dict[str, object])
            function = FunctionCall(name=call.tool, args=args, id=call.call_id or None)
            parts.append(Part(function_call=function, thought_signature=SIGNATURE if reply.thinking else None))
    return parts


def _end(reply: Says | CallsTools, parts: list[Part], seen: SeenRequest) -> dict[str, object]:
    reasons = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
    reason = reasons.get(reply.finish, reply.finish) if isinstance(reply, Says) else "STOP"
    prompt, text, thoughts = tokens_in(seen), len(reply.text.split()), len(reply.thinking.split())
    usage: dict[str, int] = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": text,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": prompt + text + thoughts,
    }
    if isinstance(reply, Says) and reply.cached:
        usage["cachedContentTokenCount"] = reply.cached
    return {**_chunk(parts, seen, finish=reason), "usageMetadata": usage}


def _chunk(parts: list[Part], seen: SeenRequest, *, finish: str | None = None) -> dict[str, object]:
    written = [_without_nothing(part) for part in parts]
    candidate: dict[str, object] = {"content": {"role": "model", "parts": written}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": seen.model, "responseId": "response-1"}


def _without_nothing(part: Part) -> dict[str, object]:
    """The part as the wire writes it: fields without a value are not there."""
    whole = msgspec.json.decode(msgspec.json.encode(part), type=dict[str, object])
    written = {name: value for name, value in whole.items() if value not in (None, False)}
    if part.function_call is not None:
        call = part.function_call
        written["functionCall"] = {"name": call.name, "args": call.args} | ({"id": call.id} if call.id else {})
    return written


def _event(chunk: dict[str, object]) -> bytes:
    return b"data: " + msgspec.json.encode(chunk) + b"\r\n\r\n"
