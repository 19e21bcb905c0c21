"""One turn: ask the model, call the tools it wants, ask again, until there is an answer."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import assert_never
from uuid import UUID, uuid5

from turnkeeper.agents.acting import Act, Acting, Records
from turnkeeper.agents.attachments import check_readable, with_files
from turnkeeper.agents.budget import Budget, ModelCall
from turnkeeper.agents.citations import citations_for
from turnkeeper.agents.model import (
    AssistantMessage,
    Finished,
    FinishReason,
    LanguageModel,
    ModelMessage,
    ModelRequest,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from turnkeeper.agents.prompt import LAST_CALL_INSTRUCTIONS, instructions_for, opening_messages
from turnkeeper.agents.showing import NO_FILES, TalkFiles
from turnkeeper.agents.tool_reply import NoteFailure, ToolReply, error_reply, found_passages, log_failure
from turnkeeper.agents.tools.absent import notice_of, why_absent
from turnkeeper.agents.tools.search_documents import MOST_PASSAGES, SEARCH_DOCUMENTS
from turnkeeper.agents.tools.tool import Tool, ToolContext, kind_of_call
from turnkeeper.core.agents import Agent, Limits
from turnkeeper.core.approvals import Question, Waits
from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.errors import RefusedError, TransientError
from turnkeeper.core.events import (
    Answer,
    ModelAsked,
    ModelReturned,
    TextAdded,
    ThinkingAdded,
    Timing,
    ToolCalled,
    ToolReturned,
    TurnEvent,
)
from turnkeeper.core.history import HistoryTurn
from turnkeeper.core.usage import NOTHING, Usage

PARALLEL_TOOL_CALLS = 8

MARKS_A_CALL = MOST_PASSAGES
"""Numbers set aside for the passages of one tool call: marks stay unique in a turn, and the same when it is replayed,
although calls run in parallel. A tool that returns more passages can have only the first of them cited."""

EMPTY_ANSWERS = 2
"""After so many replies without text or tool calls the model has nothing to say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnRequest:
    """All that a turn needs to know. `history` is oldest first; `ask_mode` allows only tools that change nothing."""

    agent: Agent
    message_id: int
    message_public_id: UUID
    """The effects of the turn take their ids from it."""
    conversation_id: int
    account_id: int
    model_name: str
    instructions: str | None
    history: tuple[HistoryTurn, ...]
    question: str
    data_set_id: int | None
    ask_mode: bool
    limits: Limits
    budget: Budget | None = None
    """Counts what is spent, and holds the turn to limits; without one there are only those of `limits`."""
    today: date | None = None
    absent_tools: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why tools are missing for now that the agent should have; see `tools.absent`."""
    summary: str | None = None
    """Of the turns before `history`, where the agent keeps one."""
    files: TalkFiles = NO_FILES
    began: float = field(default_factory=time.monotonic)
    """The moment of `time.monotonic()` from which the times of the turn's parts are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelReply:
    """What one call of a model came to, as it is recorded."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage
    model: str
    reason: FinishReason
    citations: tuple[Citation, ...]
    carried: str | None = None


async def run_turn(
    request: TurnRequest,
    *,
    model: LanguageModel,
    tools: Sequence[Tool],
    records: Records,
    emit: Callable[[TurnEvent], None],
    note_failure: NoteFailure = log_failure,
) -> Answer | Waits:
    """Answer the question, or come to a point where a person must decide first.

    Every call of the model (`model:1`, `model:2` …) and of a tool (`tool:1:<call id>` …) is a step, and events are
    emitted only while a step really runs: a replayed step is silent. The text of the answer is that of the last model
    call; what the model said before it called tools was emitted under the number of that call. A turn that waits is run
    again, with the same request, when one of its questions is decided: what is done stays done.

    Raises:
        TransientError: the model or a tool's helper is away for now; steps that are done stay done.
        RefusedError: there will be no answer; `code` is `limit_reached`, `empty_answer`, `content_filtered`,
            `unreadable_file` or the model's.
        ClaimLostError: another worker has this task.
    """
    acting = Acting(request.agent.settings.approvals, records, note_failure)
    turn = _Turn(request, model=model, tools=tools, records=records, acting=acting, emit=emit)
    deadline = asyncio.timeout(request.limits.seconds)
    try:
        async with deadline:
            return await turn.run()
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise turn.budget.why_no_time() from error


class _Turn:
    """The state of one turn: the talk so far, and the passages it found."""

    def __init__(
        self,
        request: TurnRequest,
        *,
        model: LanguageModel,
        tools: Sequence[Tool],
        records: Records,
        acting: Acting,
        emit: Callable[[TurnEvent], None],
    ) -> None:
        self._request = request
        self.budget = request.budget or Budget(request.limits, model_name=request.model_name)
        self._model = model
        self._steps = records.steps
        self._joining = records.joining
        self._emit = emit
        self._acting = acting
        self._all_tools = {tool.spec.name: tool for tool in tools}
        self._tools = {
            name: tool for name, tool in self._all_tools.items() if tool.kind == "pure" or not request.ask_mode
        }
        self._instructions = instructions_for(
            request.instructions,
            searches=request.data_set_id is not None and SEARCH_DOCUMENTS in self._tools,
            today=request.today,
            notice=notice_of(request.absent_tools),
            summary=request.summary,
        )
        self._messages: tuple[ModelMessage, ...] = ()
        self._call_ids: set[str] = set()
        self._beyond_limit: set[str] = set()
        self._passages: dict[int, Passage] = {}
        self._parallel = asyncio.Semaphore(PARALLEL_TOOL_CALLS)

    async def run(self) -> Answer | Waits:
        empty = 0
        for number in range(1, self._request.limits.model_calls + 1):
            await self._hear(number)
            reply = await self._steps.once(f"model:{number}", ModelReply, partial(self._ask, number))
            self.budget.spent(f"model:{number}", reply.usage)
            if reply.tool_calls:
                waits = await self._answer_calls(number, reply)
                if waits is not None:
                    return waits
            elif reply.text.strip():
                return self._answer(reply)
            else:
                empty += 1
                if empty == EMPTY_ANSWERS and not self._beyond_limit:
                    raise self._refused("The model gave an empty answer, twice.", code="empty_answer")
                if empty == EMPTY_ANSWERS:
                    break
        raise self.budget.why_no_call()

    async def _hear(self, number: int) -> None:
        """Take in what the person has said until this call of the model; before the first one it is one question."""
        joined = await self._joining.before(number, is_recorded=self._steps.is_done(f"model:{number}"))
        if number > 1:
            for one in joined:
                said = UserMessage(text=one.text)
                said = with_files(said, TalkFiles(attachments=one.attachments), self._model.takes)
                self._messages = (*self._messages, said)
            return
        request = self._request
        question = "\n\n".join([request.question, *(one.text for one in joined)])
        attachments = (*request.files.attachments, *(file for one in joined for file in one.attachments))
        check_readable(attachments, self._model.takes, request.model_name)
        files = replace(request.files, attachments=attachments)
        tokens = request.limits.history_tokens
        self._messages = opening_messages(
            request.history, question, history_tokens=tokens, files=files, takes=self._model.takes
        )

    async def _ask(self, number: int) -> ModelReply:
        """Call the model within the budget, telling of each piece of its reply as it comes."""
        last = number >= self._request.limits.model_calls or self.budget.is_out_of_tool_calls
        request = self._model_request(last=last)
        allowance = await self.budget.reserve_model_call(request)
        if allowance.is_last and not last:
            last, request = True, self._model_request(last=True)
        if request.max_output_tokens != allowance.output_tokens:
            request = replace(request, max_output_tokens=allowance.output_tokens)
        with self.budget.model_call() as call:
            reply = await self._reply(number, request, call)
            # Calls that were not on offer are dropped: there is no further model call that could read the results.
            calls = () if last else self._with_unique_ids(number, reply.tool_calls)
            kept = reply if calls == reply.tool_calls else replace(reply, tool_calls=calls)
            return self._finish(number, kept, limit=allowance.limit)

    async def _reply(self, number: int, request: ModelRequest, call: ModelCall) -> ModelReply:
        """What the model says to this request, whole."""
        pieces: list[str] = []
        calls: list[ToolCall] = []
        finished: Finished | None = None
        began, first = self._now(), None
        async with aclosing(self._model.stream(request)) as deltas:
            async for delta in deltas:
                call.heard()
                first = self._now() if first is None else first
                match delta:
                    case TextDelta():
                        text = _storable(delta.text)
                        pieces.append(text)
                        self._emit(TextAdded(text=text, model_call=number))
                    case ThinkingDelta():
                        self._emit(ThinkingAdded(text=_storable(delta.text), model_call=number))
                    case ToolCall():
                        calls.append(replace(delta, arguments=_storable(delta.arguments)))
                    case Finished():
                        finished = delta
                    case _:
                        assert_never(delta)
        if finished is None:
            raise TransientError(self._request.model_name, "The model's reply broke off before its end.")
        usage = call.finished(finished.usage, reported=finished.model)
        if usage != NOTHING:
            model = finished.model or self._request.model_name
            timing = Timing(began_ms=began, first_ms=first, ended_ms=self._now())
            asked = _asked(request, finished.reason)
            self._emit(ModelReturned(model_call=number, model=model, usage=usage, timing=timing, asked=asked))
        return ModelReply(
            text="".join(pieces),
            tool_calls=tuple(calls),
            usage=usage,
            model=finished.model,
            reason=finished.reason,
            citations=finished.citations,
            carried=finished.carried,
        )

    def _finish(self, number: int, reply: ModelReply, *, limit: str) -> ModelReply:
        """Tell how the reply ended: cut at `limit`, withheld, or with calls of tools."""
        if reply.reason == "content_filter":
            raise self._refused("The provider's content filter withheld the model's answer.", code="content_filtered")
        if reply.reason == "length" and not reply.tool_calls:
            if not reply.text.strip():
                raise self._refused(f"The model reached {limit} without an answer.", code="limit_reached")
            notice = f"\n\n[The answer is cut here: the model reached {limit}.]"
            self._emit(TextAdded(text=notice, model_call=number))
            return replace(reply, text=reply.text + notice)
        for call in reply.tool_calls:
            self._emit(ToolCalled(call_id=call.call_id, tool=call.tool, input=call.arguments))
        return reply

    async def _answer_calls(self, number: int, reply: ModelReply) -> Waits | None:
        """Run the tools that the model asked for, side by side; their answers join the talk in the model's order.

        When some must wait for a person, the others are finished first.
        """
        first_marks = [1 + MARKS_A_CALL * (len(self._call_ids) + place) for place in range(len(reply.tool_calls))]
        self._call_ids.update(call.call_id for call in reply.tool_calls)
        self._beyond_limit.update(call.call_id for call in reply.tool_calls if not self.budget.before_tool_call())
        running = [
            asyncio.create_task(self._answer_call(number, call, first_mark))
            for call, first_mark in zip(reply.tool_calls, first_marks, strict=True)
        ]
        try:
            answers = await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        questions = tuple(answer for answer in answers if isinstance(answer, Question))
        if questions:
            return Waits(questions=questions)
        messages = [answer for answer in answers if isinstance(answer, ToolMessage)]
        for answer in messages:
            self._passages.update(enumerate(answer.passages[:MARKS_A_CALL], answer.first_mark))
        self._messages = (
            *self._messages,
            AssistantMessage(text=reply.text, tool_calls=reply.tool_calls, carried=reply.carried),
            *messages,
        )
        return None

    async def _answer_call(self, number: int, call: ToolCall, first_mark: int) -> ToolMessage | Question:
        async with self._parallel:
            reply = await self._call_tool(f"tool:{number}:{call.call_id}", call, first_mark)
        if isinstance(reply, Question):
            return reply
        return ToolMessage(
            call_id=call.call_id,
            tool=call.tool,
            content=reply.output,
            failed=reply.outcome == "error",
            passages=reply.passages,
            first_mark=first_mark,
        )

    async def _call_tool(self, step: str, call: ToolCall, first_mark: int) -> ToolReply | Question:
        tool = self._tools.get(call.tool)
        told = partial(self._tell, call, (self._now(), first_mark))
        context = self._context(step, first_mark)
        if tool is None:
            self._check_is_not_away(step, call.tool, context.effect_id)
        if tool is None or call.call_id in self._beyond_limit:

            async def refuse() -> ToolReply:
                reply = error_reply(self._why_not(call))
                told(reply)
                return reply

            return await self._steps.once(step, ToolReply, refuse)
        kind = kind_of_call(tool, call.arguments)
        return await self._acting.perform(Act(step=step, tool=tool, kind=kind, call=call, context=context), told)

    def _check_is_not_away(self, step: str, name: str, effect_id: UUID) -> None:
        """Let the turn be tried again later, when a call was begun or allowed that needs a tool that is missing for now."""
        why = why_absent(self._request.absent_tools, name)
        if why is not None and not self._steps.is_done(step) and self._acting.was_begun(step, effect_id):
            raise TransientError(name, why)

    def _tell(self, call: ToolCall, begun: tuple[int, int], reply: ToolReply) -> None:
        """Tell of a call that began at this time, and whose passages are numbered from there on."""
        began, first_mark = begun
        self._emit(
            ToolReturned(
                call_id=call.call_id,
                tool=call.tool,
                outcome=reply.outcome,
                output=reply.output,
                timing=Timing(began_ms=began, ended_ms=self._now()),
                passages=found_passages(reply.passages[:MARKS_A_CALL], first_mark),
            )
        )

    def _now(self) -> int:
        return round((time.monotonic() - self._request.began) * 1000)

    def _context(self, step: str, first_mark: int) -> ToolContext:
        return ToolContext(
            organization_id=self._request.agent.organization_id,
            account_id=self._request.account_id,
            conversation_id=self._request.conversation_id,
            message_id=self._request.message_id,
            data_set_id=self._request.data_set_id,
            first_mark=first_mark,
            effect_id=uuid5(self._request.message_public_id, step),
        )

    def _why_not(self, call: ToolCall) -> str:
        name = call.tool
        if call.call_id in self._beyond_limit:
            return self.budget.why_no_tool()
        if name in self._all_tools:
            return f"The tool {name!r} may change something outside, and this conversation is in ask mode."
        why = why_absent(self._request.absent_tools, name)
        if why is not None:
            return why
        known = ", ".join(sorted(self._tools)) or "none"
        return f"There is no tool {name!r}. The tools that can be called: {known}."

    def _answer(self, reply: ModelReply) -> Answer:
        return Answer(
            text=reply.text,
            model=reply.model or self._request.model_name,
            usage=self.budget.total,
            citations=reply.citations or citations_for(reply.text, self._passages),
        )

    def _model_request(self, *, last: bool) -> ModelRequest:
        instructions = self._instructions
        if last and self._call_ids:
            instructions = f"{instructions}\n\n{LAST_CALL_INSTRUCTIONS}"
        return ModelRequest(
            instructions=instructions,
            messages=self._messages,
            tools=() if last else tuple(tool.spec for tool in self._tools.values()),
            max_output_tokens=self._request.limits.output_tokens,
        )

    def _with_unique_ids(self, number: int, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """The calls, each under an id that no other call of the turn has: some servers leave ids out or repeat them."""
        unique: list[ToolCall] = []
        taken = set(self._call_ids)
        for place, call in enumerate(calls, 1):
            call_id = call.call_id
            if not call_id or call_id in taken:
                call_id = f"{call_id or 'call'}-{number}.{place}"
            taken.add(call_id)
            unique.append(replace(call, call_id=call_id))
        return tuple(unique)

    def _refused(self, sentence: str, *, code: str) -> RefusedError:
        return RefusedError(self._request.model_name, sentence, code=code)


def _asked(request: ModelRequest, reason: FinishReason) -> ModelAsked:
    return ModelAsked(
        messages=len(request.messages),
        tools=len(request.tools),
        max_output_tokens=request.max_output_tokens,
        finish_reason=reason,
    )


def _storable(text: str) -> str:
    """The text without NUL characters, which PostgreSQL cannot hold."""
    return text.replace("\0", "") if "\0" in text else text
