"""Models behind any endpoint that speaks OpenAI's chat completions: our own lean client of `POST /chat/completions`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

import msgspec
from yarl import URL

from turnkeeper.agents.model import Media, ModelDelta, ModelRequest
from turnkeeper.agents.models.chat_providers import ChatProvider
from turnkeeper.agents.models.chat_reply import ChatReply, failure_of_response
from turnkeeper.agents.models.chat_wire import body_of
from turnkeeper.agents.models.connections import Call, Connections

_HEADERS = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAIChat:
    """One model of one endpoint; it is not asked whether it has it. `key` is None where none is needed."""

    provider_name: str
    provider: ChatProvider
    url: URL
    name: str
    key: str | None
    connections: Connections

    @property
    def takes(self) -> Media:
        """What the provider's models of this name take beside text, as far as that is known."""
        return self.provider.takes(self.name)

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Ask the model; see `LanguageModel.stream`."""
        who = f"{self.provider_name}:{self.name}"
        call = Call(
            who=who,
            url=self.url,
            headers={**_HEADERS, **self.provider.authorization(self.key)},
            body=partial(self._body, request),
            is_large=request.shows_files,
            failure_of=partial(failure_of_response, who=who),
        )
        return self.connections.stream(call, ChatReply(who))

    def _body(self, request: ModelRequest) -> bytes:
        return msgspec.json.encode(body_of(request, model=self.name, provider=self.provider))
