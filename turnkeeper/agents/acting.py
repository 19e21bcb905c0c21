"""One call of a tool from a turn: allowed, written down before and after, and never made twice by a crash."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable
from uuid import UUID

from turnkeeper.agents.approval_policy import arguments_of, reason_to_ask
from turnkeeper.agents.model import ToolCall
from turnkeeper.agents.tool_reply import NoteFailure, ToolReply, error_reply, reply_of
from turnkeeper.agents.tools.tool import Tool, ToolContext, ToolOutput
from turnkeeper.core.agents import ApprovalPolicy
from turnkeeper.core.approvals import ApprovalQuestion, Decision, Question
from turnkeeper.core.effects import Effect, EffectState, KnownEffect, ToolKind
from turnkeeper.core.errors import OutcomeUnknownError, RefusedError, TransientError
from turnkeeper.core.files import Attachment
from turnkeeper.core.ids import new_id

T = TypeVar("T")

_NOT_JSON = "The arguments are not the JSON of an object. Mend them and call again."


class Steps(Protocol):
    """The recorded parts of a task. Different steps may be under way at the same time."""

    def is_done(self, name: str) -> bool:
        """Whether an earlier attempt recorded step `name`."""
        ...

    async def once(self, name: str, kind: type[T], call: Callable[[], Awaitable[T]]) -> T:
        """The value that step `name` was recorded with by an earlier attempt, else of `call`, recorded before return.

        `kind` is a dataclass of ours, kept in msgspec's encoding. What `call` raises is passed on, and not recorded.
        Everything that was noted before is written when `call` begins.

        Raises:
            ClaimLostError: another worker has this task.
        """
        ...


class EffectLog(Protocol):
    """What earlier attempts left behind of a turn's effects and questions, and the notes of this one."""

    def known(self, effect_id: UUID) -> KnownEffect | None:
        """What is known of an effect; None when it was never begun."""
        ...

    def decision(self, step: str, question: ApprovalQuestion, tries: int) -> Decision | None:
        """What became of a question that was asked; None when it never was. Its state may still be `waiting`."""
        ...

    def intend(self, effect: Effect) -> None:
        """Note that a call is about to be made; it is written before the next step runs."""
        ...

    def settle(self, effect_id: UUID, state: EffectState) -> None:
        """Note what is known of a call that was begun."""
        ...

    async def confirm(self) -> None:
        """Make sure that the intent written a moment ago is still this worker's to carry out.

        Raises:
            ClaimLostError: another worker has this task, and declared the outcome unknown.
            TransientError: it cannot be told now.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """What the person said while the turn waited or ran."""

    text: str
    attachments: tuple[Attachment, ...] = ()


class Joining(Protocol):
    """Messages of the person that become a part of the turn."""

    async def before(self, model_call: int, *, is_recorded: bool) -> tuple[Joined, ...]:
        """What was said before this call of the model: 1, 2, 3 …; the same at every attempt once the call is recorded.

        Raises:
            ClaimLostError: another worker has this task.
            TransientError: the database or the file storage is away.
        """
        ...


class NobodyJoins:
    """The turn is about one message."""

    async def before(self, model_call: int, *, is_recorded: bool) -> tuple[Joined, ...]:  # noqa: ARG002 - the Protocol's
        """Nothing."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """What earlier attempts at a turn left behind, and where this one writes."""

    steps: Steps
    effects: EffectLog
    joining: Joining = field(default_factory=NobodyJoins)


@runtime_checkable
class Verifiable(Protocol):
    """A tool of the kind `at_most_once` that can find out what became of a call."""

    async def verify(self, arguments: str, context: ToolContext) -> ToolOutput | None:
        """What the call came to if it happened; None if it certainly did not.

        Raises:
            OutcomeUnknownError: it cannot be told; a person is asked.
            TransientError: try again later.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """A call as the turn wants it made. `step` is its name in the records."""

    step: str
    tool: Tool
    kind: ToolKind
    call: ToolCall
    context: ToolContext


class Acting:
    """Makes the calls of one attempt at a turn."""

    def __init__(self, policy: ApprovalPolicy, records: Records, note_failure: NoteFailure) -> None:
        self._policy = policy
        self._steps = records.steps
        self._effects = records.effects
        self._note_failure = note_failure

    async def perform(self, act: Act, told: Callable[[ToolReply], None]) -> ToolReply | Question:
        """Make the call, or give back what it came to before, or say what a person must decide first.

        `told` hears the reply when it is new. A call of a kind other than `pure` is written down before it is made.

        Raises:
            RefusedError: code `approval_expired`: nobody decided in time, and the policy ends the turn then.
            TransientError: something that the tool needs is away for now.
        """
        if self._steps.is_done(act.step):
            return await self._steps.once(act.step, ToolReply, partial(self._run, act))
        barrier = await self._barrier(act)
        if isinstance(barrier, Question):
            return barrier
        try:
            reply = await self._steps.once(act.step, ToolReply, partial(self._reply, act, barrier, told))
        except OutcomeUnknownError as error:
            self._effects.settle(act.context.effect_id, "unknown")
            return self._ask_for_outcome(act, self._tries(act), error.message)
        return reply

    def was_begun(self, step: str, effect_id: UUID) -> bool:
        """Whether an earlier attempt made this call, or asked a person about it."""
        return self._effects.known(effect_id) is not None or self._effects.decision(step, "call", 0) is not None

    async def _reply(self, act: Act, given: ToolReply | None, told: Callable[[ToolReply], None]) -> ToolReply:
        reply = given or await self._run(act)
        told(reply)
        return reply

    async def _run(self, act: Act) -> ToolReply:
        effect_id = act.context.effect_id
        try:
            if act.kind == "at_most_once":
                await self._effects.confirm()
            reply = await reply_of(act.tool, act.call, act.context, self._note_failure, kind=act.kind)
        except TransientError:
            if act.kind == "at_most_once":  # its contract: nothing was done
                self._effects.settle(effect_id, "failed")
            raise
        if act.kind != "pure":
            self._effects.settle(effect_id, "done" if reply.outcome == "completed" else "failed")
        return reply

    async def _barrier(self, act: Act) -> ToolReply | Question | None:
        """What stands before the call: a question to a person, or a reply that makes it needless; None for nothing."""
        arguments = arguments_of(act.call.arguments)
        if arguments is None and (act.kind != "pure" or self._policy.rules):
            return error_reply(_NOT_JSON)  # neither the policy nor a person could judge it
        reason = reason_to_ask(self._policy, tool=act.call.tool, kind=act.kind, arguments=arguments or {})
        if reason is not None:
            barrier = self._permission(act, reason)
            if barrier is not None:
                return barrier
        if act.kind == "pure":
            return None
        barrier = await self._unknown_outcome(act)
        if barrier is None:
            self._effects.intend(self._effect(act))
        return barrier

    def _permission(self, act: Act, reason: str) -> ToolReply | Question | None:
        decision = self._effects.decision(act.step, "call", 0)
        if decision is None or decision.state == "waiting":
            return self._question(act, "call", 0, reason, decision)
        return self._verdict(act, decision, "denied this call")

    async def _unknown_outcome(self, act: Act) -> ToolReply | Question | None:
        """A call that may happen at most once and was begun before is made again only when a person says so."""
        known = self._effects.known(act.context.effect_id)
        if act.kind != "at_most_once" or known is None or known.state not in {"intended", "unknown"}:
            return None
        decision = self._effects.decision(act.step, "outcome", known.tries)
        if decision is None and isinstance(act.tool, Verifiable):
            try:
                output = await act.tool.verify(act.call.arguments, act.context)
            except OutcomeUnknownError:
                pass
            else:
                return self._verified(act, output)
        if decision is None or decision.state == "waiting":
            self._effects.settle(act.context.effect_id, "unknown")
            why = "The process that made the call ended before its outcome was written down."
            return self._ask_for_outcome(act, known.tries, why)
        return self._verdict(act, decision, "decided that this call, whose outcome is unknown, is not made again")

    def _verified(self, act: Act, output: ToolOutput | None) -> ToolReply | None:
        if output is None:
            return None
        self._effects.settle(act.context.effect_id, "done")
        return ToolReply(outcome="completed", output=output.text, passages=output.passages)

    def _verdict(self, act: Act, decision: Decision, words: str) -> ToolReply | None:
        match decision.state:
            case "approved":
                return None
            case "expired":
                if self._policy.on_expiry == "fail":
                    sentence = (
                        f"Nobody decided in time whether {act.call.tool!r} may be called, so the turn was given up."
                    )
                    raise RefusedError(act.call.tool, sentence, code="approval_expired")
                return error_reply("Nobody decided in time whether this call may be made, so it was not made.")
            case _:
                note = f" They wrote: {decision.note}" if decision.note else ""
                return error_reply(f"A person {words}.{note}")

    def _ask_for_outcome(self, act: Act, tries: int, why: str) -> Question:
        decision = self._effects.decision(act.step, "outcome", tries)
        reason = (
            f"{why} {act.call.tool!r} may or may not have happened, and must not happen twice. Find out, then approve to "
            "have it called again, or deny and write what you found."
        )
        return self._question(act, "outcome", tries, reason, decision)

    def _question(
        self, act: Act, question: ApprovalQuestion, tries: int, reason: str, asked: Decision | None
    ) -> Question:
        return Question(
            id=new_id() if asked is None else asked.id,
            step=act.step,
            call_id=act.call.call_id,
            tool=act.call.tool,
            arguments=act.call.arguments,
            question=question,
            tries=tries,
            reason=reason,
            # An unknown outcome is not made known by waiting: it is asked until somebody looks.
            expires_after_seconds=self._policy.expires_after_seconds if question == "call" else None,
            is_new=asked is None,
        )

    def _effect(self, act: Act) -> Effect:
        return Effect(
            id=act.context.effect_id,
            step=act.step,
            call_id=act.call.call_id,
            tool=act.call.tool,
            kind=act.kind,
            arguments=act.call.arguments,
            tries=self._tries(act) + 1,
        )

    def _tries(self, act: Act) -> int:
        known = self._effects.known(act.context.effect_id)
        return 0 if known is None else known.tries
