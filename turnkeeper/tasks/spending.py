"""What a turn spends, over all its attempts: opened with what earlier ones took, counted at the end, whatever the end is."""

from collections.abc import Mapping

import msgspec

from turnkeeper.agents.budget import Budget, DecideReservation
from turnkeeper.agents.prices import Prices
from turnkeeper.core.errors import TransientError
from turnkeeper.core.usage import NOTHING, Spent, Usage, total_of
from turnkeeper.store import reservations, turns, usage
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.turns import Begun
from turnkeeper.tasks.turn_log import TurnLog


class Spending:
    """The account of one attempt at a turn."""

    def __init__(self, database: Database, prices: Prices, begun: Begun, *, model_name: str) -> None:
        self._database = database
        self._prices = prices
        self._begun = begun
        self._model_name = model_name
        self._budget: Budget | None = None
        self._has_reserved = False

    async def open(self, recorded: Mapping[str, bytes]) -> Budget:
        """The budget of this attempt; `recorded` are the steps of earlier ones.

        Raises:
            TransientError: the database is away.
        """
        limits, ceilings = self._begun.agent.limits, self._begun.ceilings
        self._budget = Budget(
            limits,
            ceilings,
            model_name=self._model_name,
            price=await self._prices.of_model(self._model_name),
            spent=usage.spent_in(recorded),
            today=self._reserve if limits.is_by_day or ceilings.is_by_day else None,
        )
        return self._budget

    async def total(self) -> Spent:
        """What the turn spent so far, also when this attempt ended before it could ask anything.

        Raises:
            TransientError: the database is away.
        """
        if self._budget is not None:
            return Spent(model=self._model_name, usage=self._budget.total)
        if self._begun.attempt == 1:
            return Spent(model=self._model_name, usage=NOTHING)
        async with self._database.connection() as connection:
            recorded = await turns.steps_of(connection, self._begun.claim)
        return Spent(model=self._model_name, usage=total_of(usage.spent_in(recorded)))

    async def keep(self, log: TurnLog) -> None:
        """Write down what this attempt wasted, for the next one to count. While the database is away it is forgotten.

        Raises:
            ClaimLostError: another worker answers this message now.
        """
        if self._budget is None or self._budget.wasted == NOTHING:
            return
        log.note(usage.waste_step(self._begun.attempt), msgspec.json.encode(self._budget.wasted))
        try:
            await log.flush()
        except TransientError:
            return

    async def settle(self) -> None:
        """Until its next attempt the turn holds of the day's limits only what it has spent. Trouble is passed over."""
        if self._budget is None or not self._has_reserved:
            return
        try:
            async with self._database.connection() as connection:
                await self._hold(connection, self._budget.total)
        except TransientError:
            return

    async def _reserve(self, decide: DecideReservation) -> None:
        agent = self._begun.agent
        async with self._database.transaction() as connection:
            await reservations.take_turns(connection, organization_id=agent.organization_id)
            spent = await usage.today(connection, organization_id=agent.organization_id, agent_id=agent.id)
            held = await reservations.held_today(
                connection,
                organization_id=agent.organization_id,
                agent_id=agent.id,
                but_for_message=self._begun.claim.message_id,
            )
            await self._hold(connection, decide(spent, held))
        self._has_reserved = True

    async def _hold(self, connection: Connection, held: Usage) -> None:
        await reservations.hold(
            connection,
            message_id=self._begun.claim.message_id,
            organization_id=self._begun.agent.organization_id,
            agent_id=self._begun.agent.id,
            usage=held,
        )
