"""What turns spend is counted exactly, whatever becomes of them; limits end a turn before the call that would pass them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from uuid import UUID

import pytest

from tests.fakes.people import People
from tests.fakes.scripted_model import BreaksOff, Call, CallsTools, Fails, Says, ScriptedModel, Stalls
from tests.fakes.worker import MODEL, Ends, working
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.agents.prices import Price, Prices
from turnkeeper.core.conversations import Message
from turnkeeper.core.errors import InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.events import MessageCompleted, ModelReturned, TextAdded
from turnkeeper.core.usage import Grouping, Usage
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

PRICES = {MODEL: Price(input=Decimal(3), output=Decimal(7), cache_read=Decimal(3), cache_write=Decimal(3))}
SEARCH = CallsTools((Call(tool="search_documents", arguments='{"query": "x"}', call_id="c1"),), text="Let me look.")


class House:
    """What the tests of this file do, over one database and one scripted model."""

    def __init__(
        self, database: Database, notices: Notices, changes: Changes, staff: People, model: ScriptedModel
    ) -> None:
        self.database = database
        self.staff = staff
        self.model = model
        self.conversations = ConversationActions(database, changes, default_model=MODEL)
        self.usage = UsageActions(database)
        self.changes = changes
        self._notices = notices

    def works(
        self, *, drain_seconds: float = 5.0, prices: dict[str, Price] | None = None
    ) -> AbstractAsyncContextManager[Ends]:
        return working(
            self.database,
            self._notices,
            self.changes,
            self.model,
            drain_seconds=drain_seconds,
            prices=Prices(PRICES if prices is None else prices),
        )

    async def accept(self, text: str) -> tuple[int, UUID]:
        """The ids of a new conversation and of its message."""
        started = await self.conversations.start(
            self.staff.admin, agent=self.staff.agent, text=text, mode="execute", origin="api"
        )
        return started.value.conversation_id, started.value.message_public_id

    async def answered(self, ids: tuple[int, UUID]) -> Message:
        """The reply, or the system's message in its place."""
        await self.conversations.message(self.staff.admin, message=ids[1], wait_seconds=PATIENCE)
        return (await self.conversations.read(self.staff.admin, conversation=ids[0])).messages[-1]

    async def ask(self, text: str) -> Message:
        return await self.answered(await self.accept(text))

    async def said(self, conversation_id: int) -> str:
        """All text in the log so far."""
        async with self.database.connection() as connection:
            log = await events.of_conversation(connection, conversation_id=conversation_id, limit=100)
        return "".join(event.body.text for event in log if isinstance(event.body, TextAdded))

    async def spent(self, conversation_id: int) -> Usage:
        return await self.usage.of_conversation(self.staff.admin, conversation=conversation_id)

    async def today(self, by: Grouping = "agent") -> dict[str, Usage]:
        report = await self.usage.report(self.staff.admin, days=1, by=by)
        return {each.of.name(by): each.usage for each in report.sums}

    def priced(self, *calls: tuple[int, int]) -> Usage:
        """What these calls cost: for each the number of its request, and the words of its reply."""
        total = Usage()
        for number, output in calls:
            words = sum(len((message.content or "").split()) for message in self.model.requests[number].messages)
            cost = Decimal(3 * words + 7 * output) / 1_000_000
            total += Usage(input_tokens=words, output_tokens=output, cost_usd=cost)
        return total


@pytest.fixture
async def house(database: Database, notices: Notices, changes: Changes, staff: People) -> AsyncGenerator[House]:
    async with ScriptedModel() as model:
        yield House(database, notices, changes, staff, model)


async def test_a_reply_says_what_all_its_model_calls_cost_and_so_do_conversation_and_day(house: House) -> None:
    house.model.will(SEARCH, Says("Not found."))
    async with house.works() as told:
        reply = await house.ask("What is x?")
    whole = house.priced((0, 3), (1, 2))
    assert reply.usage == whole
    assert await house.spent(reply.conversation_id) == whole
    assert await house.today("agent") == {"helper": whole}
    assert await house.today("model") == {MODEL: whole}
    assert [end.usage for end in told.ends] == [whole]


async def test_the_log_tells_what_each_model_call_took(house: House) -> None:
    house.model.will(SEARCH, Says("Not found."))
    async with house.works():
        reply = await house.ask("What is x?")
    async with house.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=reply.conversation_id, limit=100)
    assert [event.body for event in log if isinstance(event.body, ModelReturned | MessageCompleted)] == [
        ModelReturned(model_call=1, model="scripted", usage=house.priced((0, 3))),
        ModelReturned(model_call=2, model="scripted", usage=house.priced((1, 2))),
        MessageCompleted(reply_id=reply.id, model="scripted", usage=house.priced((0, 3), (1, 2))),
    ]


async def test_retried_and_resumed_calls_are_counted_once_and_cut_ones_as_of_unknown_cost(house: House) -> None:
    house.model.will(SEARCH, Fails(503), BreaksOff("Not fou"), Stalls("Not f"), Says("Not found at all."))
    async with house.works(drain_seconds=0.1) as first:
        ids = await house.accept("What is x?")
        await asyncio.wait_for(house.model.stalled.wait(), PATIENCE)
    async with house.works() as second:
        reply = await house.answered(ids)
    # The call that stalled was cut with its worker: nobody could write down that it was begun.
    whole = house.priced((0, 3), (4, 4)) + Usage(unpriced_calls=1)
    assert reply.usage == whole
    assert await house.spent(ids[0]) == whole
    assert await house.today() == {"helper": whole}
    assert [end.outcome for end in (*first.ends, *second.ends)] == ["retried", "retried", "completed"]
    assert [end.usage for end in (*first.ends, *second.ends)] == [Usage(), Usage(), whole]


async def test_a_failed_turn_counts_what_it_spent(house: House) -> None:
    house.model.will(SEARCH, Fails(401), Says("Withheld words.", finish="content_filter"))
    async with house.works():
        refused, withheld = await house.ask("One?"), await house.ask("Two?")
    assert (refused.role, refused.usage, refused.model) == ("system", house.priced((0, 3)), "scripted")
    assert (withheld.role, withheld.usage) == ("system", house.priced((2, 2)))
    assert await house.spent(withheld.conversation_id) == house.priced((2, 2))
    assert await house.today() == {"helper": house.priced((0, 3), (2, 2))}


async def test_a_turn_that_fails_before_it_can_ask_again_still_counts_what_earlier_attempts_spent(house: House) -> None:
    house.model.will(SEARCH, Stalls("Not f"))
    async with house.works(drain_seconds=0.1):
        ids = await house.accept("What is x?")
        await asyncio.wait_for(house.model.stalled.wait(), PATIENCE)
    async with house.database.connection() as connection:
        await connection.execute("UPDATE messages SET attempt = 100 WHERE public_id = %s", (ids[1],))
    async with house.works():
        failed = await house.answered(ids)
    assert (failed.role, failed.usage) == ("system", house.priced((0, 3)))
    assert await house.today() == {"helper": house.priced((0, 3))}


async def test_a_cancelled_turn_counts_what_it_spent_and_its_cut_call_as_of_unknown_cost(house: House) -> None:
    house.model.will(SEARCH, Stalls("Not f"))
    async with house.works() as told:
        ids = await house.accept("What is x?")
        await asyncio.wait_for(house.model.stalled.wait(), PATIENCE)
        with house.changes.listening(ids[0]) as changed:
            async with asyncio.timeout(PATIENCE):
                while "Not f" not in await house.said(ids[0]):
                    await changed.wait()
                    changed.clear()
        await house.conversations.cancel(house.staff.admin, message=ids[1])
    cancelled = (await house.conversations.read(house.staff.admin, conversation=ids[0])).messages[-1]
    whole = house.priced((0, 3)) + Usage(unpriced_calls=1)
    assert (cancelled.text, cancelled.usage, cancelled.model) == ("Not f", whole, "scripted")
    assert await house.spent(ids[0]) == whole
    assert await house.today("model") == {MODEL: whole}
    assert [end.outcome for end in told.ends] == ["lost"]


async def test_a_message_that_is_cancelled_before_anything_was_asked_costs_nothing(house: House) -> None:
    _, message = await house.accept("What is x?")
    await house.conversations.cancel(house.staff.admin, message=message)
    assert await house.today() == {}


async def test_parallel_conversations_lose_nothing_of_each_other(house: House) -> None:
    async with house.works():
        accepted = [await house.accept(f"say {'word ' * number}end") for number in range(24)]
        replies = await asyncio.gather(*(house.answered(ids) for ids in accepted))
    whole = Usage()
    for reply in replies:
        assert reply.usage is not None
        whole += reply.usage
        assert await house.spent(reply.conversation_id) == reply.usage
    report = await house.usage.report(house.staff.admin, days=1, by="day")
    assert whole.cost_usd is not None
    assert (report.total.usage, report.total.turns) == (whole, 24)
    assert (await house.today("account")).popitem()[1] == whole


async def test_a_model_without_a_price_is_counted_in_tokens_and_calls(house: House) -> None:
    async with house.works(prices={}):
        reply = await house.ask("say hello")
    assert reply.usage is not None
    assert (reply.usage.output_tokens, reply.usage.cost_usd, reply.usage.unpriced_calls) == (1, None, 1)
    assert await house.today() == {"helper": reply.usage}


async def test_a_turn_ends_at_a_limit_before_the_call_that_would_pass_it(house: House) -> None:
    await house.usage.change_limits_of_agent(house.staff.admin, slug="helper", changes={"tokens": 400})
    house.model.will(Says("One."))
    async with house.works() as told:
        failed = await house.ask("What is x? " + "Tell me all. " * 200)
    assert (failed.role, failed.status) == ("system", "completed")
    assert "the agent's limit of 400 tokens a turn" in failed.text
    assert house.model.requests == []
    assert [end.code for end in told.ends] == ["limit_reached"]
    assert await house.today() == {}


async def test_a_limit_of_a_day_counts_what_other_turns_of_the_organization_spent(house: House) -> None:
    async with house.works():
        first = await house.ask("say " + "word " * 100)
        assert first.usage is not None
        assert first.usage.cost_usd is not None
        admin = house.staff.admin
        await house.usage.change_ceilings(admin, {"cost_usd_a_day": first.usage.cost_usd + Decimal("0.0003")})
        failed = await house.ask("say no more")
        asked = len(house.model.requests)
        await house.usage.change_ceilings(admin, {"cost_usd_a_day": None})
        third = await house.ask("say more")
    assert (first.role, failed.role, third.role) == ("assistant", "system", "assistant")
    assert "the organization's limit of $0.00" in failed.text
    assert asked == 1


async def test_turns_at_the_same_time_do_not_pass_the_limit_of_a_day_together(house: House) -> None:
    await house.usage.change_ceilings(house.staff.admin, {"tokens_a_day": 1_000})
    house.model.will(Stalls("One."), Says("Two."))
    async with house.works() as told:
        first = await house.accept("Who is first?")
        await asyncio.wait_for(house.model.stalled.wait(), PATIENCE)
        second = await house.accept("Who is second?")
        await asyncio.wait_for(told.any.wait(), PATIENCE)
        asked_meanwhile = len(house.model.requests)
        house.model.release()
        replies = [await house.answered(first), await house.answered(second)]
    assert asked_meanwhile == 1
    assert [reply.text for reply in replies] == ["One.", "Two."]
    assert (told.ends[0].outcome, told.ends[0].code) == ("retried", "limit_reached")


async def test_a_turn_that_was_cancelled_holds_nothing_of_a_day(house: House) -> None:
    await house.usage.change_ceilings(house.staff.admin, {"tokens_a_day": 1_000})
    house.model.will(Stalls("One."), Says("Two."))
    async with house.works() as told:
        _, first = await house.accept("Who is first?")
        await asyncio.wait_for(house.model.stalled.wait(), PATIENCE)
        await house.conversations.cancel(house.staff.admin, message=first)
        second = await house.ask("Who is second?")
    assert second.text == "Two."
    assert "retried" not in [end.outcome for end in told.ends]


async def test_when_its_tool_calls_are_used_up_the_model_answers_from_what_it_has(house: House) -> None:
    await house.usage.change_ceilings(house.staff.admin, {"tool_calls": 1})
    twice = CallsTools(tuple(Call(tool="search_documents", arguments='{"query": "x"}', call_id=c) for c in "ab"))
    house.model.will(twice, Says("That is what I have."))
    async with house.works():
        reply = await house.ask("What is x?")
    last = house.model.requests[1]
    assert reply.text == "That is what I have."
    assert last.tools == []
    assert "No more tools can be called" in (last.messages[0].content or "")
    assert "the organization's limit of 1 tool call a turn is reached" in (last.messages[-1].content or "")


async def test_an_answer_that_fills_the_budget_is_cut_and_says_so(house: House) -> None:
    await house.usage.change_limits_of_agent(house.staff.admin, slug="helper", changes={"tokens": 1_000})
    house.model.will(Says("And then", finish="length"))
    async with house.works():
        reply = await house.ask("What is x?")
    sent = house.model.requests[0].max_tokens
    assert sent is not None
    assert 256 <= sent < 1_000
    assert f"the {sent:,} output tokens that the agent's limit of 1,000 tokens a turn left" in reply.text


async def test_members_see_what_they_spent_and_admins_what_all_spent(house: House) -> None:
    async with house.works():
        await house.ask("say hello")
    assert (await house.usage.report(house.staff.admin, days=1, by="agent")).total.turns == 1
    for caller in (house.staff.member, house.staff.outsider):
        report = await house.usage.report(caller, days=3_660, by="agent")
        assert (report.sums, report.total.usage) == ((), Usage())
    with pytest.raises(NotFoundError):
        await house.usage.of_conversation(house.staff.outsider, conversation=1)


async def test_limits_are_changed_by_admins_within_bounds(house: House) -> None:
    usage, admin = house.usage, house.staff.admin
    changed = await usage.change_ceilings(admin, {"cost_usd": Decimal("0.10"), "model_calls": 3})
    assert (changed.cost_usd, changed.model_calls) == (Decimal("0.10"), 3)
    assert (await usage.change_ceilings(admin, {"model_calls": None})).model_calls is None
    assert (await usage.ceilings(admin)).cost_usd == Decimal("0.10")
    assert (await usage.ceilings(house.staff.outsider)).cost_usd is None
    with pytest.raises(NotAllowedError):
        await usage.change_ceilings(house.staff.member, {"model_calls": 3})
    with pytest.raises(NotFoundError):
        await usage.change_limits_of_agent(house.staff.outsider, slug="helper", changes={"tokens": 3})
    for name, value in (("model_calls", 0), ("tokens", 1.5), ("cost_usd", Decimal("NaN")), ("seconds", -1), ("x", 1)):
        with pytest.raises(InvalidError):
            await usage.change_limits_of_agent(admin, slug="helper", changes={name: value})
    for days in (0, 10**9):
        with pytest.raises(InvalidError):
            await usage.report(admin, days=days, by="day")
