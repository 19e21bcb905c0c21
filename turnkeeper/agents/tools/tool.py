"""A tool as the turn sees it, and the reading of what a model wants from it."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.errors import ToolRetryError

ToolKind = Literal["pure", "idempotent", "keyed", "at_most_once"]
"""What may be done when a process dies around a call.

`pure` only reads, and `idempotent` means that twice is once: both are run again. `keyed` is run again with the same
key. `at_most_once` is never run again without asking a person.
"""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolContext:
    """For whom a tool works.

    `first_mark` is the number that the first passage of this call bears: passages of a turn never share one.
    """

    data_set_id: int | None
    first_mark: int


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
        """What a second run would do to the world."""
        ...

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Run the tool on the JSON text of its arguments.

        Raises:
            ToolRetryError: the arguments are wrong; the message tells the model how to mend them.
            ToolFailedError: it did not work; the message tells the model why.
            TransientError: something that the tool needs is away for now; the turn is tried again later.
        """
        ...


def read_arguments(arguments: str, kind: type[T]) -> T:
    """The arguments as a value of `kind`. Blank text counts as no arguments.

    Raises:
        ToolRetryError: the text is not JSON, or a field is missing or of the wrong type.
    """
    try:
        return msgspec.json.decode(arguments.strip() or "{}", type=kind)
    except msgspec.ValidationError as error:
        raise ToolRetryError(f"The arguments do not fit the tool: {error}. Mend them and call again.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ToolRetryError(f"The arguments are not valid JSON ({error}). Mend them and call again.") from error
