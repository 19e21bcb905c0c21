"""Effects and decisions in memory: obeys the contract of `acting.EffectLog`."""

from dataclasses import replace
from uuid import UUID

from turnkeeper.core.approvals import ApprovalQuestion, Decision, Question, Verdict
from turnkeeper.core.effects import Effect, EffectState, KnownEffect


class MemoryEffects:
    """Keeps what was intended and settled, and answers with the decisions that a test makes."""

    def __init__(self) -> None:
        self.effects: dict[UUID, KnownEffect] = {}
        self.intended: list[Effect] = []
        self.decisions: dict[tuple[str, ApprovalQuestion, int], Decision] = {}
        self.loss: Exception | None = None
        """What `confirm` finds out."""

    def decide(self, question: Question, verdict: Verdict, note: str | None = None) -> None:
        """Answer a question, for the next attempt."""
        asked = (question.step, question.question, question.tries)
        self.decisions[asked] = Decision(id=question.id, state=verdict, note=note)

    def known(self, effect_id: UUID) -> KnownEffect | None:
        """What is known of it."""
        return self.effects.get(effect_id)

    def decision(self, step: str, question: ApprovalQuestion, tries: int) -> Decision | None:
        """What the test decided."""
        return self.decisions.get((step, question, tries))

    def intend(self, effect: Effect) -> None:
        """Keep it."""
        self.intended.append(effect)
        self.effects[effect.id] = KnownEffect(state="intended", tries=effect.tries)

    def settle(self, effect_id: UUID, state: EffectState) -> None:
        """Keep it."""
        self.effects[effect_id] = replace(self.effects[effect_id], state=state)

    async def confirm(self) -> None:
        """Tell of the loss, if there is one."""
        if self.loss is not None:
            raise self.loss
