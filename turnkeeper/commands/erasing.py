"""`erase`: everything of a conversation, a person or an end user is removed for good."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import hint, say
from turnkeeper.core.erasures import Erasure, Subject
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Conversation = Annotated[str | None, typer.Option("--conversation", metavar="ID", help="A conversation: conv_….")]
Account = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="A person by e-mail address, a program by name.")
]
EndUser = Annotated[
    str | None,
    typer.Option("--end-user", metavar="NAME=VALUE", help="All conversations with this in their metadata."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Offer the command."""
    app.command()(erase)


@with_settings("database")
def erase(
    settings: Settings,
    conversation: Conversation = None,
    account: Account = None,
    end_user: EndUser = None,
    organization: OfOrganization = None,
    yes: Yes = False,
) -> None:
    """Have all there is of a conversation, a person or an end user erased, by a running server. It cannot be undone.

    `GET /v1/erasures/{id}` has the receipt once it is done.

    Examples:

        turnkeeper erase --conversation conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A

        turnkeeper erase --account ada@example.com --yes

        turnkeeper erase --end-user customer=cus_123
    """
    if [conversation, account, end_user].count(None) != 2:
        raise InvalidError("subject", "Name one thing to erase: --conversation, --account or --end-user.")
    if not yes:
        typer.confirm("This cannot be undone. Erase it?", abort=True, err=True)

    async def work(desk: "Desk") -> Erasure:
        subject = _subject(conversation, end_user)
        if account is not None:
            found = await desk.actions.accounts.account(desk.organization, name=account)
            subject = Subject(kind="person", target=found.public_id)
        return (await desk.actions.erasures.request(desk.caller, subject)).value

    made = at_desk(settings, organization, work)
    say(prefixed("ers", made.public_id))
    hint("It is asked for; a running server does it now.")


def _subject(conversation: str | None, end_user: str | None) -> Subject:
    if conversation is not None:
        return Subject(kind="conversation", target=_conversation_in(conversation))
    label, separator, value = (end_user or "").partition("=")
    if end_user is not None and not (label and separator and value):
        raise InvalidError("end_user", "An end user is written NAME=VALUE, such as customer=cus_123.")
    return Subject(kind="end_user", label=label, value=value)


def _conversation_in(text: str) -> UUID:
    found = from_prefixed(("conv", "job", "j"), text) or from_uuid(text)
    if found is None:
        raise InvalidError("conversation", f"{text!r} is no id of a conversation; expected conv_… or a UUID.")
    return found
