"""`tail`: what happens in conversations, as it happens."""

from typing import Annotated

import typer

from turnkeeper.commands.desk import OfOrganization
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.reaching import address_of, key_for
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import Settings

MOST_CONVERSATIONS = 20

Wanted = Annotated[list[str], typer.Argument(metavar="CONVERSATION…", help="One or more ids (conv_…).")]
After = Annotated[int, typer.Option("--after", min=0, metavar="N", help="Begin after the event with this number.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Go on as the log grows, or end at its end.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print each event as the server sends it, one JSON object a line.")
]


def add_to(app: typer.Typer) -> None:
    """Offer the command."""
    app.command("tail")(tail)


@with_settings("client", "database")
def tail(
    settings: Settings,
    conversations: Wanted,
    after: After = 0,
    follow: Follow = True,
    as_json: AsJson = False,
    organization: OfOrganization = None,
) -> None:
    """Print the events of conversations from the first on, and go on as they come, until Ctrl-C.

    A server that restarts in between is waited for; nothing is missed and nothing comes twice.

    Examples:

        turnkeeper tail conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A

        turnkeeper tail conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A --after 120 --json

        turnkeeper tail conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A --no-follow | grep tool
    """
    wanted = tuple(dict.fromkeys(conversations))
    if len(wanted) > MOST_CONVERSATIONS:
        raise InvalidError("conversations", f"At most {MOST_CONVERSATIONS} conversations can be followed at once.")
    from turnkeeper.terminal.client import Where, check_somebody_listens  # noqa: PLC0415 - slow import
    from turnkeeper.terminal.tail import Tailed, tail  # noqa: PLC0415 - slow import

    url = address_of(settings)
    check_somebody_listens(url)
    with key_for(settings, organization) as key:
        tail(Where(url=url, key=key), Tailed(conversations=wanted, after=after, follows=follow, as_json=as_json))
