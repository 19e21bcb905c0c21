"""A whole server on a loopback port, in the test's own event loop: real doors, real database, real queue, scripted model."""

import asyncio
import base64
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import psycopg
import pytest
import uvicorn
from argon2 import PasswordHasher
from litestar.types import ASGIApp
from uvicorn.server import ServerState

from tests.fakes.people import Company, Keys, People
from tests.fakes.scripted_anthropic import ScriptedAnthropic
from tests.fakes.scripted_model import ScriptedModel
from tests.patience import PATIENCE
from turnkeeper.app import Turnkeeper, opened
from turnkeeper.doors import Doors
from turnkeeper.http_kit.bounds import Bounds, Front
from turnkeeper.http_kit.connections import BoundedProtocol, websocket_protocol
from turnkeeper.settings import Settings
from turnkeeper.store.notices import Notices
from turnkeeper.working import queue_of

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A password takes the server a fifth of a second and 64 MiB by design; all else is as it is there."""
ORIGIN = "http://shop.example"
"""The web origin that may call from a browser."""
WRITTEN = ("conversations", "messages", "events", "idempotency_keys", "procrastinate_jobs", "agents", "files")


def pytest_configure(config: pytest.Config) -> None:
    """The marker that ties a test to an entry of the manifest."""
    config.addinivalue_line("markers", "requirement(id): the entry of the manifest that the test proves")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A running server, the people who may use it, and the model that answers."""

    address: str
    http: aiohttp.ClientSession
    people: People
    keys: Keys
    model: ScriptedModel
    anthropic: ScriptedAnthropic
    """Another model, by Anthropic's wire."""
    turnkeeper: Turnkeeper
    database_url: str

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """The server's own worker, until the end of the block."""
        queue = queue_of(self.turnkeeper)
        task = asyncio.create_task(queue.work(concurrency=8, drain_seconds=5.0))
        try:
            yield
        finally:
            queue.stop()
            await asyncio.wait_for(task, PATIENCE)

    def rows(self) -> dict[str, int]:
        """How many rows there are of all that a request can write."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return {table: _count(connection, table) for table in WRITTEN}

    def execute(self, statement: str) -> None:
        """Change the database behind the server's back."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture
async def stage(database_url: str, company: Company, tmp_path: Path) -> AsyncGenerator[Stage]:
    """The server over a fresh database with the people in it; nobody answers messages until a test asks for it."""
    async with staged(database_url, company, tmp_path / "data") as stage:
        yield stage


@asynccontextmanager
async def staged(database_url: str, company: Company, data_dir: Path, **more: object) -> AsyncGenerator[Stage]:
    """A stage over a copy of the company's database; `more` are other settings than usual."""
    async with ScriptedModel() as model, ScriptedAnthropic() as anthropic:
        settings = replace(_settings(database_url, data_dir, model, anthropic), **more)  # pyright: ignore[reportArgumentType] - by name
        async with (
            opened(settings, database_url, works=False, plugins=(), hashing=QUICK.hash) as turnkeeper,
            _hearing(turnkeeper.rooms.notices),
            _listening(Doors(settings, turnkeeper), settings.trusted_proxies) as address,
            aiohttp.ClientSession() as http,
        ):
            yield Stage(
                address=address,
                http=http,
                people=company.people,
                keys=company.keys,
                model=model,
                anthropic=anthropic,
                turnkeeper=turnkeeper,
                database_url=database_url,
            )


def _settings(database_url: str, data_dir: Path, model: ScriptedModel, anthropic: ScriptedAnthropic) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=data_dir,
        most_upload_mb=1,
        database_connections=4,
        model="openai:scripted",
        openai_base_url=model.base_url,
        openai_api_key="key",
        anthropic_base_url=anthropic.root,
        anthropic_api_key="key",
        cors_origins=ORIGIN,
        prices="openai:priced=3/7",
        vault_key=base64.b64encode(bytes(32)).decode(),
        webhook_private_addresses=True,
    )


@asynccontextmanager
async def _hearing(notices: Notices) -> AsyncGenerator[None]:
    """Begin when hints are heard, which just began: before that, no key is remembered."""
    heard = asyncio.Event()
    notices.subscribe("stage", lambda _: None, lambda hears: heard.set() if hears else None)
    await asyncio.wait_for(heard.wait(), PATIENCE)
    yield


@asynccontextmanager
async def _listening(doors: ASGIApp, trusted_proxies: str) -> AsyncGenerator[str]:
    """Uvicorn's protocol on a free port; its server is left out, which ends in steps of 100 ms."""
    config = uvicorn.Config(
        doors,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        ws=websocket_protocol,  # pyright: ignore[reportArgumentType] - as in `serving`
    )
    # Off in `serve` too; but of a logger that some other server of this process may have turned on again.
    logging.getLogger("uvicorn.access").disabled = True
    state = ServerState()
    front = Front(Bounds())
    listening = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(front, config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=PATIENCE)


def _count(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]
