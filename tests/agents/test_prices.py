"""What calls cost: the operator's prices, then the list, and None for what nobody knows."""

from decimal import Decimal
from pathlib import Path

import pytest

from turnkeeper.agents.prices import Price, Prices, read_prices
from turnkeeper.core.errors import StartError
from turnkeeper.core.usage import Usage

CALL = Usage(input_tokens=1_000, output_tokens=100, cache_read_tokens=400)
OWN = Price(input=Decimal(1), output=Decimal(2), cache_read=Decimal("0.1"), cache_write=Decimal(3))


async def test_the_list_knows_the_large_providers_and_prices_the_cache_apart() -> None:
    prices = Prices()
    await prices.load()
    assert prices.cost("openai:gpt-4.1-mini", CALL) == Decimal("0.00044")
    assert prices.cost("openai:gpt-4.1-mini", CALL, reported="gpt-4.1-mini-2025-04-14") == Decimal("0.00044")


async def test_the_name_that_the_provider_reports_decides_over_the_one_that_was_asked_for() -> None:
    prices = Prices()
    await prices.load()
    asked = prices.cost("openai:gpt-4.1-mini", CALL)
    assert prices.cost("openai:gpt-4.1", CALL, reported="gpt-4.1-mini") == asked
    assert prices.cost("openai:gpt-4.1-mini", CALL, reported="something else") == asked


async def test_a_model_that_nobody_knows_has_no_price_and_not_the_price_zero() -> None:
    prices = Prices()
    await prices.load()
    for name in ("openai:scripted", "nobody:gpt-4.1-mini", "openai:"):
        assert [prices.cost(name, CALL) for _ in range(2)] == [None, None]


async def test_before_the_list_is_read_only_own_prices_and_free_models_are_known() -> None:
    prices = Prices({"openai:mine": OWN})
    assert prices.cost("openai:gpt-4.1-mini", CALL) is None
    assert prices.cost("openai:mine", CALL) == Decimal("0.00084")
    assert prices.cost("ollama:llama3", CALL) == 0
    assert (await prices.of_model("openai:gpt-4.1-mini")).cost(CALL) == Decimal("0.00044")


async def test_own_prices_overrule_the_list_and_the_longest_fitting_name_counts() -> None:
    prices = Prices(read_prices("openai:*=1/1, openai:gpt-4.1*=2/2, openai:gpt-4.1-mini=3/3, ollama:*=4/4"))
    asked = Usage(input_tokens=1_000_000)
    names = ("openai:other", "openai:gpt-4.1-nano", "openai:gpt-4.1-mini", "ollama:llama3")
    assert [prices.cost(name, asked) for name in names] == [1, 2, 3, 4]


async def test_counts_that_contradict_each_other_are_priced_all_the_same() -> None:
    prices = Prices()
    await prices.load()
    odd = Usage(input_tokens=10, output_tokens=1, cache_read_tokens=400)
    assert (prices.cost("openai:gpt-4.1-mini", odd) or 0) > 0
    assert OWN.of(odd) == Decimal("0.000042")


def test_prices_are_read_with_and_without_those_of_the_cache() -> None:
    assert read_prices(" openai:a = 1 / 2 ,b:c:d=0.5/1/0.05/0.6,") == {
        "openai:a": Price(input=Decimal(1), output=Decimal(2), cache_read=Decimal(1), cache_write=Decimal(1)),
        "b:c:d": Price(input=Decimal("0.5"), output=Decimal(1), cache_read=Decimal("0.05"), cache_write=Decimal("0.6")),
    }
    assert read_prices("") == {}


def test_prices_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("# ours\nopenai:mine=1/2/0.1/3 # since May\n\n")
    assert read_prices(f"@{path}") == {"openai:mine": OWN}


@pytest.mark.parametrize(
    "setting", ["openai:a", "openai:a=1", "a=1/2", "openai:a=1/x", "openai:a=-1/2", "openai:a=1/NaN", "o:a=1/2/3/4/5"]
)
def test_a_price_that_cannot_be_understood_is_named(setting: str) -> None:
    with pytest.raises(StartError) as refused:
        read_prices(f"openai:good=1/2,{setting}")
    assert repr(setting) in refused.value.message


def test_a_file_of_prices_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError) as refused:
        read_prices(f"@{tmp_path / 'none'}")
    assert str(tmp_path / "none") in refused.value.message
