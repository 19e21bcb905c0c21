"""What a call of a model costs: the operator's own prices first, then a list that comes with the package genai-prices.

The list works offline and is as old as the package. It is large, so it is read in a thread: at a worker's start, or
before the first turn that needs it.
"""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from turnkeeper.core.errors import StartError
from turnkeeper.core.usage import COST_DIGITS, Usage

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelPrice as ListedPrice
    from genai_prices.types import TieredPrices

FREE_PROVIDERS = frozenset({"extractive", "ollama", "vllm"})
"""Models that run on the operator's own machines; nobody sends a bill for tokens."""

PROGRAMS = frozenset({"extractive"})
"""Models that are no language models: they take no tokens, and a call without any is complete."""

_MILLION = Decimal(1_000_000)
_LARGEST_FILE = 1024 * 1024
_DEAREST = Decimal(1_000_000)
_MOST_UNKNOWN = 1_000
_HOW = "write for example openai:my-model=0.40/1.60, in US dollars per million tokens of input and output"


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """US dollars per million tokens. Tokens read from or written to a cache cost as other input where nothing is said."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal

    def of(self, usage: Usage) -> Decimal:
        """What these tokens cost."""
        cached = usage.cache_read_tokens + usage.cache_write_tokens
        dollars = (
            max(usage.input_tokens - cached, 0) * self.input
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
            + usage.output_tokens * self.output
        )
        return dollars / _MILLION


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownModel:
    """A model as the list or the operator knows it."""

    name: str
    """`provider:model`."""
    title: str | None = None
    context_tokens: int | None = None
    is_deprecated: bool = False
    price: Price | None = None
    """None when it has none by the token. Of one that grows with the prompt: the lowest."""


class Prices:
    """The prices of all models, by `provider:model` name."""

    def __init__(self, own: Mapping[str, Price] | None = None) -> None:
        """`own` prices overrule the list; a name that ends with `*` stands for all that begin like it."""
        self._own = dict(own or {})
        self._list: DataSnapshot | None = None
        self._loading = threading.Lock()
        self._unknown: set[tuple[str, str]] = set()

    async def load(self) -> None:
        """Read the list, once. Until then only the operator's own prices and free models are known."""
        if self._list is None:
            await asyncio.to_thread(self._load)

    async def load_for(self, name: str) -> None:
        """Read the list if the price of the model with this `provider:model` name may stand in it."""
        if name.partition(":")[0] not in FREE_PROVIDERS and self._own_price(name) is None:
            await self.load()

    async def of_model(self, name: str) -> "ModelPrice":
        """The price of the model with this `provider:model` name; the list is read if it may be needed."""
        await self.load_for(name)
        return ModelPrice(name=name, prices=self)

    def cost(self, name: str, usage: Usage, *, reported: str | None = None) -> Decimal | None:
        """What a call cost, in US dollars; None when the model is not known.

        `reported` is the name by which the provider said that it answered: often that of one version, with its own price.
        """
        own = self._own_price(name)
        if own is not None:
            return own.of(usage).quantize(COST_DIGITS)
        provider, _, model = name.partition(":")
        if provider in FREE_PROVIDERS:
            return Decimal(0)
        for wanted in dict.fromkeys((reported or model, model)):
            listed = self._listed_cost(provider, wanted, usage)
            if listed is not None:
                return listed.quantize(COST_DIGITS)
        return None

    async def models_of(self, provider: str) -> "tuple[KnownModel, ...]":
        """The models of a provider that the list or the operator knows, by name."""
        await self.load()
        return await asyncio.to_thread(self._models_of, provider)

    def _models_of(self, provider: str) -> "tuple[KnownModel, ...]":
        assert self._list is not None, "the list is loaded"
        own = [name for name in self._own if name.startswith(f"{provider}:") and not name.endswith("*")]
        models = {name: KnownModel(name=name, price=self._own[name]) for name in own}
        try:
            listed = self._list.find_provider(None, provider, None).models
        except LookupError:
            listed = []
        now = datetime.now(UTC)
        for each in listed:
            name = f"{provider}:{each.id}"
            models[name] = KnownModel(
                name=name,
                title=each.name,
                context_tokens=each.context_window,
                is_deprecated=bool(each.deprecated),
                price=self._own_price(name) or _listed_price(each.get_prices(now)),
            )
        return tuple(models[name] for name in sorted(models))

    def _own_price(self, name: str) -> Price | None:
        if name in self._own:
            return self._own[name]
        fitting = [pattern for pattern in self._own if pattern.endswith("*") and name.startswith(pattern[:-1])]
        return self._own[max(fitting, key=len)] if fitting else None

    def _listed_cost(self, provider: str, model: str, usage: Usage) -> Decimal | None:
        if self._list is None or not model or (provider, model) in self._unknown:
            return None
        from genai_prices import Usage as Counts  # noqa: PLC0415 - slow import

        # A provider that counts cached tokens beside the input, and not in it, would be refused.
        total = max(usage.input_tokens, usage.cache_read_tokens + usage.cache_write_tokens)
        counts = Counts(
            input_tokens=total,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )
        try:
            return self._list.calc(counts, model, provider, None, None).total_price
        except (LookupError, ValueError):
            if len(self._unknown) >= _MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown.add((provider, model))
            return None

    def _load(self) -> None:
        from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - slow import

        with self._loading:
            self._list = self._list or get_snapshot()


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelPrice:
    """The price of one model, as a turn needs it."""

    name: str
    prices: Prices

    def cost(self, usage: Usage, *, reported: str | None = None) -> Decimal | None:
        """What a call cost, in US dollars; None when the model is not known."""
        return self.prices.cost(self.name, usage, reported=reported)

    @property
    def counts_tokens(self) -> bool:
        """Whether its calls take tokens at all."""
        return self.name.partition(":")[0] not in PROGRAMS


def _listed_price(listed: "ListedPrice") -> Price | None:
    into = _least(listed.input_mtok)
    if into is None:
        return None
    read, written = _least(listed.cache_read_mtok), _least(listed.cache_write_mtok)
    return Price(
        input=into,
        output=_least(listed.output_mtok) or Decimal(0),
        cache_read=into if read is None else read,
        cache_write=into if written is None else written,
    )


def _least(price: "Decimal | TieredPrices | None") -> Decimal | None:
    return price if price is None or isinstance(price, Decimal) else price.base


def read_prices(setting: str) -> dict[str, Price]:
    """The prices in a setting: `model=input/output[/cache read[/cache write]]`, with commas between, or `@FILE` of lines.

    Raises:
        StartError: one of them cannot be understood, or the file cannot be read.
    """
    text = setting.strip()
    entries = _lines_of(Path(text[1:].strip())) if text.startswith("@") else text.split(",")
    return dict(_entry(entry.strip()) for entry in entries if entry.strip())


def _lines_of(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        text = data.decode()
    except (OSError, UnicodeError) as error:
        raise StartError(f"The file of prices {str(path)!r} cannot be read: {error}.") from error
    if len(data) > _LARGEST_FILE:
        raise StartError(f"The file of prices {str(path)!r} has more than {_LARGEST_FILE:,} bytes.")
    return [line.partition("#")[0] for line in text.splitlines()]


def _entry(entry: str) -> tuple[str, Price]:
    name, equals, numbers = (part.strip() for part in entry.rpartition("="))
    parts = numbers.split("/")
    if not equals or ":" not in name.removesuffix("*") or not 2 <= len(parts) <= 4:
        raise StartError(f"The price {entry!r} cannot be understood; {_HOW}.")
    amounts = [_amount(part, entry) for part in parts]
    cache_read = amounts[2] if len(amounts) > 2 else amounts[0]
    cache_write = amounts[3] if len(amounts) > 3 else amounts[0]
    return name, Price(input=amounts[0], output=amounts[1], cache_read=cache_read, cache_write=cache_write)


def _amount(text: str, entry: str) -> Decimal:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation as error:
        raise StartError(f"The price {entry!r} cannot be understood; {_HOW}.") from error
    if not amount.is_finite() or not 0 <= amount <= _DEAREST:
        raise StartError(f"The price {entry!r} is out of bounds: from 0 to {_DEAREST:,} US dollars per million tokens.")
    return amount
