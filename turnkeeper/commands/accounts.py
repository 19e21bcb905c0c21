"""`accounts`: organizations, people and programs."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.keys import title
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.commands.reaching import address_of
from turnkeeper.commands.welcome import sign_in_link
from turnkeeper.core.accounts import Account, Role, User
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Email = Annotated[str, typer.Argument(metavar="EMAIL")]
Name = Annotated[str, typer.Argument(metavar="NAME")]
Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="An e-mail address or a service account's name.")]
IsAdmin = Annotated[bool, typer.Option("--admin", help="An admin, who sees and changes all of the organization.")]
NoMore = Annotated[bool, typer.Option("--revoke", help="It may no more.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Organizations, people and programs.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("create-user")(create_user)
    group.command("create-service")(create_service)
    group.command("password")(password)
    group.command("link")(link)
    group.command("activate")(activate)
    group.command("deactivate")(deactivate)
    group.command("operator")(operator)
    group.command("create-organization")(create_organization)
    group.command("list-organizations")(list_organizations)
    app.add_typer(group, name="accounts")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List the accounts of an organization, oldest first.

    Example:

        turnkeeper accounts list --organization "Second Shop"
    """

    async def work(desk: "Desk") -> list[Row]:
        return [_row(account) for account in await desk.actions.accounts.accounts(desk.organization)]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no accounts.")


@with_settings("database")
def create_user(
    settings: Settings,
    email: Email,
    admin: IsAdmin = False,
    organization: OfOrganization = None,
    password_stdin: FromStdin = False,
) -> None:
    """Add a person. The password is asked for, or read from standard input.

    Examples:

        turnkeeper accounts create-user jo@example.com --admin

        echo "$PASSWORD" | turnkeeper accounts create-user jo@example.com --password-stdin
    """
    secret = _password(from_stdin=password_stdin)

    async def work(desk: "Desk") -> Account:
        return await desk.actions.accounts.create_user(
            desk.organization, email=email, password=secret, role=_role(is_admin=admin)
        )

    _say_created(at_desk(settings, organization, work))


@with_settings("database")
def create_service(
    settings: Settings,
    name: Name,
    admin: IsAdmin = False,
    organization: OfOrganization = None,
) -> None:
    """Add a program, which signs in with API keys only.

    Example:

        turnkeeper accounts create-service shop && turnkeeper keys create live --account shop
    """

    async def work(desk: "Desk") -> Account:
        return await desk.actions.accounts.create_service_account(
            desk.organization, name=name, role=_role(is_admin=admin)
        )

    _say_created(at_desk(settings, organization, work))


@with_settings("database")
def password(
    settings: Settings,
    email: Email,
    organization: OfOrganization = None,
    password_stdin: FromStdin = False,
) -> None:
    """Set a person's password.

    Example:

        turnkeeper accounts password admin@localhost
    """
    secret = _password(from_stdin=password_stdin)

    async def work(desk: "Desk") -> None:
        account = await desk.actions.accounts.account(desk.organization, name=email)
        if not isinstance(account, User):
            raise InvalidError("email", f"{email!r} is a service account; these sign in with keys only.")
        await desk.actions.accounts.update_account(account, password=secret)

    at_desk(settings, organization, work)
    say(f"The password of {email} is set.")


@with_settings("database", "client")
def link(settings: Settings, email: Email, organization: OfOrganization = None) -> None:
    """Print a link that signs a person in to the console, once, within an hour; a new password may then be set.

    Example:

        turnkeeper accounts link admin@localhost
    """

    async def work(desk: "Desk") -> str:
        account = await desk.actions.accounts.account(desk.organization, name=email)
        return await desk.actions.accounts.create_code(account)

    address = address_of(settings).rstrip("/")
    say(sign_in_link(address, at_desk(settings, organization, work)))
    hint(
        "It signs in whoever opens it first. Where the server has another address, open it there with what follows it."
    )


@with_settings("database")
def activate(settings: Settings, account: Which, organization: OfOrganization = None) -> None:
    """Let an account in again; its keys work at once.

    Example:

        turnkeeper accounts activate jo@example.com
    """
    _set_active(settings, organization, account, is_active=True)
    say(f"{account} is active.")


@with_settings("database")
def deactivate(settings: Settings, account: Which, organization: OfOrganization = None) -> None:
    """Shut an account out; its keys are refused at once. What it wrote is kept.

    Example:

        turnkeeper accounts deactivate jo@example.com
    """
    _set_active(settings, organization, account, is_active=False)
    say(f"{account} is not active any more; its keys are refused.")


@with_settings("database")
def operator(settings: Settings, account: Which, organization: OfOrganization = None, revoke: NoMore = False) -> None:
    """Let an admin make and list organizations over the API, or no more.

    Example:

        turnkeeper accounts operator jo@example.com
    """

    async def work(desk: "Desk") -> None:
        found = await desk.actions.accounts.account(desk.organization, name=account)
        await desk.actions.accounts.set_operator(found, is_operator=not revoke)

    at_desk(settings, organization, work)
    say(f"{account} is {'no operator of the server any more' if revoke else 'an operator of the server'}.")


@with_settings("database")
def create_organization(settings: Settings, name: Name) -> None:
    """Begin another organization, with an admin of its own. Nothing is ever visible across two of them.

    Example:

        turnkeeper accounts create-organization "Second Shop"
    """

    async def work(desk: "Desk") -> None:
        made = await desk.actions.accounts.create_organization(name=name)
        await desk.actions.accounts.create_service_account(made, name="operator", role="admin")

    at_desk(settings, None, work)
    say(f"The organization {name!r} is there, with the service account 'operator' as its admin.")
    hint(f"Make a key for it: turnkeeper keys create first --organization {name!r}")


@with_settings("database")
def list_organizations(settings: Settings, as_json: AsJson = False) -> None:
    """List all organizations, oldest first.

    Example:

        turnkeeper accounts list-organizations
    """

    async def work(desk: "Desk") -> list[Row]:
        found = await desk.actions.accounts.organizations()
        return [{"id": each.id, "name": each.name, "created_at": each.created_at} for each in found]

    show(at_desk(settings, None, work), as_json=as_json, nothing="There are no organizations.")


def _set_active(settings: Settings, organization: str | None, name: str, *, is_active: bool) -> None:
    async def work(desk: "Desk") -> None:
        account = await desk.actions.accounts.account(desk.organization, name=name)
        if not is_active and account.id == desk.caller.account_id:
            raise InvalidError("account", f"{name!r} is the organization's first admin; make another admin before.")
        await desk.actions.accounts.update_account(account, is_active=is_active)

    at_desk(settings, organization, work)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidError("password", "There is no terminal to ask for the password on; use --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _role(*, is_admin: bool) -> Role:
    return "admin" if is_admin else "member"


def _say_created(account: Account) -> None:
    say(f"The account {title(account)} ({account.role}) is there.")
    hint(f"Make a key for it: turnkeeper keys create NAME --account {title(account)}")


def _row(account: Account) -> Row:
    return {
        "id": account.id,
        "name": title(account),
        "kind": "user" if isinstance(account, User) else "service",
        "role": account.role,
        "active": account.is_active,
        "operator": account.is_operator and account.role == "admin",
        "created_at": account.created_at,
    }
