"""Earlier turns as a model reads them, and how many of them fit into its window."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from turnkeeper.agents.model import AssistantMessage, ModelMessage, ToolCall, ToolMessage, UserMessage
from turnkeeper.agents.tools.search_documents import SEARCH_DOCUMENTS
from turnkeeper.core.history import HistoryTurn, PastCall, PastRound

OLD_OUTPUT_CHARACTERS = 4_000
"""The most that a model is given of a tool's output in a later turn. What mattered of it stands in the answer."""

TOKENS_A_MESSAGE = 4
"""What roles and separators of one message cost in the common chat templates."""
TOKENS_A_CALL = 12
"""What a call of a tool costs beside its name and arguments: its id, and the template's words."""

NO_RESULT = (
    "[No result of this call is known: the turn ended before one was recorded. It may or may not have taken effect.]"
)
_NO_ANSWER = "[This was not answered.]"
_NO_TEXT = "[A message without text.]"
"""Some providers refuse a whole conversation for one blank message."""
_MARK = re.compile(r"^\[\d{1,4}\] ", re.MULTILINE)
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CALLS_A_TURN = 4_096
_ID_LETTERS = 8


def tokens_of(text: str) -> int:
    """About how many tokens of a model's window the text takes, as a message of its own."""
    return _tokens_in(text) + TOKENS_A_MESSAGE


def tokens_of_messages(messages: Iterable[ModelMessage]) -> int:
    """About how many tokens these messages take together, pictures left aside."""
    return sum(map(_tokens_of_message, messages))


def tokens_of_turn(turn: HistoryTurn) -> int:
    """About how many tokens an earlier turn takes, with its calls of tools."""
    return tokens_of_messages(messages_of(turn))


class Window:
    """Takes earlier turns, newest first, as long as they fit together into so many tokens."""

    def __init__(self, tokens: int) -> None:
        self.tokens = 0
        """Taken so far."""
        self.is_full = False
        """Whether a turn was left out: no older one is taken any more."""
        self._most = tokens
        self._turns: list[HistoryTurn] = []

    @property
    def left(self) -> int:
        """How many tokens are free."""
        return self._most - self.tokens

    def take(self, turn: HistoryTurn) -> None:
        """Take the next older turn, whole, unless one was left out already.

        It stops at the first turn that does not fit: a model that sees an older turn but not a newer one is misled. Only the
        newest, should it be too large with its calls of tools, is taken without them.
        """
        if self.is_full:
            return
        cost = tokens_of_turn(turn)
        if cost > self.left and not self._turns and turn.rounds:
            turn = bare(turn)
            cost = tokens_of_turn(turn)
        if cost > self.left:
            self.is_full = True
            return
        self.tokens += cost
        self._turns.append(turn)

    def turns(self) -> tuple[HistoryTurn, ...]:
        """What was taken, oldest first."""
        return tuple(reversed(self._turns))


def within_window(history: Sequence[HistoryTurn], tokens: int) -> tuple[HistoryTurn, ...]:
    """The newest whole turns of a history, given and returned oldest first, that fit together into `tokens`."""
    window = Window(tokens)
    for turn in reversed(history):
        window.take(turn)
    return window.turns()


def bare(turn: HistoryTurn) -> HistoryTurn:
    """The turn without its calls of tools: what the person said, and the answer."""
    said = (*(text for past in turn.rounds for text in past.said), *turn.said)
    return replace(turn, rounds=(), said=said)


def messages_of(turn: HistoryTurn) -> tuple[ModelMessage, ...]:
    """The turn as a model reads it: the question, each round of calls with exactly their results, and how it ended.

    The ids of calls are made anew, the same at every reading and unlike in all turns of a conversation: providers and
    models repeat theirs. They suit every wire: nine letters and digits are what the strictest of them takes.
    """
    messages: list[ModelMessage] = [UserMessage(text=turn.question if turn.question.strip() else _NO_TEXT)]
    number = 0
    for past in turn.rounds:
        ids = [_call_id(turn.message_id, number + place) for place in range(len(past.calls))]
        number += len(past.calls)
        messages += [UserMessage(text=text) for text in past.said]
        messages += _messages_of_round(past, ids)
    messages += [UserMessage(text=text) for text in turn.said]
    return (*messages, AssistantMessage(text=_ending_of(turn)))


def _messages_of_round(past: PastRound, ids: Sequence[str]) -> list[ModelMessage]:
    calls = tuple(
        ToolCall(call_id=call_id, tool=call.tool, arguments=call.arguments)
        for call_id, call in zip(ids, past.calls, strict=True)
    )
    results = [
        ToolMessage(
            call_id=call_id, tool=call.tool, content=_content_of(call), failed=call.failed or call.output is None
        )
        for call_id, call in zip(ids, past.calls, strict=True)
    ]
    text = past.text if past.text.strip() else ""
    return [AssistantMessage(text=text, tool_calls=calls), *results] if calls else []


def _content_of(call: PastCall) -> str:
    if call.output is None:
        return NO_RESULT
    text = call.output[:OLD_OUTPUT_CHARACTERS]
    length = max(call.output_length, len(call.output))
    if call.tool == SEARCH_DOCUMENTS:
        # The marks of this turn name other passages: an old one that is cited now would point at the wrong place.
        text = _MARK.sub("[-] ", text)
    if length > OLD_OUTPUT_CHARACTERS:
        text += f"\n\n[Cut: these are the first {OLD_OUTPUT_CHARACTERS:,} of {length:,} characters.]"
    return text


def _ending_of(turn: HistoryTurn) -> str:
    """The answer or, so that a "try again" is understood, a note in its place."""
    if not turn.answer.strip():
        return f"[This was not answered. The server's note: {turn.failure}]" if turn.failure else _NO_ANSWER
    if turn.failure:
        return f"{turn.answer.rstrip()}\n\n[This is not the whole answer. The server's note: {turn.failure}]"
    return turn.answer


def _call_id(message_id: int, number: int) -> str:
    value = message_id * _CALLS_A_TURN + number
    letters: list[str] = []
    for _ in range(_ID_LETTERS):
        value, rest = divmod(value, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "h" + "".join(reversed(letters))


def _tokens_of_message(message: ModelMessage) -> int:
    match message:
        case UserMessage():
            return tokens_of(message.text)
        case ToolMessage():
            return tokens_of(message.content) + TOKENS_A_CALL
        case AssistantMessage():
            calls = sum(
                _tokens_in(call.tool) + _tokens_in(call.arguments) + TOKENS_A_CALL for call in message.tool_calls
            )
            return tokens_of(message.text) + calls


def _tokens_in(text: str) -> int:
    """An estimate: four characters of ASCII a token, one ideograph, between one and two characters of other scripts.

    No tokenizer is asked: each model has its own, and the window is a budget, not a promise of the provider. The counts are
    those of the costlier tokenizers in use: for Chinese, Japanese and Korean the newer ones need fewer.
    """
    if text.isascii():
        return -(-len(text) // 4)
    beyond_ascii = len(text.encode("utf-8", "replace")) - len(text)
    return -(-(2 * len(text) + 3 * beyond_ascii) // 8)
