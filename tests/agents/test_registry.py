"""What an agent may be made of."""

import pytest

from tests.agents.stage import Echo
from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.registry import Registry
from turnkeeper.core.errors import InvalidError

EXTRACTIVE = Extractive()


def extractive(name: str) -> LanguageModel:
    return EXTRACTIVE


def registry(default_model: str = "extractive") -> Registry:
    return Registry(providers={"extractive": extractive}, tools=[Echo("one"), Echo("two")], default_model=default_model)


def test_a_model_is_found_by_its_name_or_by_default() -> None:
    assert registry().model("extractive") is EXTRACTIVE
    assert registry().model(None) is EXTRACTIVE
    assert registry().model_name(None) == "extractive"


@pytest.mark.parametrize("name", ["gpt-4o", "openai:gpt-4o", ":x", "Extractive"])
def test_an_unknown_provider_is_refused_by_field(name: str) -> None:
    with pytest.raises(InvalidError, match="The providers: extractive") as caught:
        registry().model(name)
    assert caught.value.field == "model"


def test_a_default_model_that_does_not_exist_is_found_at_the_start() -> None:
    with pytest.raises(InvalidError):
        registry(default_model="openai:tiny")


def test_tools_are_found_by_name_each_once() -> None:
    assert [tool.spec.name for tool in registry().tools(["two", "one", "two"])] == ["two", "one"]


def test_an_unknown_tool_is_refused_by_field() -> None:
    with pytest.raises(InvalidError, match="There is no tool 'three'") as caught:
        registry().tools(["one", "three"])
    assert caught.value.field == "tools"
