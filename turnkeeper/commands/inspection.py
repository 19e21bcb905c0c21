"""What `turnkeeper check` finds. Slow to import: `commands.checking` loads it when it is wanted."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from turnkeeper.app import check_model, opened
from turnkeeper.core.errors import StartError, TurnkeeperError
from turnkeeper.retrieval.embedders.minilm import MiniLm
from turnkeeper.settings import FILE, Settings, all_settings
from turnkeeper.starting import data_dir_of
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import applied_revision, check_server, connect, revisions
from turnkeeper.telemetry.logs import configure_logs

_ROOM_BYTES = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at, and a sentence: what is there, or what to do."""

    what: str
    is_fine: bool
    sentence: str


def inspect(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Look at everything; trouble with one thing does not keep the others from being looked at."""
    configure_logs(level="error", log_format=settings.log_format)
    return [
        Finding(what="settings", is_fine=True, sentence=_settings(environment)),
        _tried("model", lambda: check_model(settings)),
        _disk(settings),
        *_database(settings),
        _tried("embedder", _embedder),
    ]


def _settings(environment: Mapping[str, str]) -> str:
    given = sorted(
        name for each in all_settings() for name in (each.variable, each.variable + FILE) if environment.get(name)
    )
    return f"From the environment: {', '.join(given)}." if given else "All are at their defaults or given as flags."


def _disk(settings: Settings) -> Finding:
    folder = data_dir_of(settings)
    existing = next((each for each in (folder.absolute(), *folder.absolute().parents) if _exists(each)), Path("/"))
    free = shutil.disk_usage(existing).free
    sentence = f"{free / 1e9:,.1f} GB are free for {folder}"
    if free < _ROOM_BYTES:
        return Finding(what="disk", is_fine=False, sentence=f"Only {sentence}; make room, at least 1 GB.")
    return Finding(what="disk", is_fine=True, sentence=f"{sentence}.")


def _exists(folder: Path) -> bool:
    try:
        return folder.exists()
    except OSError:
        return False


def _database(settings: Settings) -> Iterator[Finding]:
    with ExitStack() as stack:
        try:
            url = settings.database_url
            if url is None:
                url = stack.enter_context(join(data_dir_of(settings), postgres_bin=settings.postgres_bin)).url
            connection = stack.enter_context(connect(settings.direct_database_url or url))
            check_server(connection)
        except StartError as error:
            yield Finding(what="database", is_fine=False, sentence=error.message)
            return
        kind = "embedded" if settings.database_url is None else "external"
        version = connection.info.parameter_status("server_version")
        yield Finding(what="database", is_fine=True, sentence=f"PostgreSQL {version} with pgvector, {kind}.")
        applied, newest = applied_revision(connection), revisions()[-1]
        if applied != newest:
            sentence = f"It is at {applied or 'nothing'}, this version needs {newest}; run: turnkeeper migrate"
            yield Finding(what="migrations", is_fine=False, sentence=sentence)
            return
        yield Finding(what="migrations", is_fine=True, sentence=f"Up to date ({applied}).")
        yield _tried("keys", lambda: asyncio.run(_keys(settings, url)))
        yield _tried("vault", lambda: asyncio.run(_vault(settings, url)))


async def _keys(settings: Settings, url: str) -> str:
    async with opened(settings, url, works=False) as turnkeeper:
        accounts = turnkeeper.actions.accounts
        organizations = await accounts.organizations()
        keys = [key for each in organizations for key in await accounts.keys(each) if key.revoked_at is None]
    if not keys:
        raise StartError("There is no live API key; make one: turnkeeper keys create NAME")
    return f"{len(keys):,} live in {len(organizations):,} organization(s)."


async def _vault(settings: Settings, url: str) -> str:
    async with opened(settings, url, works=False) as turnkeeper:
        state = await turnkeeper.actions.vault.state()
    if state.trouble:
        raise StartError(" ".join(state.trouble))
    return f"{state.secrets:,} secret(s), all of which can be opened." if state.secrets else "There are no secrets."


def _embedder() -> str:
    asyncio.run(_load_embedder())
    return "The model's file is whole (its SHA-256 fits)."


async def _load_embedder() -> None:
    embedder = MiniLm()
    try:
        await embedder.load()
    finally:
        await embedder.close()


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, is_fine=True, sentence=look())
    except TurnkeeperError as error:
        return Finding(what=what, is_fine=False, sentence=error.message)
    except ExceptionGroup as errors:
        mine = errors.subgroup(TurnkeeperError)
        if mine is None:
            raise
        return Finding(what=what, is_fine=False, sentence=str(mine.exceptions[0]))
