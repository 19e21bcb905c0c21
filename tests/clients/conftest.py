"""A real server process with a scripted model, and clients of it."""

import asyncio
import shutil
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from turnkeeper_client import AsyncTurnkeeper, Retries, Turnkeeper

from tests.clients.typescript import TYPESCRIPT, compile_typescript
from tests.fakes.people import make_agent
from tests.fakes.postgres import TestPostgres
from tests.fakes.rooms import open_pool
from tests.fakes.scripted_model import ScriptedModel
from tests.patience import PROCESS_PATIENCE
from tests.server_process import ServerProcess, started_server
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule
from turnkeeper.store.database import Database

QUICK = Retries(first_seconds=0.01, longest_seconds=0.1, most=1_000)
"""Patient enough for a restart, and quick."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A server that answers as the model is told to, and has the agents `helper` and `writer`; `writer` asks first."""

    server: ServerProcess
    key: str
    model: ScriptedModel
    database_url: str

    @property
    def address(self) -> str:
        return self.server.address


@pytest.fixture(scope="session")
def model() -> Generator[ScriptedModel]:
    """The model, in a thread of its own, so that clients that wait do not stop it."""
    with _model() as model:
        yield model


@pytest.fixture(scope="session")
def scene(test_postgres: TestPostgres, model: ScriptedModel) -> Generator[Scene]:
    """One for all tests of a process: each test has conversations of its own."""
    url = test_postgres.make_database()
    with server_of(url, model) as server:
        asyncio.run(make_agents(url))
        yield Scene(server=server, key=server.key, model=model, database_url=url)
    test_postgres.drop(url)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose scripts can import the TypeScript client, compiled; there must be Node."""
    folder = tmp_path_factory.mktemp("node")
    package = folder / "node_modules" / "turnkeeper-client"
    package.mkdir(parents=True)
    shutil.copy(TYPESCRIPT / "package.json", package)
    for script in (TYPESCRIPT / "test").glob("*.mjs"):
        shutil.copy(script, folder)
    compile_typescript(package / "dist")
    return folder


@pytest.fixture
def client(scene: Scene) -> Generator[Turnkeeper]:
    """With an admin's key."""
    with Turnkeeper(scene.address, scene.key, retries=QUICK) as client:
        yield client


@pytest.fixture
async def async_client(scene: Scene) -> AsyncGenerator[AsyncTurnkeeper]:
    """With an admin's key, for asyncio."""
    async with AsyncTurnkeeper(scene.address, scene.key, retries=QUICK) as client:
        yield client


@contextmanager
def server_of(url: str, model: ScriptedModel, *flags: str) -> Generator[ServerProcess]:
    """A server over this database, whose agents are answered for by the model."""
    with started_server(
        "--database-url",
        url,
        *flags,
        TURNKEEPER_DEMO="false",
        TURNKEEPER_MODEL="openai:scripted",
        TURNKEEPER_OPENAI_BASE_URL=model.base_url,
        TURNKEEPER_OPENAI_API_KEY="key",
    ) as server:
        yield server


@contextmanager
def _model() -> Generator[ScriptedModel]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    model = ScriptedModel()
    try:
        asyncio.run_coroutine_threadsafe(model.open(), loop).result(PROCESS_PATIENCE)
        yield model
    finally:
        asyncio.run_coroutine_threadsafe(model.close(), loop).result(PROCESS_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def make_agents(url: str) -> None:
    """Give the first organization the agents of a scene."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT id, organization_id FROM accounts WHERE role = 'admin'").fetchone()
    assert row is not None
    admin = Caller(account_id=row[0], organization_id=row[1], key_id=0, role="admin")
    async with open_pool(Database(url, max_connections=1)) as database, database.transaction() as connection:
        await make_agent(connection, admin, name="Helper", data_set_id=None)
        policy = ApprovalPolicy(rules=(ApprovalRule(tool="write_file"),))
        settings = AgentSettings(approvals=policy)
        await make_agent(connection, admin, name="Writer", data_set_id=None, tools=("write_file",), settings=settings)
