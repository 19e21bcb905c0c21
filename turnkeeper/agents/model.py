"""A language model as the turn sees it: a request in, deltas out, whatever the wire."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.usage import Usage

FinishReason = Literal["stop", "tool_calls", "length", "content_filter"]
"""Why a model ended its reply: it was done, wants tools, reached its limit of tokens, or was kept from answering."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolSpec:
    """What a model is told about a tool. `parameters` is the JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A model's whole wish to call a tool. `arguments` is JSON text as the model wrote it: it may be malformed."""

    call_id: str
    tool: str
    arguments: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture for a model that can see. `media_type` is `image/png`, `image/jpeg`, `image/gif` or `image/webp`."""

    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Pdf:
    """A PDF for a model that takes it as it is, pictures and all."""

    name: str
    data: bytes
    pages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """What a model takes beside text, in one request. Zero: none of it."""

    images: int = 0
    """Pictures that it is known to take."""
    pdf_pages: int = 0
    """Pages of all PDFs together."""
    pdf_bytes: int = 0
    """Of all PDFs together, before they are written in base64."""


ONLY_TEXT = Media()


@dataclass(frozen=True, kw_only=True, slots=True)
class UserMessage:
    """What the person said and showed."""

    text: str
    images: tuple[Image, ...] = ()
    pdfs: tuple[Pdf, ...] = ()
    question: str | None = None
    """What the person typed, for a model that is a program, where `text` also holds attached files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistantMessage:
    """What the model said, and which tools it asked for.

    `carried` is what `Finished.carried` of that call was, where it is of the same model; else None.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    carried: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolMessage:
    """What a tool answered to one call.

    `content` is what a model reads. `passages` are the same findings as values, for a model that is a program;
    the first of them is marked `first_mark` in the content.
    """

    call_id: str
    tool: str
    content: str
    failed: bool = False
    passages: tuple[Passage, ...] = ()
    first_mark: int = 1


ModelMessage = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRequest:
    """One call of a model. Every tool call in `messages` is followed by its answer; the model has no other memory."""

    instructions: str
    messages: tuple[ModelMessage, ...]
    tools: tuple[ToolSpec, ...]
    max_output_tokens: int

    @property
    def shows_files(self) -> bool:
        """Whether pictures or PDFs go along: megabytes that a wire should not encode on the event loop."""
        return any(message.images or message.pdfs for message in self.messages if isinstance(message, UserMessage))


@dataclass(frozen=True, kw_only=True, slots=True)
class TextDelta:
    """A piece of the reply's text, never empty; pieces are joined as they are."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingDelta:
    """A piece of what the model thinks before it answers, as far as the provider shows it."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The end of a reply, after everything else and exactly once.

    `model` is the name that the provider reports, `citations` those that the model itself made. `carried` is text that only
    the provider understands and that must come back with this reply in later calls of the turn (signed thinking).
    """

    usage: Usage
    model: str
    reason: FinishReason
    citations: tuple[Citation, ...] = ()
    carried: str | None = None


ModelDelta = TextDelta | ThinkingDelta | ToolCall | Finished


class LanguageModel(Protocol):
    """Something that continues a talk."""

    @property
    def takes(self) -> Media:
        """What may be sent along beside text, as far as that is known."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Ask the model; text as it comes, then the tool calls, then `Finished`.

        Nothing is sent before the first delta is awaited. Closing the generator early stops the call.

        Raises:
            TransientError: the provider is busy, slow, unreachable, or broke off: another try may work.
            RefusedError: the request, the key or the address is wrong, or the other side does not speak the protocol.
        """
        ...
