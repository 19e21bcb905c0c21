"""A turn on the screen: its text as it is written, its steps, and how it ended."""

from dataclasses import dataclass

from turnkeeper.terminal.plain_text import harmless
from turnkeeper.terminal.said import Fresh, Said
from turnkeeper.terminal.screen import Screen
from turnkeeper.terminal.shapes import (
    ApprovalDecided,
    Event,
    LiveTurn,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    Reply,
    TextAdded,
    ThinkingAdded,
    ToolCalled,
    ToolReturned,
    TurnStarted,
)

_MOST_STEPS = 1_000
_HOW_CANCELLED = {
    "interrupted": "Interrupted by a newer message.",
    "rolled_back": "Left out: a newer message took its place.",
}


@dataclass(kw_only=True, slots=True)
class Step:
    """A call of a tool, and what it returned."""

    tool: str
    arguments: str
    outcome: str | None = None
    output: str = ""

    @property
    def folded(self) -> str:
        """On one line."""
        mark = {None: "◌", "completed": "✓"}.get(self.outcome, "✗")
        given = self.arguments if self.arguments != "{}" else ""
        return f"{mark} {self.tool}({given})" + ("" if self.outcome is None else f" → {self.output}")


class TurnView:
    """Shows one turn."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._said = Said()
        self._call = 0
        self.steps: dict[str, Step] = {}

    def begin(self, live: LiveTurn | None) -> None:
        """Show what a turn that runs already has said and what it is doing."""
        if live is None:
            self._screen.hint("…")
            return
        for said in live.said:
            self._add(said.model_call, said.text)
        for call in live.open_calls:
            self._called(call.call_id, call.tool, bytes(call.arguments).decode())

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case TurnStarted():
                self._said.begins_anew(event.resumes_at)
                self._screen.hint("…")
            case TextAdded():
                self._add(event.model_call, event.text)
            case ThinkingAdded():
                self._screen.hint("thinking …")
            case ToolCalled():
                self._called(event.call_id, event.tool, bytes(event.arguments).decode())
            case ToolReturned():
                self._returned(event)
            case ApprovalDecided():
                why = f": {event.note}" if event.note else ""
                self._screen.line(f"{event.tool}: {event.state}{why}", is_dim=True)
            case _:
                pass

    def pause(self) -> None:
        """What was said so far ends with a line of its own."""
        self._screen.end_text()

    def ended(self, event: Event, reply: Reply | None) -> None:
        """Show the end: sources, files, what it took; or why there is no answer."""
        self._settle(None if isinstance(event, MessageCompleted) else 0)
        match event:
            case MessageFailed():
                self._screen.trouble(event.reason if reply is None else reply.text)
            case MessageCancelled():
                self._screen.line(_HOW_CANCELLED.get(event.how, "Cancelled."), is_dim=True)
            case _:
                pass
        if reply is not None:
            self._show_rest(reply)

    def _add(self, call: int, text: str) -> None:
        if call != self._call:
            self._settle(call - 1)
            self._call = call
        self._show(self._said.add(call, text))

    def _settle(self, last_call: int | None) -> None:
        for fresh in self._said.settled(last_call):
            self._show(fresh)
        self._screen.end_text()

    def _show(self, fresh: Fresh) -> None:
        if fresh.is_anew:
            self._screen.line("— the answer was begun anew; what stands above this line does not hold —", is_dim=True)
        self._screen.text(fresh.text)

    def _called(self, call_id: str, tool: str, arguments: str) -> None:
        self._settle(self._call)
        step = self.steps.get(call_id)
        if step is None:
            if len(self.steps) >= _MOST_STEPS:
                del self.steps[next(iter(self.steps))]
            step = self.steps[call_id] = Step(tool=tool, arguments=arguments)
            self._screen.step(call_id, step.folded)

    def _returned(self, event: ToolReturned) -> None:
        step = self.steps.setdefault(event.call_id, Step(tool=event.tool, arguments="{}"))
        step.outcome, step.output = event.outcome, event.output
        self._screen.step(event.call_id, step.folded)
        self._screen.hint("…")

    def _show_rest(self, reply: Reply) -> None:
        for line in sources(reply):
            self._screen.line(line, is_dim=True)
        for file in reply.files:
            self._screen.line(f"file {file.name} ({file.size:,} bytes): {file.id}", is_dim=True)
        took = took_words(reply)
        if took:
            self._screen.line(took, is_dim=True)


def sources(reply: Reply) -> list[str]:
    """What the answer leans on, a line each; nothing when the answer itself names all of it."""
    if all(citation.address in reply.text for citation in reply.citations):
        return []
    return [
        f"[{number}] {citation.title} — {citation.address}"
        + ("" if citation.verified else " (not found there word for word)")
        for number, citation in enumerate(reply.citations, start=1)
    ]


def unfolded(steps: dict[str, Step]) -> str:
    """All that tools were given and returned."""
    return harmless(
        "\n\n".join(
            f"{step.tool}\n  given:    {step.arguments}\n  {step.outcome or 'running'}: {step.output}"
            for step in steps.values()
        )
    )


def took_words(reply: Reply) -> str:
    """What an answer took, on one line; empty when that is nothing."""
    words = [reply.model] if reply.model else []
    if reply.usage is not None and (reply.usage.input_tokens or reply.usage.output_tokens):
        words.append(f"{reply.usage.input_tokens:,} tokens in, {reply.usage.output_tokens:,} out")
    if reply.usage is not None and reply.usage.cost_usd is not None:
        more = " and more" if reply.usage.unpriced_calls else ""
        words.append(f"${reply.usage.cost_usd:.4f}{more}")
    return " · ".join(words)
