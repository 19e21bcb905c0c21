"""Fixtures of the room `agents`."""

from collections.abc import AsyncIterator

import pytest

from tests.agents.stage import Stage
from tests.fakes.models import lean_model
from tests.fakes.scripted_model import ScriptedModel


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with ScriptedModel() as server, lean_model("openai", address=server.base_url) as model:
        yield Stage(server, model)
