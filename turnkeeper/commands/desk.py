"""Where a command meets the actions: an open server without doors, as an admin of one organization."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

T = TypeVar("T")

OfOrganization = Annotated[
    str | None, typer.Option("--organization", metavar="NAME", help="The organization; the oldest when left out.")
]


def at_desk(settings: Settings, organization: str | None, work: "Callable[[Desk], Coroutine[None, None, T]]") -> T:
    """Do `work` and return what it returns. The server may be running meanwhile, or not.

    Raises:
        StartError: the database cannot be used.
        CallerError: what `work` was refused, or there is no such organization.
    """
    from turnkeeper.commands import opening  # noqa: PLC0415 - slow import, and `--help` shall be quick

    return opening.run(settings, organization, work)
