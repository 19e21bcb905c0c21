"""What a turn did to the world and asked people, as one attempt knows it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from turnkeeper.core.approvals import ApprovalQuestion, Decision
from turnkeeper.core.effects import Effect, EffectState, KnownEffect
from turnkeeper.store.approvals import Asked
from turnkeeper.tasks.turn_log import TurnLog


class TurnEffects:
    """See `agents.acting.EffectLog`. `known` and `decisions` are of earlier attempts; notes go to the log."""

    def __init__(self, known: Mapping[UUID, KnownEffect], decisions: Mapping[Asked, Decision], log: TurnLog) -> None:
        self._known = dict(known)
        self._decisions = decisions
        self._log = log

    def known(self, effect_id: UUID) -> KnownEffect | None:
        """What is known of an effect, by now."""
        return self._known.get(effect_id)

    def decision(self, step: str, question: ApprovalQuestion, tries: int) -> Decision | None:
        """What became of a question, as of the start of this attempt."""
        return self._decisions.get((step, question, tries))

    def intend(self, effect: Effect) -> None:
        """Note that a call is about to be made."""
        self._known[effect.id] = KnownEffect(state="intended", tries=effect.tries)
        self._log.intend(effect)

    def settle(self, effect_id: UUID, state: EffectState) -> None:
        """Note what is known of a call."""
        self._known[effect_id] = replace(self._known[effect_id], state=state)
        self._log.settle(effect_id, state)

    async def confirm(self) -> None:
        """Make sure that this attempt may still act."""
        await self._log.confirm()
