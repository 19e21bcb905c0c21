"""Fixtures of the room `agents`."""

from collections.abc import AsyncIterator

import pytest

from tests.agents.stage import Stage
from tests.fakes.scripted_model import ScriptedModel
from turnkeeper.agents.models.openai_chat import OpenAIChat


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with ScriptedModel() as server:
        endpoint = OpenAIChat(base_url=server.base_url, api_key=None)
        await endpoint.open()
        yield Stage(server, endpoint.model("tiny"))
        await endpoint.close()
