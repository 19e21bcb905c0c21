"""Anthropic's models: our own lean client of `POST /v1/messages`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

import msgspec
from yarl import URL

from turnkeeper.agents.model import Media, ModelDelta, ModelRequest
from turnkeeper.agents.models.connections import Call, Connections
from turnkeeper.agents.models.messages_reply import MessagesReply, failure_of_response
from turnkeeper.agents.models.messages_wire import body_of

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",
    "anthropic-version": "2026-10-21",
}

TAKES = Media(images=20, pdf_pages=100, pdf_bytes=22_000_000)
"""All models in use see and read PDFs. A request has at most 32 MB and, with the smaller windows, 100 pages; with more than
20 pictures these must be smaller.

Source: Anthropic's pages on PDF support and on vision.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnthropicMessages:
    """One model. `thinking` is as in `messages_wire.body_of`; `key` is None where none is needed (a gateway's)."""

    url: URL
    name: str
    key: str | None
    connections: Connections
    thinking: str | None = None
    takes: Media = TAKES

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Ask the model; see `LanguageModel.stream`."""
        who = f"anthropic:{self.name}"
        call = Call(
            who=who,
            url=self.url,
            headers=_HEADERS | ({"x-api-key": self.key} if self.key else {}),
            body=partial(self._body, request),
            is_large=request.shows_files,
            failure_of=partial(failure_of_response, who=who),
        )
        return self.connections.stream(call, MessagesReply(who))

    def _body(self, request: ModelRequest) -> bytes:
        return msgspec.json.encode(body_of(request, model=self.name, thinking=self.thinking))


def messages_url(base: URL) -> URL:
    """Where messages are posted. `base` is what stands before `/v1/messages`; with the `/v1` it is right, too."""
    return base / "messages" if base.path.rstrip("/").endswith("/v1") else base / "v1/messages"
