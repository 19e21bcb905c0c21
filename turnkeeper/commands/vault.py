"""`vault`: the organization's secrets."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.secrets import LONGEST_VALUE_BYTES, checked_name, checked_value
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as OPENAI_API_KEY: A–Z, 0–9 and the underscore.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(
        help="Secrets of an organization: keys for models and tools, encrypted and never shown again.",
        no_args_is_help=True,
    )
    group.command("set")(set_)
    group.command("list")(list_)
    group.command("delete")(delete)
    group.command("rotate")(rotate)
    app.add_typer(group, name="vault")


@with_settings("database")
def set_(settings: Settings, name: Name, organization: OfOrganization = None) -> None:
    """Keep a secret, or another value under its name. The value is asked for, or read from standard input.

    It is never an argument, which other users of the machine could see. Running servers use it within 30 seconds.

    Examples:

        turnkeeper vault set OPENAI_API_KEY

        turnkeeper vault set PAYMENTS_TOKEN < token.txt
    """
    value = checked_value(_value(checked_name(name)))

    async def work(desk: "Desk") -> None:
        await desk.actions.vault.set(desk.caller, name=name, value=value)

    at_desk(settings, organization, work)
    say(f"The secret {name} is kept. In the settings of tools and servers, vault:{name} stands for it.")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List the names of the secrets, and who set them when. No command shows their values.

    Example:

        turnkeeper vault list
    """

    async def work(desk: "Desk") -> list[Row]:
        return [
            {
                "name": secret.name,
                "set_by": secret.set_by,
                "created_at": secret.created_at,
                "updated_at": secret.updated_at,
            }
            for secret in await desk.actions.vault.list(desk.caller)
        ]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no secrets.")


@with_settings("database")
def delete(settings: Settings, name: Name, organization: OfOrganization = None, yes: Yes = False) -> None:
    """Forget a secret. What uses it fails from then on, with a sentence that names it.

    Example:

        turnkeeper vault delete PAYMENTS_TOKEN --yes
    """
    if not yes:
        typer.confirm(f"Delete the secret {name!r}?", abort=True, err=True)

    async def work(desk: "Desk") -> None:
        await desk.actions.vault.delete(desk.caller, name=name)

    at_desk(settings, organization, work)
    say(f"The secret {name!r} is deleted.")


@with_settings("database")
def rotate(settings: Settings) -> None:
    """Encrypt the secrets of all organizations with another key; all of them, or none when one cannot be opened.

    With the embedded database a new key is made in the data folder. With a key of your own, first give the new one in
    TURNKEEPER_VAULT_KEY and the old one in TURNKEEPER_VAULT_OLD_KEYS, also to the running servers, and restart them.

    Examples:

        turnkeeper vault rotate

        TURNKEEPER_VAULT_KEY=NEW TURNKEEPER_VAULT_OLD_KEYS=OLD turnkeeper vault rotate
    """

    async def work(desk: "Desk") -> int:
        return await desk.actions.vault.rotate()

    count = at_desk(settings, None, work)
    say(f"{count:,} secret(s) were encrypted with the new key.")
    if settings.vault_old_keys:
        hint("TURNKEEPER_VAULT_OLD_KEYS is not needed any more, once no server runs with the old key.")


def _value(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True, err=True))
    read = sys.stdin.buffer.read(LONGEST_VALUE_BYTES + 3)  # one more than may be, and the end of a line
    try:
        text = read.decode()
    except UnicodeDecodeError as error:
        if len(read) > LONGEST_VALUE_BYTES:
            raise InvalidError("value", f"The value is longer than {LONGEST_VALUE_BYTES:,} bytes.") from error
        raise InvalidError("value", "The value on standard input is not valid text in UTF-8.") from error
    return text.removesuffix("\n").removesuffix("\r")
