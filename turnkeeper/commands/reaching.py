"""The server that a command talks to, and the key for it: given, or made for as long as the command lives."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from turnkeeper.commands.desk import at_desk
from turnkeeper.core.accounts import Scope
from turnkeeper.core.errors import NotFoundError, NotSignedInError, StartError
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

_LIVES = timedelta(hours=12)
"""A command that is killed cannot revoke its key; then it expires."""
_SCOPES: frozenset[Scope] = frozenset[Scope](("read", "converse"))


def address_of(settings: Settings) -> str:
    """Where the server is: as given, else this machine's one. Raises: StartError when that is not known."""
    if settings.url is not None:
        return settings.url
    from turnkeeper.starting import address_here  # noqa: PLC0415 - slow import

    return address_here(settings)


@contextmanager
def key_for(settings: Settings, organization: str | None) -> Generator[str]:
    """The key that was given; else, on this machine, one of the oldest admin's, revoked at the end of the block.

    Raises:
        StartError: the server is not this machine's, and there is no key for it; or the database cannot be used.
        NotSignedInError: the server does not take the key that was made.
    """
    if settings.key is not None:
        yield settings.key
        return
    if settings.url is not None:
        raise StartError(f"A key is needed for {settings.url}; give it with TURNKEEPER_KEY or --key.")
    prefix, secret = at_desk(settings, organization, _make)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        yield secret
    except NotSignedInError as error:
        if error.code == "unknown":
            error.message = (
                f"The server at {address_of(settings)} has another database than this command; "
                "name the same one with --data-dir or --database-url, or give a key with --key."
            )
        raise
    finally:
        with contextlib.suppress(NotFoundError):
            at_desk(settings, organization, lambda desk: _revoke(desk, prefix))


def _leave(number: int, _: object) -> None:
    """A terminal that is closed, or a machine that stops, leaves no key behind either."""
    sys.exit(128 + number)


async def _make(desk: "Desk") -> tuple[str, str]:
    owner = await desk.actions.accounts.account(desk.organization, name=None)
    name = f"terminal on {socket.gethostname()[:40]}, process {os.getpid()}"
    key, secret = await desk.actions.accounts.create_key(
        owner, name=name, expires_at=datetime.now(UTC) + _LIVES, scopes=_SCOPES
    )
    return key.prefix, secret


async def _revoke(desk: "Desk", prefix: str) -> None:
    await desk.actions.accounts.revoke_keys(desk.organization, wanted=prefix)
