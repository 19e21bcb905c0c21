"""What a turn spends, over all its attempts: opened with what earlier ones took, counted at the end, whatever the end is."""

from collections.abc import Mapping

import msgspec

from turnkeeper.agents.budget import Budget
from turnkeeper.agents.prices import Prices
from turnkeeper.core.errors import TransientError
from turnkeeper.core.usage import NOTHING, DaySpend, Spent, total_of
from turnkeeper.store import turns, usage
from turnkeeper.store.database import Database
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

    async def open(self, recorded: Mapping[str, bytes]) -> Budget:
        """The budget of this attempt; `recorded` are the steps of earlier ones.

        Raises:
            TransientError: the database is away.
        """
        limits, ceilings = self._begun.agent.limits, self._begun.ceilings
        today = await self._today() if limits.is_by_day or ceilings.is_by_day else None
        self._budget = Budget(
            limits,
            ceilings,
            model_name=self._model_name,
            price=await self._prices.of_model(self._model_name),
            spent=usage.spent_in(recorded),
            today=today,
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

    async def _today(self) -> DaySpend:
        agent = self._begun.agent
        async with self._database.connection() as connection:
            return await usage.today(connection, organization_id=agent.organization_id, agent_id=agent.id)
