"""The task `remember`: fold the oldest turns of a long conversation into its running summary. Deferred at turns' ends."""

import asyncio
import logging
from dataclasses import replace

from turnkeeper.agents.budget import Budget
from turnkeeper.agents.memory import OLD_OUTPUT_CHARACTERS, Window, tokens_of, tokens_of_turn
from turnkeeper.agents.prices import Prices
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.summary import fold_at, fold_tokens, keeps_summary, kept_after_fold, summarized
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import CallerError, TransientError, UpstreamError
from turnkeeper.core.history import HistoryTurn, Memory
from turnkeeper.core.limits import Ceilings
from turnkeeper.core.usage import Spent
from turnkeeper.store import history, memories, reservations, usage
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.history import Stretch
from turnkeeper.store.memories import NewMemory, Subject
from turnkeeper.tasks.recall import Recalled, fill, turn_tokens

_PAGE = 32
_log = logging.getLogger(__name__)


class RememberConversation:
    """Writes running summaries, with the model that answers in the conversation."""

    def __init__(self, database: Database, registry: Registry, prices: Prices | None = None) -> None:
        """Without `prices` only those of the server's own list are known."""
        self._database = database
        self._registry = registry
        self._prices = prices or Prices()

    async def __call__(self, conversation_id: int) -> None:
        """Summarize until the turns that are not in the summary fit well into the window.

        Each call of the model is kept by itself: a crash loses one of them at most. What goes wrong is logged and ends the
        task, since the turns go on without it, and the next one asks for it again.
        """
        try:
            while await self._fold(conversation_id):
                pass
        except (UpstreamError, CallerError, TimeoutError) as error:
            _log.warning("a summary failed", extra={"conversation_id": conversation_id, "reason": str(error)})
        except Exception as error:  # noqa: BLE001 - a bug must not be paid for at fifty more tries
            _log.error("a summary failed unexpectedly", extra={"conversation_id": conversation_id}, exc_info=error)

    async def _fold(self, conversation_id: int) -> bool:
        """Fold some turns, oldest first; False when there was nothing to do, or somebody else did it."""
        async with self._database.connection() as connection:
            subject = await memories.subject(connection, conversation_id=conversation_id)
            turns = () if subject is None else await _turns_to_fold(connection, subject)
        if subject is None or not turns:
            return False
        model_name = self._registry.model_name(subject.agent.model)
        budget = await self._budget(subject, model_name)
        try:
            new = await self._summarized(subject, turns, budget)
        except (UpstreamError, CallerError, TimeoutError):
            async with self._database.connection() as connection:
                await self._count(connection, subject, Spent(model=model_name, usage=budget.wasted))
            raise
        async with self._database.transaction() as connection:
            await self._count(connection, subject, Spent(model=model_name, usage=new.usage))
            return await memories.save(connection, new)

    async def _summarized(self, subject: Subject, turns: tuple[HistoryTurn, ...], budget: Budget) -> NewMemory:
        agent = subject.agent
        async with asyncio.timeout(agent.limits.seconds):
            summary = await summarized(
                await self._registry.model(agent.model, agent.organization_id),
                earlier=None if subject.memory is None else subject.memory.text,
                turns=turns,
                history_tokens=agent.limits.history_tokens,
                output_tokens=agent.limits.output_tokens,
                budget=budget,
            )
        return NewMemory(
            conversation_id=subject.conversation_id,
            memory=Memory(up_to_message_id=turns[-1].message_id, text=summary.text),
            replaces=subject.memory,
            model=summary.model or self._registry.model_name(agent.model),
            usage=summary.usage,
            edits=subject.edits,
        )

    async def _budget(self, subject: Subject, model_name: str) -> Budget:
        """A summary is no part of a turn: only what may be spent a day holds it."""
        limits, ceilings, today = subject.agent.limits, subject.ceilings, None
        if limits.is_by_day or ceilings.is_by_day:
            async with self._database.connection() as connection:
                of = {"organization_id": subject.agent.organization_id, "agent_id": subject.agent.id}
                today = await usage.today(connection, **of) + await reservations.held_today(connection, **of)
        return Budget(
            replace(limits, tokens=None, cost_usd=None),
            Ceilings(tokens_a_day=ceilings.tokens_a_day, cost_usd_a_day=ceilings.cost_usd_a_day),
            model_name=model_name,
            price=await self._prices.of_model(model_name),
            today=today,
        )

    @staticmethod
    async def _count(connection: Connection, subject: Subject, spent: Spent) -> None:
        await usage.count_between_turns(connection, spent, conversation_id=subject.conversation_id)


async def ask_to_remember(
    database: Database, agent: Agent, *, conversation_id: int, recalled: Recalled, added: str
) -> None:
    """After a turn: have a summary made when the turns that are in none come near to the end of the window.

    `added` is the text of the turn that ended. Asking is repeated by the next turn, so that trouble is passed over.
    """
    if not keeps_summary(agent):
        return
    window = agent.limits.history_tokens - (0 if recalled.summary is None else tokens_of(recalled.summary))
    if not recalled.has_more and recalled.tokens + tokens_of(added) < fold_at(window):
        return
    try:
        async with database.connection() as connection:
            await memories.ask_for_summary(connection, conversation_id=conversation_id)
    except TransientError as error:
        _log.warning(
            "a summary could not be asked for", extra={"conversation_id": conversation_id, "reason": error.message}
        )


async def _turns_to_fold(connection: Connection, subject: Subject) -> tuple[HistoryTurn, ...]:
    """The oldest turns that are not in the summary, oldest first: as many as one call of the model takes.

    None, while all together fit well into the window. The newest half of it stays as it is.
    """
    if not keeps_summary(subject.agent):
        return ()
    tokens = turn_tokens(subject.agent, subject.memory)
    after = 0 if subject.memory is None else subject.memory.up_to_message_id
    recent = Window(fold_at(tokens))
    await fill(connection, recent, Stretch(conversation_id=subject.conversation_id, after=after, before=subject.before))
    if not recent.is_full:
        return ()
    kept = Window(kept_after_fold(tokens))
    for turn in reversed(recent.turns()):
        kept.take(turn)
    before = kept.turns()[0].message_id if kept.turns() else subject.before
    return await _oldest(
        connection,
        Stretch(conversation_id=subject.conversation_id, after=after, before=before),
        tokens=fold_tokens(subject.agent.limits.history_tokens),
    )


async def _oldest(connection: Connection, stretch: Stretch, *, tokens: int) -> tuple[HistoryTurn, ...]:
    """The oldest turns of the stretch, oldest first, of about so many tokens; at least one, where there is one."""
    found: list[HistoryTurn] = []
    after, longest = stretch.after, tokens * 4
    while tokens > 0:
        page = await history.page(
            connection,
            Stretch(conversation_id=stretch.conversation_id, after=after, before=stretch.before),
            limit=_PAGE,
            text_characters=longest,
            output_characters=OLD_OUTPUT_CHARACTERS,
            oldest_first=True,
        )
        for turn in page:
            if tokens > 0:
                found.append(turn)
                tokens -= tokens_of_turn(turn)
        if len(page) < _PAGE:
            break
        after = page[-1].message_id
    return tuple(found)
