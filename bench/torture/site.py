"""A whole installation to be tortured: PostgreSQL, nodes, the world outside, and two organizations."""

import asyncio
import random
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import msgspec

from bench.ports import free_ports
from bench.processes import cpu_seconds, program, tree_of
from bench.torture.cluster import Cluster
from bench.torture.nodes import Kind, Launch, Node, clean_environment, executed
from bench.torture.plan import Scale
from bench.torture.web import Troubles, Web
from bench.torture.world import Happened
from turnkeeper.core.accounts import ALL_SCOPES, NewKey
from turnkeeper.core.agents import Agent, AgentSettings, HttpRule, Limits
from turnkeeper.core.ids import new_id
from turnkeeper.core.keys import new_secret
from turnkeeper.store import accounts, agents, data_sets, keys
from turnkeeper.store.database import Connection, Database

AGENT = "tortured"
_UNKNOWN = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenant:
    """An organization, and the key of an admin of it."""

    key: str
    data_set_id: int


@dataclass(kw_only=True)
class Site:
    """Everything that a scenario needs."""

    seed: int
    scale: Scale
    cluster: Cluster
    nodes: list[Node]
    tenant: Tenant
    neighbour: Tenant
    world_port: int
    world: int
    """The process of the world outside."""

    def web(self, chance: random.Random) -> Web:
        """Clients, to be closed by who asks."""
        return Web(self.nodes, chance, Troubles())

    async def happened(self) -> Happened:
        """What the world outside saw."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.world_port}/happened") as answer,
        ):
            return msgspec.json.decode(await answer.read(), type=Happened)

    def used_seconds(self) -> float:
        """Processor time of the server and of PostgreSQL so far."""
        servers = {process for node in self.nodes for process in node.pids()}
        return cpu_seconds({*(each for process in servers for each in tree_of(process)), *self.cluster.processes()})

    async def ready(self) -> None:
        """Wait until all of it is there.

        Raises:
            BenchError: it does not come.
        """
        await self.cluster.back()
        await asyncio.gather(*(node.ready() for node in self.nodes))


@asynccontextmanager
async def open_site(
    seed: int, scale: Scale, *, megabytes: int | None = None, launch: Launch = executed
) -> AsyncGenerator[Site]:
    """Build it, and remove it with the block. `launch` starts the nodes' processes.

    Raises:
        BenchError: it cannot be built.
    """
    async with AsyncExitStack() as stack:
        world = stack.enter_context(program([sys.executable, "-m", "bench.torture.world", str(seed)]))
        assert world.stdout is not None
        model_port, *ports = map(int, (await asyncio.to_thread(world.stdout.readline)).split())
        cluster = await asyncio.to_thread(lambda: Cluster(megabytes=megabytes))
        stack.push_async_callback(asyncio.to_thread, cluster.close)
        await asyncio.to_thread(cluster.open)
        tenant, neighbour = await _tenants(cluster.url, ports)
        environment = clean_environment(
            DATABASE_URL=cluster.url,
            DATA_DIR=str(cluster.folder / "files"),
            DEMO="false",
            LOG_FORMAT="json",
            MODEL="openai:stub",
            OPENAI_BASE_URL=f"http://127.0.0.1:{model_port}/v1",
            OPENAI_API_KEY="stub",
            DRAIN_SECONDS="10",
        )
        nodes: list[Node] = []
        serves: tuple[Kind, ...] = ("serve",) * scale.serves
        works: tuple[Kind, ...] = ("work",) * scale.works
        wanted: tuple[Kind, ...] = (*serves, *works)
        for number, (kind, port) in enumerate(zip(wanted, free_ports(len(wanted)), strict=True), 1):
            name = f"{kind}-{number}"
            node = Node(kind, name, port=port, folder=cluster.folder, environment=environment, launch=launch)
            stack.push_async_callback(node.stop)
            node.start()
            nodes.append(node)
        site = Site(
            seed=seed,
            scale=scale,
            cluster=cluster,
            nodes=nodes,
            tenant=tenant,
            neighbour=neighbour,
            world_port=ports[0],
            world=world.pid,
        )
        await site.ready()
        yield site


async def _tenants(url: str, ports: list[int]) -> tuple[Tenant, Tenant]:
    database = Database(url, max_connections=1)
    await database.open()
    try:
        async with database.transaction() as connection:
            return await _tenant(connection, "Tortured", ports), await _tenant(connection, "Next door", ports)
    finally:
        await database.close()


async def _tenant(connection: Connection, name: str, ports: list[int]) -> Tenant:
    organization = await accounts.create_organization(connection, name=name)
    account = await accounts.create_account(
        connection, organization_id=organization.id, name=f"admin of {name}", role="admin", password_hash=None
    )
    secret = new_secret()
    await keys.create(connection, account, secret, NewKey(name="torture", scopes=ALL_SCOPES))
    data_set = await data_sets.create(connection, organization_id=organization.id, name="torture")
    rules = (
        HttpRule(host=f"127.0.0.1:{ports[0]}", methods=("POST",), kind="keyed", allows_private_addresses=True),
        HttpRule(host=f"127.0.0.1:{ports[1]}", methods=("POST",), kind="at_most_once", allows_private_addresses=True),
    )
    await agents.create(
        connection,
        Agent(
            id=0,
            public_id=new_id(),
            organization_id=organization.id,
            slug=AGENT,
            name="Tortured",
            description=None,
            data_set_id=data_set.id,
            instructions="Answer.",
            model=None,
            tools=(),
            limits=Limits(history_tokens=2_000),
            settings=AgentSettings(http=rules),
            instances_count=1,
            deployed_at=None,
            created_at=_UNKNOWN,
            updated_at=_UNKNOWN,
            deleted_at=None,
        ),
    )
    return Tenant(key=secret.text, data_set_id=data_set.id)
