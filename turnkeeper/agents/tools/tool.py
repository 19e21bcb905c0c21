"""A tool as the turn sees it, and the reading of what a model wants from it."""

from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable
from uuid import UUID

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolRetryError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolContext:
    """For whom a tool works.

    `first_mark` is the number that the first passage of this call bears: passages of a turn never share one. `effect_id` is
    the same at every try of the same call: the idempotency key for whoever is called.
    """

    organization_id: int
    account_id: int
    conversation_id: int
    message_id: int
    data_set_id: int | None
    first_mark: int
    effect_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolOutput:
    """What a tool found: `text` for the model, and the passages that an answer may cite, in the order of their marks."""

    text: str
    passages: tuple[Passage, ...] = ()


class Tool(Protocol):
    """Something that a model may call."""

    @property
    def spec(self) -> ToolSpec:
        """The name, description and arguments that the model is told."""
        ...

    @property
    def kind(self) -> ToolKind:
        """What a second run would do to the world; the most careful word when calls differ (see `KindByCall`)."""
        ...

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Run the tool on the JSON text of its arguments.

        Raises:
            ToolRetryError: the arguments are wrong; the message tells the model how to mend them.
            ToolFailedError: it did not work; the message tells the model why.
            TransientError: something that the tool needs is away for now; the turn is tried again later, and the call
                with the same effect id.
            OutcomeUnknownError: the call may or may not have happened; only of a call whose kind is `at_most_once`.
        """
        ...


@runtime_checkable
class KindByCall(Protocol):
    """A tool whose calls are not all of one kind, because it depends on the arguments."""

    def kind_of(self, arguments: str) -> ToolKind:
        """The kind of a call with these arguments; that of the tool when they are malformed. Must not fail."""
        ...


def kind_of_call(tool: Tool, arguments: str) -> ToolKind:
    """The kind of this call of a tool: what it says of the arguments, else of itself."""
    return tool.kind_of(arguments) if isinstance(tool, KindByCall) else tool.kind


def read_arguments(arguments: str, kind: type[T]) -> T:
    """The arguments as a value of `kind`. Blank text counts as no arguments.

    Raises:
        ToolRetryError: the text is not JSON, or a field is missing or of the wrong type.
    """
    try:
        return msgspec.json.decode(arguments.strip() or "{}", type=kind)
    except msgspec.ValidationError as error:
        raise ToolRetryError(f"The arguments do not fit the tool: {error}. Mend them and call again.") from error
    except RecursionError as error:
        raise ToolRetryError("The arguments are nested too deep. Mend them and call again.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ToolRetryError(f"The arguments are not valid JSON ({error}). Mend them and call again.") from error
