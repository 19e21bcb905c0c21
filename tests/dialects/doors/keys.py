"""Keys of the stage's admin, for what they are to be good for."""

from collections.abc import Iterable

from tests.dialects.conftest import Stage
from turnkeeper.core.accounts import ALL_SCOPES, Account, Scope


async def admin_of(stage: Stage) -> Account:
    """The admin of the stage's first organization."""
    accounts = stage.turnkeeper.actions.accounts
    return await accounts.account(await accounts.organization(name=None), name=None)


async def key_for(stage: Stage, account: Account, scopes: Iterable[Scope]) -> str:
    """A key of the account with these scopes."""
    made = await stage.turnkeeper.actions.accounts.create_key(account, name="scoped", scopes=frozenset(scopes))
    return made[1]


async def key_without(stage: Stage, scope: Scope) -> str:
    """A key of the admin with all scopes but one."""
    return await key_for(stage, await admin_of(stage), ALL_SCOPES - {scope})
