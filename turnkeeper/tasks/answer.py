"""The task `answer`: one message is answered, once, whatever happens to the worker on the way."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol, assert_never
from uuid import UUID

from turnkeeper.agents.acting import Records
from turnkeeper.agents.budget import Budget
from turnkeeper.agents.prices import Prices
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.showing import NO_FILES
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.agents.tools.read_attachment import READ_ATTACHMENT
from turnkeeper.agents.turn import TurnRequest, run_turn
from turnkeeper.core.approvals import Decision, Waits
from turnkeeper.core.effects import KnownEffect
from turnkeeper.core.errors import CallerError, ClaimLostError, TransientError, UpstreamError
from turnkeeper.core.events import Answer
from turnkeeper.core.limits import capped
from turnkeeper.core.turns import TurnEnd
from turnkeeper.core.usage import NOTHING, Spent
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.engine.steps import Steps
from turnkeeper.store import approvals, effects, joining, turns
from turnkeeper.store.approvals import Asked
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.joining import JoinedMessage
from turnkeeper.store.turns import Begun, Parked, Waiting
from turnkeeper.tasks.citations import with_checked_citations
from turnkeeper.tasks.joining import TurnJoining
from turnkeeper.tasks.recall import Recalled, recall
from turnkeeper.tasks.remember import ask_to_remember
from turnkeeper.tasks.spending import Spending
from turnkeeper.tasks.turn_effects import TurnEffects
from turnkeeper.tasks.turn_files import TurnFiles
from turnkeeper.tasks.turn_log import TurnLog

MOST_ATTEMPTS = 7
"""Attempts at one message before a transient failure is final; with the waits between them, about half a minute."""
MOST_ATTEMPTS_AT_A_BUG = 3
MOST_STARTS = 20
"""However often a turn is cut short by the death of its worker: after so many starts it is the turn that kills."""
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 60.0
_WAIT_FOR_EARLIER_SECONDS = 0.5

_log = logging.getLogger(__name__)


class TurnObserver(Protocol):
    """Who is told of each attempt's end."""

    def turn_ended(self, end: TurnEnd) -> None:
        """Count it and log it; must not fail."""
        ...


class AnswerMessage:
    """Answers messages with the models of a registry and the tools of a toolbox."""

    def __init__(  # noqa: PLR0913 - its rooms, each of another kind
        self,
        database: Database,
        changes: Changes,
        registry: Registry,
        toolbox: Toolbox,
        observer: TurnObserver,
        *,
        prices: Prices | None = None,
        files: TurnFiles | None = None,
    ) -> None:
        """Without `prices` only those of the server's own list are known; without `files` there are no attachments."""
        self._files = files
        self._prices = prices or Prices()
        self._database = database
        self._changes = changes
        self._registry = registry
        self._toolbox = toolbox
        self._observer = observer

    async def __call__(self, message_id: int, request_id: str | None = None) -> None:
        """Answer this message, unless it is answered already. `request_id` is of the request that brought it.

        Raises:
            RetryLaterError: it is to be tried again after a while.
        """
        async with self._database.connection() as connection:
            begun = await turns.begin(connection, message_id=message_id)
            if isinstance(begun, Waiting):
                await approvals.defer_again(connection, message_id=message_id, seconds=_WAIT_FOR_EARLIER_SECONDS)
        match begun:
            case None | Waiting():
                return
            case Parked():
                return  # the decision that it waits for brings a new task
            case Begun():
                await self._answer(begun, request_id)

    async def _answer(self, begun: Begun, request_id: str | None) -> None:
        started = time.monotonic()
        self._changes.begun(begun.claim.conversation_id, begun.message_public_id)
        is_again = begun.attempt > 1
        log = TurnLog(
            self._database,
            begun.claim,
            self._changes,
            message=begun.message_public_id,
            has_effects=is_again,
            has_joined=is_again and begun.joining > begun.first_event,
        )
        model_name = self._registry.model_name(begun.agent.model)
        spending = Spending(self._database, self._prices, begun, model_name=model_name)
        outcome = await self._attempt(begun, log, spending)
        spent: Spent | None = None
        try:
            spent = await _write(outcome, log, spending)
        except ClaimLostError:
            outcome = _Lost()
        end = _end_of(begun, outcome, request_id=request_id, ran_seconds=time.monotonic() - started)
        self._observer.turn_ended(end if spent is None else replace(end, usage=spent.usage))
        if isinstance(outcome, _Again):
            raise RetryLaterError(outcome.seconds)

    async def _attempt(self, begun: Begun, log: TurnLog, spending: Spending) -> "_Outcome":
        """Try to answer; whatever goes wrong becomes a decision."""
        if begun.setbacks >= MOST_STARTS:
            return _Failure(code="internal", reason=_GAVE_UP)
        try:
            return await self._run(begun, log, spending)
        except Exception as error:  # noqa: BLE001 - a bug, ours or a plug-in's, must not leave a message without an end
            return _decide(error, begun)

    async def _run(self, begun: Begun, log: TurnLog, spending: Spending) -> Answer | Waits:
        """One attempt; the log is written alongside, and when that fails, or the claim is lost, the turn stops."""
        past = await self._past(begun)
        model = await self._registry.model(begun.agent.model, begun.agent.organization_id)
        opened = None if self._files is None else self._files.of(begun, model.takes)
        request = self._request(begun, past.recalled, await spending.open(past.steps), log.began)
        if opened is not None:
            files, history = await opened.opening(request.history)
            request = replace(request, files=files, history=history)
        also = () if request.files == NO_FILES else (READ_ATTACHMENT,)
        records = Records(
            steps=Steps(past.steps, log),
            effects=TurnEffects(past.effects, past.decisions, log),
            joining=TurnJoining(begun, log, opened, past.joined),
        )
        try:
            async with self._toolbox.opened(begun.agent, also) as tools, asyncio.TaskGroup() as group:
                alongside = [group.create_task(log.write_regularly()), group.create_task(log.stop_when_lost())]
                request = replace(request, absent_tools=tools.absent) if tools.absent else request
                answer = await run_turn(request, model=model, tools=tools.tools, records=records, emit=log.emit)
                for task in alongside:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        return await self._finished(begun, past, answer) if isinstance(answer, Answer) else answer

    async def _past(self, begun: Begun) -> "_Past":
        """Earlier turns, and what earlier attempts left behind; most turns have neither and ask nothing."""
        past, talk_id, message_id = _Past(), begun.claim.conversation_id, begun.claim.message_id
        if begun.first_event == 1 and begun.attempt == 1:
            return past
        async with self._database.connection() as connection:
            if begun.first_event > 1:
                recalled = await recall(connection, begun.agent, conversation_id=talk_id, before=message_id)
                past = replace(past, recalled=recalled)
            if begun.attempt > 1:
                past = replace(
                    past,
                    steps=await turns.steps_of(connection, begun.claim),
                    effects=await effects.of_message(connection, message_id=message_id),
                    decisions=await approvals.of_message(connection, message_id=message_id),
                )
            if begun.attempt > 1 and begun.joining > begun.first_event:
                past = replace(past, joined=await joining.taken_by(connection, message_id=message_id))
        return past

    async def _finished(self, begun: Begun, past: "_Past", answer: Answer) -> Answer:
        """The answer as it is kept: its citations checked, and a summary of the conversation asked for when it is due."""
        await ask_to_remember(
            self._database,
            begun.agent,
            conversation_id=begun.claim.conversation_id,
            recalled=past.recalled,
            added=begun.text + answer.text,
        )
        return await with_checked_citations(self._database, begun.data_set_id, answer)

    def _request(self, begun: Begun, recalled: Recalled, budget: Budget, began: float) -> TurnRequest:
        return TurnRequest(
            agent=begun.agent,
            message_id=begun.claim.message_id,
            message_public_id=begun.message_public_id,
            conversation_id=begun.claim.conversation_id,
            account_id=begun.account_id,
            model_name=self._registry.model_name(begun.agent.model),
            instructions=begun.agent.instructions,
            history=recalled.turns,
            summary=recalled.summary,
            question=begun.text,
            data_set_id=begun.data_set_id,
            ask_mode=begun.mode == "ask",
            limits=capped(begun.agent.limits, begun.ceilings),
            budget=budget,
            today=datetime.now(UTC).date(),
            began=began,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Past:
    """What was before this attempt."""

    recalled: Recalled = field(default_factory=Recalled)
    steps: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    effects: Mapping[UUID, KnownEffect] = field(default_factory=dict[UUID, KnownEffect])
    decisions: Mapping[Asked, Decision] = field(default_factory=dict[Asked, Decision])
    joined: Mapping[int, tuple[JoinedMessage, ...]] = field(default_factory=dict[int, tuple[JoinedMessage, ...]])


_GAVE_UP = "The answer could not be given because of an error inside the server. The operator finds it in the log."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Failure:
    code: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Again:
    code: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lost:
    """Another worker has the message now."""


_Outcome = Answer | Waits | _Failure | _Again | _Lost


async def _write(outcome: _Outcome, log: TurnLog, spending: Spending) -> Spent | None:
    """Write what an attempt came to, with what the whole turn spent if that was its end.

    Raises:
        ClaimLostError: another worker answers the message now.
        TransientError: the database stays away.
    """
    match outcome:
        case Answer():
            spent = await spending.total()
            await log.complete(outcome, spent)
            return spent
        case _Failure():
            spent = await spending.total()
            await log.fail(code=outcome.code, reason=outcome.reason, spent=spent)
            return spent
        case Waits():
            await log.park(outcome)
            await spending.settle()
        case _Again():
            await spending.keep(log)
            await spending.settle()
        case _Lost():
            pass
        case _:
            assert_never(outcome)
    return None


def _decide(error: Exception, begun: Begun) -> "_Outcome":
    """What becomes of a message whose turn ended with an error."""
    match error:
        case ClaimLostError():
            return _Lost()
        case TransientError():
            code, reason, most_attempts, retry_after = error.code, error.message, MOST_ATTEMPTS, error.retry_after
        case UpstreamError() | CallerError():
            return _Failure(code=error.code, reason=error.message)
        case _:
            _log.error("a turn failed unexpectedly", extra={"message_id": begun.claim.message_id}, exc_info=error)
            code, reason, most_attempts, retry_after = "internal", _GAVE_UP, MOST_ATTEMPTS_AT_A_BUG, None
    attempt = begun.setbacks + 1
    if attempt < most_attempts:
        return _Again(code=code, seconds=_wait(attempt, retry_after))
    return _Failure(code=code, reason=reason)


def _end_of(begun: Begun, outcome: _Outcome, *, request_id: str | None, ran_seconds: float) -> TurnEnd:
    match outcome:
        case Answer():
            word, code = "completed", None
        case _Failure():
            word, code = "failed", outcome.code
        case Waits():
            word, code = "parked", None
        case _Again():
            word, code = "retried", outcome.code
        case _Lost():
            word, code = "lost", None
        case _:
            assert_never(outcome)
    return TurnEnd(
        message_id=begun.claim.message_id,
        conversation_id=begun.claim.conversation_id,
        request_id=request_id,
        outcome=word,
        code=code,
        attempt=begun.attempt,
        waited_seconds=begun.waited_seconds,
        ran_seconds=ran_seconds,
        usage=NOTHING,
    )


def _wait(attempt: int, retry_after: float | None) -> float:
    """Seconds before the next attempt: doubling, a little random, not before what the other side asked for."""
    doubling = _FIRST_WAIT_SECONDS * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
    return min(max(doubling, retry_after or 0.0), _LONGEST_WAIT_SECONDS)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the turn, out of the groups that task groups make of it."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType]
