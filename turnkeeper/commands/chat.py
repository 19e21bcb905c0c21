"""`chat`: talking with an agent in a terminal."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from turnkeeper.commands.desk import OfOrganization
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.reaching import address_of, key_for
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import Settings

WhichAgent = Annotated[str | None, typer.Argument(metavar="AGENT", help="Its slug or its id (agt_…).")]
OfConversation = Annotated[
    str | None, typer.Option("--conversation", metavar="ID", help="Go on with this one (conv_…); needs no AGENT.")
]
Asks = Annotated[bool, typer.Option("--ask", help="Only ask: nothing outside is changed.")]
Attached = Annotated[
    list[Path] | None,
    typer.Option("--attach", metavar="PATH", help="A file for the first message; again for more."),
]


def add_to(app: typer.Typer) -> None:
    """Offer the command."""
    app.command("chat")(chat)


@with_settings("client", "database")
def chat(
    settings: Settings,
    agent: WhichAgent = None,
    conversation: OfConversation = None,
    ask: Asks = False,
    attach: Attached = None,
    organization: OfOrganization = None,
) -> None:
    """Talk with an agent: its words as they come, its steps, its questions to you, files with @path.

    Where input or output is no terminal, all that is read is one question, and the answer alone is printed. The exit code is
    0 when it was answered, 1 when not, 3 when the agent waits for a decision, 130 when it was interrupted.

    Examples:

        turnkeeper chat fiberup-support

        turnkeeper chat --conversation conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A

        echo "How long does a refund take?" | turnkeeper chat fiberup-support

        turnkeeper chat refunds --url https://talk.example.com --key tk_…
    """
    if (agent is None) == (conversation is None):
        raise InvalidError("agent", "Name an agent, or a conversation to go on with: one of the two.")
    from turnkeeper.terminal.chat import Wanted, chat  # noqa: PLC0415 - slow import
    from turnkeeper.terminal.client import Where, check_somebody_listens  # noqa: PLC0415 - slow import
    from turnkeeper.terminal.one_question import ask_once  # noqa: PLC0415 - slow import
    from turnkeeper.terminal.talk import Opening  # noqa: PLC0415 - slow import

    url = address_of(settings)
    check_somebody_listens(url)
    wanted = Wanted(
        opening=Opening(agent=agent or "", asks_only=ask), conversation=conversation, files=tuple(attach or ())
    )
    with key_for(settings, organization) as key:
        where = Where(url=url, key=key)
        if sys.stdin.isatty() and sys.stdout.isatty():
            is_styled = os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("NO_COLOR")
            code = chat(where, wanted, is_styled=is_styled)
        else:
            code = ask_once(where, wanted, sys.stdin)
    if code:
        raise typer.Exit(code)
