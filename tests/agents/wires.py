"""Each wire beside the scripted server that speaks it, so that one test can hold them all to the same contract."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from tests.fakes.models import KEY, bridged_model, lean_model
from tests.fakes.scripted_anthropic import ScriptedAnthropic
from tests.fakes.scripted_google import ScriptedGoogle
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.scripted_server import ScriptedServer
from tests.patience import PATIENCE
from tests.retrieval.samples.builders import pdf
from turnkeeper.agents.model import (
    Image,
    LanguageModel,
    ModelDelta,
    ModelMessage,
    ModelRequest,
    Pdf,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolSpec,
    UserMessage,
)
from turnkeeper.agents.models.connections import Deadlines
from turnkeeper.core.errors import UpstreamError

WireName = Literal["openai", "anthropic", "google"]
WIRES: tuple[WireName, ...] = ("openai", "anthropic", "google")
LEAN: tuple[WireName, ...] = ("openai", "anthropic")

PIXEL = Image(
    media_type="image/png",
    data=bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001"
        "a5f645400000000049454e44ae426082"
    ),
)
PAGE = Pdf(name="page.pdf", data=pdf([["Hello there"]]), pages=1)
LOOK = ToolSpec(
    name="look",
    description="Look at it.",
    parameters={"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
)


@dataclass
class Stand:
    """A wire, and the server at its other end."""

    name: WireName
    server: ScriptedServer

    @property
    def address(self) -> str:
        """What a client of this wire takes for an address."""
        return f"{self.server.root}/v1" if self.name == "openai" else self.server.root

    @asynccontextmanager
    async def model(self, *, key: str = KEY, deadlines: Deadlines | None = None) -> AsyncGenerator[LanguageModel]:
        """The model at the other end."""
        if self.name == "google":
            async with bridged_model("google", address=self.address, key=key, deadlines=deadlines) as model:
                yield model
        else:
            async with lean_model(self.name, address=self.address, key=key, deadlines=deadlines) as model:
                yield model

    async def ask(
        self, request: ModelRequest | None = None, *, key: str = KEY, deadlines: Deadlines | None = None
    ) -> list[ModelDelta]:
        """Everything that the model says."""
        async with asyncio.timeout(PATIENCE), self.model(key=key, deadlines=deadlines) as model:
            return [delta async for delta in model.stream(request or asking())]

    async def failure(self, *, key: str = KEY, deadlines: Deadlines | None = None) -> UpstreamError:
        """The error that asking ends with."""
        with pytest.raises(UpstreamError) as caught:
            await self.ask(key=key, deadlines=deadlines)
        return caught.value


@asynccontextmanager
async def stand_of(name: WireName) -> AsyncGenerator[Stand]:
    """The wire with this name, and a server that wants the usual key."""
    servers: dict[WireName, ScriptedServer] = {
        "openai": ScriptedModel(key=KEY),
        "anthropic": ScriptedAnthropic(key=KEY),
        "google": ScriptedGoogle(key=KEY),
    }
    async with servers[name] as server:
        yield Stand(name, server)


def asking(question: str = "Hi", *, tools: tuple[ToolSpec, ...] = ()) -> ModelRequest:
    """A request that asks only this."""
    return talking(UserMessage(text=question), tools=tools)


def talking(*messages: ModelMessage, tools: tuple[ToolSpec, ...] = ()) -> ModelRequest:
    """A request with this talk."""
    return ModelRequest(instructions="Be brief.", messages=messages, tools=tools, max_output_tokens=99)


def text_of(deltas: list[ModelDelta]) -> str:
    """What was said."""
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def thoughts_of(deltas: list[ModelDelta]) -> str:
    """What was thought."""
    return "".join(delta.text for delta in deltas if isinstance(delta, ThinkingDelta))


def calls_of(deltas: list[ModelDelta]) -> list[ToolCall]:
    """The tools that were asked for."""
    return [delta for delta in deltas if isinstance(delta, ToolCall)]
