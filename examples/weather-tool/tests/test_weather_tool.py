"""The example's own test: a tool is tried without a server."""

import asyncio
from uuid import uuid4

import pytest
from weather_tool import weather

from turnkeeper.agents.tools.tool import ToolContext
from turnkeeper.core.errors import ToolRetryError

CONTEXT = ToolContext(
    organization_id=1,
    account_id=1,
    conversation_id=1,
    message_id=1,
    data_set_id=None,
    first_mark=1,
    effect_id=uuid4(),
)


def test_the_weather_of_a_known_city() -> None:
    output = asyncio.run(weather.call('{"city": "Bergen", "month": 11}', CONTEXT))

    assert output.text == "Bergen in month 11: 5 °C on average, rain on 20 days."


@pytest.mark.parametrize("arguments", ['{"city": "Atlantis", "month": 1}', '{"city": "Bergen", "month": 13}', "{"])
def test_wrong_arguments_are_told_to_the_model(arguments: str) -> None:
    with pytest.raises(ToolRetryError):
        asyncio.run(weather.call(arguments, CONTEXT))
