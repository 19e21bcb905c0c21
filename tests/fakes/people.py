"""A small organization to test with: an admin, a member, an outsider in another organization, agents and keys."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fakes.rooms import open_pool
from turnkeeper.actions.accounts import AccountActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent, AgentSettings, Limits
from turnkeeper.core.ids import new_id
from turnkeeper.store import accounts, agents, data_sets, revisions
from turnkeeper.store.database import Connection, Database

_UNKNOWN = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Callers and what belongs to them. The member belongs to `data_set_id`, and not to `closed_data_set_id`."""

    admin: Caller
    member: Caller
    outsider: Caller
    agent: Agent
    closed_agent: Agent
    data_set_id: int
    closed_data_set_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """A secret for each of the people."""

    admin: str
    member: str
    outsider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew:
    """The people of a database that is there to be copied: making them takes longer than a copy."""

    database_url: str
    people: People


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """The same with keys."""

    database_url: str
    people: People
    keys: Keys


def make_crew(database_url: str) -> Crew:
    """Make the people in an empty database."""
    return asyncio.run(_crew(database_url))


def make_company(database_url: str) -> Company:
    """Make the people and their keys in an empty database."""
    return asyncio.run(_company(database_url))


async def _crew(database_url: str) -> Crew:
    async with open_pool(Database(database_url, max_connections=1)) as database:
        return Crew(database_url=database_url, people=await people(database))


async def _company(database_url: str) -> Company:
    async with open_pool(Database(database_url, max_connections=1)) as database:
        staff, accounts = await people(database), AccountActions(database)
        keys = Keys(
            admin=await _secret(accounts, staff.admin),
            member=await _secret(accounts, staff.member),
            outsider=await _secret(accounts, staff.outsider),
        )
    return Company(database_url=database_url, people=staff, keys=keys)


async def _secret(accounts: AccountActions, caller: Caller) -> str:
    for organization in await accounts.organizations():
        for account in await accounts.accounts(organization):
            if account.id == caller.account_id:
                _, secret = await accounts.create_key(account, name="test")
                return secret
    raise LookupError(caller.account_id)


async def people(database: Database, *, model: str | None = None) -> People:
    """Make them in an empty database."""
    async with database.transaction() as connection:
        admin = await _caller(connection, "Acme", "admin")
        member = await _caller(connection, None, "member", organization_id=admin.organization_id)
        outsider = await _caller(connection, "Elsewhere", "admin")
        open_set = await data_sets.create(connection, organization_id=admin.organization_id, name="open")
        closed_set = await data_sets.create(connection, organization_id=admin.organization_id, name="closed")
        await data_sets.add_member(
            connection,
            organization_id=admin.organization_id,
            data_set_id=open_set.id,
            account_id=member.account_id,
        )
        return People(
            admin=admin,
            member=member,
            outsider=outsider,
            agent=await make_agent(connection, admin, name="Helper", data_set_id=open_set.id, model=model),
            closed_agent=await make_agent(connection, admin, name="Closed", data_set_id=closed_set.id, model=model),
            data_set_id=open_set.id,
            closed_data_set_id=closed_set.id,
        )


async def make_agent(
    connection: Connection,
    caller: Caller,
    *,
    name: str,
    data_set_id: int | None,
    model: str | None = None,
    tools: tuple[str, ...] = (),
    settings: AgentSettings | None = None,
) -> Agent:
    """Write an agent with these tools, and the search when it has a data set."""
    wanted = Agent(
        id=0,
        public_id=new_id(),
        organization_id=caller.organization_id,
        slug=name.lower(),
        name=name,
        description=None,
        data_set_id=data_set_id,
        instructions=None,
        model=model,
        tools=tools if data_set_id is None else ("search_documents", *tools),
        limits=Limits(),
        settings=settings or AgentSettings(),
        instances_count=1,
        deployed_at=None,
        created_at=_UNKNOWN,
        updated_at=_UNKNOWN,
        deleted_at=None,
    )
    return await agents.create(connection, wanted)


async def change_agent(connection: Connection, agent: Agent) -> Agent:
    """Have the agent of this id be as described from now on: one more revision."""
    return await revisions.add(connection, agent, deploys=True, note=None, based_on=agent.revision, author=None)


async def _caller(
    connection: Connection, organization: str | None, role: str, *, organization_id: int | None = None
) -> Caller:
    if organization is not None:
        organization_id = (await accounts.create_organization(connection, name=organization)).id
    assert organization_id is not None
    account = await accounts.create_account(
        connection,
        organization_id=organization_id,
        name=f"{role} of {organization_id}",
        role="admin" if role == "admin" else "member",
        password_hash=None,
    )
    return Caller(organization_id=organization_id, account_id=account.id, key_id=0, role=account.role)
