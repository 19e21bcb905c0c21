"""Looking for products, from the words of a model to the rows of a real database."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.fakes.people import Crew
from tests.tools.things import context
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.agents.tools.search_products import SearchProducts
from turnkeeper.agents.tools.tool import ToolOutput
from turnkeeper.core.errors import ToolFailedError, ToolRetryError
from turnkeeper.demo import telecom_folder
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.words import take_apart
from turnkeeper.store.database import Database
from turnkeeper.store.passages import PassageIndex
from turnkeeper.store.products import ProductIndex


@dataclass
class Shop:
    """The tool over the demo's products in one data set; another holds a single one."""

    tool: SearchProducts
    data_set_id: int
    other_id: int

    async def finds(self, **wanted: object) -> ToolOutput:
        return await self.tool.call(json.dumps(wanted), context(data_set_id=self.data_set_id))

    async def names(self, **wanted: object) -> list[str]:
        """The names of the products found, in their order."""
        text = (await self.finds(**wanted)).text
        lines = [part.splitlines()[0] for part in text.split("\n\n")[1:]]
        return [line.split("] ", 1)[-1].split(" (")[0] for line in lines]


@pytest.fixture
async def shop(database: Database, crew: Crew, tmp_path: Path) -> Shop:
    made = crew.people
    embedders = NamedEmbedders(minilm=HashingEmbedder())
    actions = DataSetActions(database, Search(PassageIndex(database), embedders), embedders)
    (tmp_path / "other.jsonl").write_text('{"entry_id": "fu-other", "name": "FiberUP Elsewhere", "price": 1}\n')
    await actions.import_paths(made.admin, made.data_set_id, [telecom_folder() / "products.jsonl"])
    await actions.import_paths(made.admin, made.closed_data_set_id, [tmp_path])
    tool = SearchProducts(ProductIndex(database, take_apart))
    return Shop(tool=tool, data_set_id=made.data_set_id, other_id=made.closed_data_set_id)


async def test_filters_fit_together(shop: Shop) -> None:
    assert await shop.names(category="internet plans", price_max=150, order="price") == [
        "FiberUP Business Start",
        "FiberUP Business Duplex",
        "FiberUP Business Duplex Pro",
    ]
    pro = {"name": "Download", "value": "500 Mbit/s", "comparison": "is"}
    assert await shop.names(properties=[pro]) == ["FiberUP Business Duplex"]
    fast = {"name": "download", "value": 1000, "comparison": "at_least"}
    assert await shop.names(properties=[fast]) == ["FiberUP Business Duplex Pro"]  # 1,000 Mbit/s is no 1
    assert await shop.names(properties=[fast, pro]) == []


async def test_words_are_found_by_their_stems_and_names_by_their_letters(shop: Shop) -> None:
    assert "FiberUP Dedicated 1G" in await shop.names(text="unshared fibres")
    assert await shop.names(text="FU-DUPLEX-PRO") == ["FiberUP Business Duplex Pro"]
    assert (await shop.names(text="business duplex"))[0].startswith("FiberUP Business Duplex")


async def test_when_no_product_has_all_the_words_the_answer_says_so(shop: Shop) -> None:
    output = await shop.finds(text="gigabit zebra")

    assert "No product has all the words; these have 1 of 2." in output.text


async def test_pages_follow_each_other_and_end(shop: Shop) -> None:
    first = await shop.names(order="name", limit=20)
    second = await shop.names(order="name", limit=20, offset=20)
    everything = await shop.names(order="name", limit=50)

    assert len(first) == 20
    assert first + second == everything[:40]
    assert (await shop.finds(offset=1000)).text == "No product is left after the first 1,000."


async def test_found_products_can_be_cited(shop: Shop) -> None:
    output = await shop.finds(category="internet plans", order="price")

    assert output.text.splitlines()[2].startswith("[1] FiberUP Business Start (price 39")
    assert [passage.title for passage in output.passages][:2] == ["FiberUP Business Start", "FiberUP Business Duplex"]


async def test_another_data_set_is_never_seen(shop: Shop) -> None:
    assert "FiberUP Elsewhere" not in await shop.names(text="elsewhere", limit=50)
    other = await shop.tool.call('{"text": "FiberUP"}', context(data_set_id=shop.other_id))
    assert other.text.startswith("Products 1–1 of 1.")


async def test_when_nothing_fits_the_answer_says_by_what_can_be_filtered(shop: Shop) -> None:
    text = (await shop.finds(category="Zebras")).text

    assert text.startswith("No product fits. Categories: ")
    assert "Internet plans" in text
    assert "download" in text


HOSTILE = ("'; DROP TABLE products; --", "100%", "_", "\\", "a\0b", "{fitting}", "%(text)s", "🦓", '"', "!!")


async def test_no_text_is_more_than_a_text(shop: Shop) -> None:
    for hostile in HOSTILE:
        assert (await shop.finds(text=hostile)).text
        assert await shop.names(category=hostile) == []
        assert await shop.names(properties=[{"name": hostile, "value": hostile}]) == []
    assert await shop.names(text="FU-DUPLEX-PRO") == ["FiberUP Business Duplex Pro"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 51},
        {"limit": 0},
        {"offset": -1},
        {"order": "price; DROP TABLE products"},
        {"price_min": "cheap"},
        {"price_min": 5, "price_max": 4},
        {"text": "x" * 501},
        {"properties": [{"name": "download"}]},
        {"properties": [{"name": "download", "value": "fast", "comparison": "at_least"}]},
        {"properties": [{"name": "a", "value": "b"}] * 11},
    ],
)
async def test_arguments_out_of_bounds_are_told_to_the_model(wrong: dict[str, object]) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")  # never asked
    tool = SearchProducts(ProductIndex(database, take_apart))
    with pytest.raises(ToolRetryError):
        await tool.call(json.dumps(wrong), context(data_set_id=1))
    with pytest.raises(ToolFailedError):
        await tool.call("{}", context())


async def test_a_number_that_is_too_long_breaks_no_search(database: Database, crew: Crew, tmp_path: Path) -> None:
    made = crew.people
    embedders = NamedEmbedders(minilm=HashingEmbedder())
    actions = DataSetActions(database, Search(PassageIndex(database), embedders), embedders)
    product = {"entry_id": "1", "name": "Endless", "properties": {"Digits": "9" * 1_000, "Ratio": "0." + "3" * 1_000}}
    (tmp_path / "long.jsonl").write_text(json.dumps(product) + "\n")
    await actions.import_paths(made.admin, made.data_set_id, [tmp_path])
    tool = SearchProducts(ProductIndex(database, take_apart))

    wanted = {"properties": [{"name": "Digits", "comparison": "at_least", "value": 7}]}
    found = await tool.call(json.dumps(wanted), context(data_set_id=made.data_set_id))

    assert "Endless" in found.text
