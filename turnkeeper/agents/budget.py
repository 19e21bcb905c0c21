"""What one turn may still spend: counts its calls and asks, before each, whether a limit would be passed.

Spending is known by step: a step that is replayed after a crash is counted once, however often it is told.
"""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol

import msgspec

from turnkeeper.agents.memory import tokens_of
from turnkeeper.agents.model import AssistantMessage, ModelMessage, ModelRequest, ToolMessage, UserMessage
from turnkeeper.agents.showing import IMAGE_TOKENS, PAGE_TOKENS
from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import RefusedError, TransientError
from turnkeeper.core.limits import NO_CEILINGS, Ceilings, capped
from turnkeeper.core.sentences import counted
from turnkeeper.core.usage import NONE_SPENT, NOTHING, DaySpend, Usage, total_of

LEAST_OUTPUT_TOKENS = 256
"""A call that could not write as much, or as much as the agent's own limit of output tokens, is not worth its input."""

_MILLION = 1_000_000
_AGENTS = "the agent's"
_ORGANIZATIONS = "the organization's"
_NOT_TOLD = Usage(unpriced_calls=1)


DecideReservation = Callable[[DaySpend, DaySpend], Usage]
"""From what was spent today, and what other turns under way hold, to what this turn is to hold."""

ReserveToday = Callable[[DecideReservation], Awaitable[None]]
"""Lets a turn decide what to hold of the day, while no other turn of the organization decides; then writes it down.

Raises: what the decision raises, having written nothing; TransientError: the database is away.
"""

HELD_BY_OTHERS_SECONDS = 1.0
"""When a turn looks again, at the earliest, for room that turns under way hold."""


class Pricing(Protocol):
    """What calls of the turn's model cost."""

    @property
    def counts_tokens(self) -> bool:
        """Whether its calls take tokens at all."""
        ...

    def cost(self, usage: Usage, *, reported: str | None = None) -> Decimal | None:
        """In US dollars; None when the price is not known. `reported` is the provider's own name of the model."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What the next call of the model may do.

    `limit` is what holds its output, as a part of a sentence. After the last call nothing would be left for another one
    that reads the answers of tools.
    """

    output_tokens: int
    limit: str
    is_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Room:
    """What one limit leaves; `limit` is a sentence's part, such as `the agent's limit of 1,000 tokens a turn`."""

    limit: str
    setting: str
    left: Decimal
    is_cost: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _NextCall:
    """What the next call would take at least, and what each token that it writes costs."""

    input_tokens: int
    input_cost: Decimal
    output_cost: Decimal
    """Of one token."""


class ModelCall:
    """One call of the model while it runs; `usage` is what it took as far as is known."""

    def __init__(self, budget: "Budget") -> None:
        self._budget = budget
        self.usage = NOTHING

    def heard(self) -> None:
        """The model has begun to write: whatever comes now, somebody pays for it."""
        self.usage = _NOT_TOLD

    def finished(self, usage: Usage, *, reported: str) -> Usage:
        """The model's reply is whole, and took so much; returned with its cost."""
        self.usage = self._budget.priced(usage, reported=reported)
        return self.usage


class Budget:
    """The limits of one turn and what it has spent so far, over all its attempts."""

    def __init__(
        self,
        limits: Limits,
        ceilings: Ceilings = NO_CEILINGS,
        *,
        model_name: str,
        price: Pricing | None = None,
        spent: Mapping[str, Usage] = NONE_SPENT,
        today: DaySpend | ReserveToday | None = None,
    ) -> None:
        """`limits` are the agent's own, `ceilings` the organization's; `spent` is by step what earlier attempts took.

        Where a day has a limit, `today` is what was spent of it, or how to hold a part of it against turns at the same time.

        Without a `price` nothing is said of costs, and no limit of cost can be kept.
        """
        self._own = limits
        self._ceilings = ceilings
        self._limits = capped(limits, ceilings)
        self._model_name = model_name
        self._price = price
        self._spent = dict(spent)
        self._wasted = NOTHING
        self._today = today if isinstance(today, DaySpend) else DaySpend()
        self._reserve = None if isinstance(today, DaySpend) else today
        self._tool_calls = 0
        self._last_input = 0

    @property
    def total(self) -> Usage:
        """What the turn has taken so far."""
        return total_of(self._spent) + self._wasted

    @property
    def wasted(self) -> Usage:
        """What this attempt took in calls that are not recorded as steps: cut, or refused after their end."""
        return self._wasted

    @property
    def is_out_of_tool_calls(self) -> bool:
        """Whether no further call of a tool may be made."""
        return self._tool_calls >= self._limits.tool_calls

    def priced(self, usage: Usage, *, reported: str) -> Usage:
        """The usage of one whole call, with its cost as far as that is known."""
        if self._price is None or (usage.tokens == 0 and not self._price.counts_tokens):
            return usage
        cost = self._price.cost(usage, reported=reported) if usage.tokens else None
        return replace(usage, cost_usd=cost, unpriced_calls=1 if cost is None else 0)

    def spent(self, step: str, usage: Usage) -> None:
        """Count a call of the model that is recorded as this step; telling it again changes nothing."""
        self._spent[step] = usage
        self._last_input = usage.input_tokens

    @contextmanager
    def model_call(self) -> Generator["ModelCall"]:
        """Around one call of the model: what it took is counted as waste when the block ends with an error."""
        call = ModelCall(self)
        try:
            yield call
        except BaseException:
            self._wasted += call.usage
            raise

    def before_tool_call(self) -> bool:
        """Whether one more call of a tool may be made; if so it is counted. To be asked in the model's order."""
        if self.is_out_of_tool_calls:
            return False
        self._tool_calls += 1
        return True

    async def reserve_model_call(self, request: ModelRequest) -> Allowance:
        """What the next call may do, as `before_model_call`; the most that it may take is held of the day's limits.

        Raises:
            RefusedError: code `limit_reached`: there is no room for it.
            TransientError: there will be room, should turns that are under way take less than they may; or the database
                is away.
        """
        if self._reserve is None:
            return self.before_model_call(request)
        allowed: list[Allowance] = []

        def decide(spent: DaySpend, held: DaySpend) -> Usage:
            allowed.append(self._allow_beside(spent, held, request))
            return self.total + self._most_of(request, allowed[0])

        await self._reserve(decide)
        return allowed[0]

    def _allow_beside(self, spent: DaySpend, held: DaySpend, request: ModelRequest) -> Allowance:
        self._today = spent + held
        try:
            return self.before_model_call(request)
        except RefusedError:
            self._today = spent
            self.before_model_call(request)
            raise TransientError(
                self._model_name,
                "Turns that are being answered now hold what is left of the day's limit; try again when they are done.",
                retry_after=HELD_BY_OTHERS_SECONDS,
                code="limit_reached",
            ) from None

    def _most_of(self, request: ModelRequest, allowance: Allowance) -> Usage:
        """What the next call may take at most."""
        tokens = max(estimated_input_tokens(request), self._last_input)
        most = Usage(input_tokens=tokens, output_tokens=allowance.output_tokens)
        return most if self._price is None else replace(most, cost_usd=self._price.cost(most))

    def before_model_call(self, request: ModelRequest) -> Allowance:
        """What the next call may do, so that no limit is passed.

        Raises:
            RefusedError: code `limit_reached`: there is no room for it.
        """
        most = request.max_output_tokens
        allowance = Allowance(output_tokens=most, limit=f"its limit of {counted(most, 'output token')}")
        rooms = list(self._rooms()) if self._price is None or self._price.counts_tokens else []
        if not rooms:
            return allowance
        call = self._next_call(request, rooms)
        least = min(LEAST_OUTPUT_TOKENS, most)
        for room in rooms:
            possible = _output_within(room, call)
            if possible < least:
                raise self.limit_reached(_sentence(room, call))
            if possible < allowance.output_tokens:
                left = f"the {counted(possible, 'output token')} that {room.limit} left"
                allowance = replace(allowance, output_tokens=possible, limit=left)
            if self._tool_calls and _output_within(_after(room, call, least), call) < least:
                allowance = replace(allowance, is_last=True)
        return allowance

    def why_no_call(self) -> RefusedError:
        """The error that ends a turn whose model had all its calls, or all its tools, and did not answer."""
        if self.is_out_of_tool_calls and self._tool_calls:
            return self._no_answer("tool_calls", counted(self._limits.tool_calls, "tool call"))
        return self._no_answer("model_calls", counted(self._limits.model_calls, "model call"))

    def why_no_time(self) -> RefusedError:
        """The error that ends a turn that took too long."""
        limit = f"{self._whose('seconds')} limit of {counted(self._limits.seconds, 'second')} a turn"
        return self.limit_reached(f"The answer was given up at {limit}. {_who_can('seconds', limit)}")

    def why_no_tool(self) -> str:
        """What the model is told of a tool that was not called."""
        limit = f"{self._whose('tool_calls')} limit of {counted(self._limits.tool_calls, 'tool call')} a turn"
        return f"This call was not made: {limit} is reached."

    def _no_answer(self, setting: str, amount: str) -> RefusedError:
        limit = f"{self._whose(setting)} limit of {amount} a turn"
        return self.limit_reached(f"The model had no answer within {limit}. {_who_can(setting, limit)}")

    def limit_reached(self, sentence: str) -> RefusedError:
        """The error that ends a turn at a limit."""
        return RefusedError(self._model_name, sentence, code="limit_reached")

    def _rooms(self) -> Iterator[_Room]:
        """What each limit of tokens and of cost leaves."""
        total, own, all_agents = self.total, self._own, self._ceilings
        agent_today, organization_today = self._today.agent + total, self._today.organization + total
        yield from self._room("tokens", self._limits.tokens, total)
        yield from self._room("cost_usd", self._limits.cost_usd, total)
        yield from self._room("tokens_a_day", own.tokens_a_day, agent_today, whose=_AGENTS)
        yield from self._room("cost_usd_a_day", own.cost_usd_a_day, agent_today, whose=_AGENTS)
        yield from self._room("tokens_a_day", all_agents.tokens_a_day, organization_today, whose=_ORGANIZATIONS)
        yield from self._room("cost_usd_a_day", all_agents.cost_usd_a_day, organization_today, whose=_ORGANIZATIONS)

    def _room(
        self, setting: str, limit: Decimal | int | None, spent: Usage, *, whose: str | None = None
    ) -> Iterator[_Room]:
        if limit is None:
            return
        is_cost = setting.startswith("cost")
        taken = (spent.cost_usd or Decimal(0)) if is_cost else Decimal(spent.tokens)
        amount = f"${limit:f}" if is_cost else counted(limit, "token")
        span = "day" if setting.endswith("a_day") else "turn"
        yield _Room(
            limit=f"{whose or self._whose(setting)} limit of {amount} a {span}",
            setting=setting,
            left=Decimal(limit) - taken,
            is_cost=is_cost,
        )

    def _next_call(self, request: ModelRequest, rooms: Sequence[_Room]) -> _NextCall:
        input_tokens = max(estimated_input_tokens(request), self._last_input)
        costly = next((room for room in rooms if room.is_cost), None)
        if costly is None:
            return _NextCall(input_tokens=input_tokens, input_cost=Decimal(0), output_cost=Decimal(0))
        asked = Usage(input_tokens=input_tokens)
        input_cost = None if self._price is None else self._price.cost(asked)
        much = None if self._price is None else self._price.cost(replace(asked, output_tokens=_MILLION))
        if input_cost is None or much is None:
            raise self.limit_reached(_sentence_about_the_price(costly, self._model_name))
        output_cost = max(much - input_cost, Decimal(0)) / _MILLION
        return _NextCall(input_tokens=input_tokens, input_cost=input_cost, output_cost=output_cost)

    def _whose(self, setting: str) -> str:
        """Whose limit counts, the agent's or, where it is lower, the organization's."""
        own, over = self._own, self._ceilings
        pairs: dict[str, tuple[float | Decimal | None, float | Decimal | None]] = {
            "model_calls": (own.model_calls, over.model_calls),
            "tool_calls": (own.tool_calls, over.tool_calls),
            "tokens": (own.tokens, over.tokens),
            "cost_usd": (own.cost_usd, over.cost_usd),
            "seconds": (own.seconds, over.seconds),
        }
        mine, ceiling = pairs[setting]
        return _ORGANIZATIONS if ceiling is not None and (mine is None or ceiling < mine) else _AGENTS


def estimated_input_tokens(request: ModelRequest) -> int:
    """About how many tokens a request takes: a token for 4 bytes of its text, a fixed number for a picture or a page."""
    tools = sum(
        tokens_of(f"{tool.name}{tool.description}") + tokens_of(msgspec.json.encode(tool.parameters).decode())
        for tool in request.tools
    )
    return tokens_of(request.instructions) + tools + sum(_tokens_of_message(message) for message in request.messages)


def _tokens_of_message(message: ModelMessage) -> int:
    match message:
        case UserMessage():
            pages = sum(pdf.pages for pdf in message.pdfs)
            return tokens_of(message.text) + IMAGE_TOKENS * len(message.images) + PAGE_TOKENS * pages
        case AssistantMessage():
            calls = sum(tokens_of(call.tool + call.arguments) for call in message.tool_calls)
            return tokens_of(message.text) + calls + (tokens_of(message.carried) if message.carried else 0)
        case ToolMessage():
            return tokens_of(message.content)


def _output_within(room: _Room, call: _NextCall) -> int:
    """The most tokens that the call could write within this room; negative when its input alone is too much."""
    if not room.is_cost:
        return int(room.left) - call.input_tokens
    left = room.left - call.input_cost
    if left < 0:
        return -1
    if call.output_cost == 0:
        return _MILLION
    return min(_MILLION, int((left / call.output_cost).to_integral_value(ROUND_FLOOR)))


def _after(room: _Room, call: _NextCall, output_tokens: int) -> _Room:
    """What the room leaves when the call was made and wrote so much."""
    cost = call.input_cost + output_tokens * call.output_cost
    return replace(room, left=room.left - (cost if room.is_cost else call.input_tokens + output_tokens))


def _sentence(room: _Room, call: _NextCall) -> str:
    left = max(room.left, Decimal(0))
    if room.is_cost:
        rest, next_call = f"${_shown(left)} of it is left", f"about ${_shown(call.input_cost)}"
    else:
        rest, next_call = (
            f"{int(left):,} of them {'is' if int(left) == 1 else 'are'} left",
            f"about {call.input_tokens:,}",
        )
    return (
        f"The turn was stopped before it would pass {room.limit}: {rest}, and the next call of the model takes "
        f"{next_call} before it writes a word. {_who_can(room.setting, room.limit)}"
    )


def _sentence_about_the_price(room: _Room, model_name: str) -> str:
    return (
        f"The price of the model {model_name!r} is not known, so {room.limit} could not be kept and the model was not "
        f"called. Whoever runs the server can set the price: TURNKEEPER_PRICES={model_name}=INPUT/OUTPUT, in US dollars per "
        "million tokens."
    )


def _who_can(setting: str, whose: str) -> str:
    """How a limit is raised; `whose` begins with whose it is."""
    agent = " --agent AGENT" if whose.startswith(_AGENTS) else ""
    return f"An admin can raise it: `turnkeeper limits set{agent} --{setting.replace('_', '-')} N`."


def _shown(dollars: Decimal) -> str:
    return f"{dollars.quantize(Decimal('0.0001')):f}" if dollars >= Decimal("0.0001") else f"{dollars.normalize():f}"
