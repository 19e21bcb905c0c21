"""The first start: an organization, its admin, a key, and a demo to talk to. Safe when many processes start at once."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from turnkeeper.actions.accounts import AccountActions
from turnkeeper.actions.agents import AgentActions, NewAgent
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.core.accounts import Account, Caller, Organization
from turnkeeper.core.errors import NotFoundError
from turnkeeper.retrieval.indexing import Source
from turnkeeper.store import accounts, keys
from turnkeeper.store.database import Database

ORGANIZATION = "Default"
ADMIN = "admin@localhost"
DEMO_DATA_SET = "FiberUP (demo)"
DEMO_AGENT = "FiberUP Support"
_DEMO_INSTRUCTIONS = """\
You are the support assistant of FiberUP, a provider of fibre internet for businesses. Answer from the data set only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRun:
    """What the first start made. Secret and code are shown once and stored nowhere."""

    secret: str
    code: str
    """Signs the admin in with a browser, once, within an hour."""
    data_set_id: int | None
    agent_slug: str | None


class FirstRunAction:
    """Makes what a new server needs."""

    def __init__(
        self, database: Database, accounts_: AccountActions, agents: AgentActions, data_sets: DataSetActions
    ) -> None:
        self._database = database
        self._accounts = accounts_
        self._agents = agents
        self._data_sets = data_sets

    async def __call__(self, *, demo_sources: Callable[[], Sequence[Source]] | None) -> FirstRun | None:
        """Make it when the database has no key yet; None when it has, or another process is the first.

        The key comes last and each part before it is made only if it is missing, so that a first start that was cut
        short is completed by the next. `demo_sources` finds the demo's files; None leaves the demo out.
        """
        async with self._database.connection() as connection:
            if await keys.any_exist(connection):
                return None
        async with self._database.transaction() as transaction:
            await accounts.wait_for_first_run(transaction)
            if await keys.any_exist(transaction):
                return None
            return await self._make(demo_sources)

    async def _make(self, demo_sources: Callable[[], Sequence[Source]] | None) -> FirstRun:
        organization, admin = await self._admin()
        data_set_id, agent_slug = None, None
        if demo_sources is not None:
            caller = Caller(
                organization_id=organization.id, account_id=admin.id, key_id=0, role="admin", origin="server"
            )
            data_set_id = await self._demo_data_set(caller, demo_sources)
            agent_slug = await self._demo_agent(caller, data_set_id)
        await self._accounts.set_operator(admin, is_operator=True)
        _, secret = await self._accounts.create_key(admin, name="first key")
        code = await self._accounts.create_code(admin)
        return FirstRun(secret=secret, code=code, data_set_id=data_set_id, agent_slug=agent_slug)

    async def _admin(self) -> tuple[Organization, Account]:
        try:
            organization = await self._accounts.organization(name=None)
        except NotFoundError:
            organization = await self._accounts.create_organization(name=ORGANIZATION)
        try:
            return organization, await self._accounts.account(organization, name=None)
        except NotFoundError:
            # Nobody knows this password: `turnkeeper accounts password` sets one when it is needed.
            password = secrets.token_urlsafe(24)
            return organization, await self._accounts.create_user(
                organization, email=ADMIN, password=password, role="admin"
            )

    async def _demo_data_set(self, caller: Caller, sources: Callable[[], Sequence[Source]]) -> int:
        try:
            data_set = await self._data_sets.named(caller, DEMO_DATA_SET)
        except NotFoundError:
            data_set = await self._data_sets.create(caller, name=DEMO_DATA_SET)
        await self._data_sets.import_sources(caller, data_set.id, sources())
        return data_set.id

    async def _demo_agent(self, caller: Caller, data_set_id: int) -> str:
        for agent in await self._agents.list(caller):
            if agent.data_set_id == data_set_id:
                return agent.slug
        created = await self._agents.create(
            caller,
            NewAgent(
                name=DEMO_AGENT,
                description="Answers questions about the plans, devices and contracts of an invented provider.",
                data_set_id=data_set_id,
                instructions=_DEMO_INSTRUCTIONS,
            ),
        )
        return created.value.slug
