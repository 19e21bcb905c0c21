"""`backup` and `restore`: a copy of all that the embedded database's data folder holds."""

from pathlib import Path
from typing import Annotated

import typer

from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import hint, say
from turnkeeper.core.errors import StartError
from turnkeeper.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    app.command()(backup)
    app.command()(restore)


@with_settings("database")
def backup(
    settings: Settings, folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")]
) -> None:
    """Copy database, files and the vault's key into a new folder; the server may go on meanwhile.

    Who can read the copy can read everything, secrets of the vault included. It is of the embedded database: an external one
    is copied with its own tools, and files in a bucket with the bucket's.

    Examples:

        turnkeeper backup /backups/turnkeeper-2026-11-22

        turnkeeper backup --data-dir /var/lib/turnkeeper /backups/today
    """
    from turnkeeper.starting import data_dir_of  # noqa: PLC0415 - slow import
    from turnkeeper.store.backups import back_up  # noqa: PLC0415 - slow import

    _refuse_external(settings, "pg_dump --format=custom")
    size = back_up(data_dir_of(settings), folder.absolute(), postgres_bin=settings.postgres_bin)
    say(f"{folder} holds the copy, {size / 1e6:,.1f} MB.")
    if settings.vault_key is not None:
        hint("The key of the vault is a setting and not in it: keep TURNKEEPER_VAULT_KEY too.")


@with_settings("database")
def restore(settings: Settings, folder: Annotated[Path, typer.Argument(help="What `backup` made.")]) -> None:
    """Make a new data folder from a copy, and bring it up to date for this version.

    Run it as the user that the server runs as. What was done after the copy was made is forgotten by it, not undone.

    Examples:

        turnkeeper restore --data-dir /var/lib/turnkeeper /backups/turnkeeper-2026-11-22
    """
    from turnkeeper.starting import data_dir_of  # noqa: PLC0415 - slow import
    from turnkeeper.store.backups import restore as restored  # noqa: PLC0415 - slow import

    _refuse_external(settings, "pg_restore")
    restored(folder.absolute(), data_dir_of(settings), postgres_bin=settings.postgres_bin)
    say(f"{data_dir_of(settings)} is as {folder} was; start the server on it.")


def _refuse_external(settings: Settings, instead: str) -> None:
    if settings.database_url is not None:
        raise StartError(
            f"The database is an external one (TURNKEEPER_DATABASE_URL); use its own tools, such as {instead}."
        )
