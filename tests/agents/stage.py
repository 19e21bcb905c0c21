"""What a turn is tried with: tools, a shelf of passages, and a stage that runs turns and keeps what they leave behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tests.fakes.effects import MemoryEffects
from tests.fakes.scripted_model import Call, Reply, ScriptedModel
from tests.fakes.steps import MemorySteps
from tests.patience import PATIENCE
from turnkeeper.agents.acting import Records
from turnkeeper.agents.model import LanguageModel, ToolCall, ToolSpec
from turnkeeper.agents.tools.tool import Tool, ToolContext, ToolOutput, read_arguments
from turnkeeper.agents.turn import TurnRequest, run_turn
from turnkeeper.core.agents import Agent, AgentSettings, Limits
from turnkeeper.core.approvals import Question, Waits
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import (
    TurnkeeperError,
)
from turnkeeper.core.events import Answer, TextAdded, ToolReturned, TurnEvent
from turnkeeper.core.history import HistoryTurn
from turnkeeper.core.ids import new_id

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
BEACON = Passage(
    id=1,
    document_id=11,
    title="Beacon",
    address="beacon.md",
    start=100,
    end=162,
    text="The beacon is lit at dusk. It burns oil. Nobody guards it now.",
    score=1.0,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoArguments:
    text: str


class Echo:
    """A tool that gives back what it is told, or does what the text says."""

    def __init__(self, name: str = "echo", *, kind: ToolKind = "pure", raises: Exception | None = None) -> None:
        self.kind: ToolKind = kind
        self.spec = ToolSpec(name=name, description="Echo.", parameters={"type": "object"})
        self.seen: list[str] = []
        self._raises = raises

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        self.seen.append(arguments)
        text = read_arguments(arguments, EchoArguments).text
        if self._raises is not None:
            raise self._raises
        return ToolOutput(text=text)


class Meeting:
    """A tool whose calls end only when so many are under way at once; `most` is how many there ever were."""

    kind: ToolKind = "pure"
    spec = ToolSpec(name="meet", description="Meet.", parameters={"type": "object"})

    def __init__(self, guests: int) -> None:
        self._guests = guests
        self._complete = asyncio.Event()
        self._present = 0
        self.most = 0

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        self._present += 1
        self.most = max(self.most, self._present)
        if self._present == self._guests:
            self._complete.set()
        await self._complete.wait()
        self._present -= 1
        return ToolOutput(text=arguments)


class Shelf:
    """A search that always finds the same passages."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = passages

    async def search(self, data_set_id: int, question: str, limit: int) -> Sequence[Passage]:
        return self._passages[:limit]


def agent(settings: AgentSettings | None = None) -> Agent:
    return Agent(
        id=1,
        public_id=new_id(),
        organization_id=1,
        slug="keeper",
        name="Keeper",
        description=None,
        data_set_id=5,
        instructions=None,
        model=None,
        tools=(),
        limits=Limits(),
        settings=settings or AgentSettings(),
        instances_count=1,
        deployed_at=None,
        created_at=MOMENT,
        updated_at=MOMENT,
        deleted_at=None,
    )


@dataclass
class Stage:
    """A scripted model, and what a turn with it left behind."""

    server: ScriptedModel
    model: LanguageModel
    steps: MemorySteps = field(default_factory=MemorySteps)
    effects: MemoryEffects = field(default_factory=MemoryEffects)
    settings: AgentSettings = field(default_factory=AgentSettings)
    absent_tools: dict[str, str] = field(default_factory=dict[str, str])
    message: UUID = field(default_factory=new_id)
    events: list[TurnEvent] = field(default_factory=list[TurnEvent])
    broken: list[tuple[ToolCall, Exception]] = field(default_factory=list[tuple[ToolCall, Exception]])

    async def turn(
        self,
        *script: Reply,
        tools: Sequence[Tool] = (),
        limits: Limits | None = None,
        history: tuple[HistoryTurn, ...] = (),
        ask_mode: bool = False,
    ) -> Answer:
        """Run it to its answer."""
        ended = await self.attempt(*script, tools=tools, limits=limits, history=history, ask_mode=ask_mode)
        assert isinstance(ended, Answer), ended
        return ended

    async def waits(self, *script: Reply, tools: Sequence[Tool]) -> tuple[Question, ...]:
        """Run it until people must decide."""
        ended = await self.attempt(*script, tools=tools)
        assert isinstance(ended, Waits), ended
        return ended.questions

    async def attempt(
        self,
        *script: Reply,
        tools: Sequence[Tool] = (),
        limits: Limits | None = None,
        history: tuple[HistoryTurn, ...] = (),
        ask_mode: bool = False,
    ) -> Answer | Waits:
        """Run it once; what earlier attempts on this stage left behind is replayed."""
        self.server.will(*script)
        request = TurnRequest(
            agent=agent(self.settings),
            message_id=1,
            message_public_id=self.message,
            conversation_id=1,
            account_id=1,
            model_name="openai:tiny",
            instructions="Be brief.",
            history=history,
            question="What now?",
            data_set_id=5,
            ask_mode=ask_mode,
            limits=limits or Limits(),
            today=date(2026, 1, 1),
            absent_tools=self.absent_tools,
        )
        async with asyncio.timeout(PATIENCE):
            return await run_turn(
                request,
                model=self.model,
                tools=tools,
                records=Records(steps=self.steps, effects=self.effects),
                emit=self.events.append,
                note_failure=lambda call, error: self.broken.append((call, error)),
            )

    async def failed_turn(self, *script: Reply, tools: Sequence[Tool] = (), limits: Limits | None = None) -> str:
        """The code of the error that the turn ended with."""
        with pytest.raises(TurnkeeperError) as caught:
            await self.turn(*script, tools=tools, limits=limits)
        return caught.value.code

    @property
    def returned(self) -> list[ToolReturned]:
        return [event for event in self.events if isinstance(event, ToolReturned)]

    def text_of_call(self, number: int) -> str:
        texts = [event for event in self.events if isinstance(event, TextAdded)]
        return "".join(event.text for event in texts if event.model_call == number)


def echo(text: str, call_id: str = "c1", tool: str = "echo") -> Call:
    return Call(tool=tool, arguments=f'{{"text":"{text}"}}', call_id=call_id)
