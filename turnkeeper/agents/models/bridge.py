"""Models of every other provider, through pydantic-ai (the extra `bridge`); slow to import, so only `providers` loads it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2
from pydantic_ai import exceptions
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.models import Model, StreamedResponse, infer_model
from pydantic_ai.models.google import GoogleModelSettings
from pydantic_ai.providers import Provider, infer_provider_class
from pydantic_ai.settings import ModelSettings

from turnkeeper.agents.model import Media, ModelDelta, ModelRequest, TextDelta, ThinkingDelta
from turnkeeper.agents.models.bridge_providers import BridgedProvider
from turnkeeper.agents.models.bridge_wire import end_of, messages_of, parameters_of
from turnkeeper.agents.models.connections import Deadlines
from turnkeeper.agents.models.failures import Told, broken_off, failure_of, not_the_protocol
from turnkeeper.core.errors import RefusedError, TransientError, UpstreamError

_THINKING_GEMINI = re.compile(r"gemini-(2\.5|[3-9])")


class Bridge:
    """The connections of all bridged models of one process; `close` closes them."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self.deadlines = deadlines or Deadlines()
        self.responses = ContextVar[list[httpx2.Response]]("responses")
        """Those of the call under way: Google's library leaves them open when a reply is not read to its end."""
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(self.deadlines.first_byte, connect=self.deadlines.connect),
            event_hooks={"response": [self._remember]},
        )

    async def close(self) -> None:
        """Close all connections; calls under way break off."""
        await self._client.aclose()

    async def _remember(self, response: httpx2.Response) -> None:
        self.responses.get([]).append(response)

    def model(self, provider: BridgedProvider, name: str, *, key: str | None, address: str | None) -> "BridgedModel":
        """The provider's model of this name; nobody is asked whether it has one.

        Raises:
            RefusedError: pydantic-ai cannot make it.
        """
        who = f"{provider.alias}:{name}"

        def make(alias: str) -> Provider[object]:
            given: dict[str, object] = {"api_key": key} if key else {}
            if provider.shares_client:
                given |= {"http_client": self._client, "base_url": address}
            return infer_provider_class(alias)(**given)

        try:
            model = infer_model(who, make)
        except (exceptions.UserError, ImportError, ValueError) as error:
            raise RefusedError(who, f"The model cannot be used: {error}") from error
        return BridgedModel(model=model, who=who, bridge=self, takes=provider.takes)


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgedModel:
    """One model of pydantic-ai as ours."""

    model: Model
    who: str
    bridge: Bridge
    takes: Media

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Ask the model; see `LanguageModel.stream`."""
        async with _translated(self.who), self._opened(request) as response:
            events = aiter(response)
            silence = self.bridge.deadlines.first_byte
            while True:
                async with asyncio.timeout(silence):
                    event = await anext(events, None)
                if event is None:
                    break
                silence = self.bridge.deadlines.between_bytes
                if (delta := _delta_of(event)) is not None:
                    yield delta
            whole = response.get()
            if whole.finish_reason is None:
                raise broken_off(self.who)
            for delta in end_of(whole, model_name=response.model_name):
                yield delta

    @asynccontextmanager
    async def _opened(self, request: ModelRequest) -> AsyncGenerator[StreamedResponse]:
        """The reply under way. Opening waits for its first piece, so that time is bounded, too."""
        opening = model_request_stream(
            self.model,
            messages_of(request),
            model_settings=self._settings(request),
            model_request_parameters=parameters_of(request),
        )
        responses: list[httpx2.Response] = []
        self.bridge.responses.set(responses)
        deadlines = self.bridge.deadlines
        async with asyncio.timeout(deadlines.connect + deadlines.first_byte):
            response = await opening.__aenter__()
        try:
            yield response
        finally:
            for each in responses:
                await each.aclose()
            await response.cancel()
            await opening.__aexit__(None, None, None)

    def _settings(self, request: ModelRequest) -> ModelSettings:
        if _THINKING_GEMINI.search(self.model.model_name):
            return GoogleModelSettings(
                max_tokens=request.max_output_tokens, google_thinking_config={"include_thoughts": True}
            )
        return ModelSettings(max_tokens=request.max_output_tokens)


def _delta_of(event: ModelResponseStreamEvent) -> ModelDelta | None:
    """The thought or text that the event brings. Tool calls are taken from the whole reply."""
    match event:
        case PartStartEvent(part=TextPart(content=text)) if text:
            return TextDelta(text=text)
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
            return TextDelta(text=text)
        case PartStartEvent(part=ThinkingPart(content=text)) if text:
            return ThinkingDelta(text=text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)) if text:
            return ThinkingDelta(text=text)
        case _:
            return None


@asynccontextmanager
async def _translated(who: str) -> AsyncGenerator[None]:
    """What goes wrong inside, as our errors."""
    try:
        yield
    except exceptions.AgentRunError as error:
        raise _failure(error, who) from error
    except exceptions.UserError as error:
        raise RefusedError(who, f"The model cannot be asked: {error}") from error
    except TimeoutError as error:
        raise TransientError(who, "The model provider did not answer in time.") from error
    except (httpx2.HTTPError, OSError) as error:
        raise TransientError(who, "The connection to the model provider broke off.") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What the providers' own libraries raise for bodies that they cannot read.
        raise not_the_protocol(who) from error


def _failure(error: exceptions.AgentRunError, who: str) -> UpstreamError:
    match error:
        case exceptions.ModelContextWindowExceededError():
            failure = failure_of(413, Told(), who=who)
        case exceptions.ModelHTTPError():
            codes = {error.provider_error_code or "", error.provider_error_type or ""}
            told = Told(message=_message_in(error.body), codes=frozenset(codes))
            failure = failure_of(error.status_code, told, who=who, retry_after=error.retry_after)
        case exceptions.ModelAPIError() if isinstance(error.__cause__, ValueError):
            failure = not_the_protocol(who)  # the body is no JSON
        case exceptions.ModelTimeoutError():
            failure = TransientError(who, "The model provider did not answer in time.")
        case exceptions.ModelAPIError():
            failure = TransientError(who, "The model provider cannot be reached, or broke off.")
        case exceptions.ContentFilterError():
            sentence = "The provider's content filter withheld the answer."
            failure = RefusedError(who, sentence, code="content_filtered")
        case _ if error.__cause__ is None:
            failure = broken_off(who)  # nothing came, or only half of something
        case _:
            failure = not_the_protocol(who)
    return failure


def _message_in(body: object) -> str | None:
    """The sentence in an error's body, in the shape that most providers use."""
    match body:
        case {"error": {"message": str(message)}} | {"message": str(message)}:
            return message
        case _:
            return None
