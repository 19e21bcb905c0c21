"""`keys`: making, listing, rotating and revoking API keys."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.accounts import ALL_SCOPES, Account, ApiKey, Scope, User
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

_SPAN = re.compile(r"(\d{1,6})([mhdwy])")
_UNIT = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.")]
OfAccount = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="Whose key: an e-mail address or a service account's name."),
]
ExpiresIn = Annotated[
    str | None, typer.Option("--expires-in", metavar="SPAN", help="Such as 12h, 90d, 8w or 1y; without it, never.")
]
WithScopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help="read, converse, manage_agents, manage_data or admin; again for more. Without it, all that the role allows.",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option(
        "--requests-per-minute", metavar="N", help="The most at each process; without it, the server's default."
    ),
]
Grace = Annotated[
    str | None,
    typer.Option("--grace", metavar="SPAN", help="How long the old secret is good too, such as 1h; 7d at most."),
]
Wanted = Annotated[str, typer.Argument(metavar="KEY", help="The name, the prefix (tk_…) or the id.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="API keys: make, list, rotate and revoke them.", no_args_is_help=True)
    group.command("create")(create)
    group.command("list")(list_)
    group.command("rotate")(rotate)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


@with_settings("database")
def create(
    settings: Settings,
    name: Name,
    account: OfAccount = None,
    organization: OfOrganization = None,
    expires_in: ExpiresIn = None,
    scope: WithScopes = None,
    requests_per_minute: Rate = None,
) -> None:
    """Make an API key and print it, alone, on standard output. It is shown once and stored nowhere.

    Without --account it is the key of the oldest admin.

    Examples:

        KEY=$(turnkeeper keys create laptop)

        turnkeeper keys create shop-website --account shop --expires-in 90d

        turnkeeper keys create dashboard --scope read --requests-per-minute 60
    """
    expires_at = None if expires_in is None else datetime.now(UTC) + span(expires_in)
    scopes = _scopes_in(scope) if scope else None

    async def work(desk: "Desk") -> tuple[Account, ApiKey, str]:
        owner = await desk.actions.accounts.account(desk.organization, name=account)
        made = await desk.actions.accounts.create_key(
            owner,
            name=name,
            expires_at=expires_at,
            scopes=scopes,
            requests_per_minute=requests_per_minute,
        )
        return owner, *made

    owner, key, secret = at_desk(settings, organization, work)
    say(secret)
    until = "it does not expire" if key.expires_at is None else f"it expires at {key.expires_at:%Y-%m-%d %H:%M} UTC"
    hint(f"A key of {title(owner)} ({owner.role}) for {_scopes(key)}; {until}. It cannot be shown again.")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List all keys, oldest first, revoked ones too. Secrets are stored nowhere and cannot be listed.

    Example:

        turnkeeper keys list --json
    """

    async def work(desk: "Desk") -> list[Row]:
        accounts = {account.id: account for account in await desk.actions.accounts.accounts(desk.organization)}
        keys = await desk.actions.accounts.keys(desk.organization)
        return [_row(key, accounts[key.account_id]) for key in keys]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no keys.")


@with_settings("database")
def revoke(settings: Settings, key: Wanted, organization: OfOrganization = None) -> None:
    """Revoke a key, at once and in every process. A name that several keys have revokes all of these.

    Examples:

        turnkeeper keys revoke laptop

        turnkeeper keys revoke tk_AbCdEfGh
    """

    async def work(desk: "Desk") -> list[str]:
        revoked = await desk.actions.accounts.revoke_keys(desk.organization, wanted=key)
        return [f"Revoked the key {each.name!r} ({each.prefix}…)." for each in revoked]

    for sentence in at_desk(settings, organization, work):
        say(sentence)


@with_settings("database")
def rotate(settings: Settings, key: Wanted, grace: Grace = None, organization: OfOrganization = None) -> None:
    """Give a key a new secret and print it, alone, on standard output. The old one is refused at once, or after --grace.

    Examples:

        KEY=$(turnkeeper keys rotate laptop)

        turnkeeper keys rotate tk_AbCdEfGh --grace 1h
    """
    seconds = 0 if grace is None else int(span(grace).total_seconds())

    async def work(desk: "Desk") -> str:
        made = await desk.actions.accounts.rotate_key(desk.organization, wanted=key, grace_seconds=seconds)
        return made[1]

    say(at_desk(settings, organization, work))
    hint(
        "It cannot be shown again. "
        + (f"The old secret is good for {grace} more." if seconds else "The old one is refused.")
    )


def span(text: str) -> timedelta:
    """The time that `90d` and the like stand for.

    Raises:
        InvalidError: it stands for none.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise InvalidError("expires_in", f"{text!r} is no span of time; write a number and m, h, d, w or y, as in 90d.")
    length = int(found[1]) * _UNIT[found[2]]
    if length > 100 * _UNIT["y"]:
        raise InvalidError("expires_in", f"{text!r} is more than a hundred years; leave it out for a key that stays.")
    return length


def title(account: Account) -> str:
    """What the account is called."""
    return account.email if isinstance(account, User) else account.name


def _scopes_in(words: list[str]) -> frozenset[Scope]:
    unknown = [word for word in words if word not in ALL_SCOPES]
    if unknown:
        raise InvalidError("scope", f"There is no scope {unknown[0]!r}. There are: {', '.join(sorted(ALL_SCOPES))}.")
    return frozenset[Scope](scope for scope in ALL_SCOPES if words.count(scope))


def _scopes(key: ApiKey) -> str:
    return "everything" if key.scopes == ALL_SCOPES else ", ".join(sorted(key.scopes))


def _row(key: ApiKey, account: Account) -> Row:
    now = datetime.now(UTC)
    expired = key.expires_at is not None and key.expires_at <= now
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "account": title(account),
        "scopes": _scopes(key),
        "state": "revoked" if key.revoked_at is not None else "expired" if expired else "live",
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
    }
