"""One action in one transaction, and not a second time for the same Idempotency-Key."""

import hmac
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import idempotency
from turnkeeper.store.database import Connection, Database

T = TypeVar("T")


async def once(
    database: Database,
    caller: Caller,
    key: IdempotencyKey | None,
    kind: type[T],
    work: Callable[[Connection], Awaitable[T]],
    *,
    is_one_statement: bool = True,
) -> Once[T]:
    """The result of `work`, made now or, when the key was seen before, by the request that brought it first.

    Without a key, work of one statement needs no transaction around it. With a key, the result (a noun of kind `kind`)
    is stored in the transaction that made it; while that one runs, others with the same key wait for it. Work that
    raises stores nothing: the request may be tried again.

    Raises:
        ConflictError: code `idempotency_key_reused`: the key came with another body before.
    """
    if key is None:
        async with database.connection() if is_one_statement else database.transaction() as connection:
            return Once(value=await work(connection), replayed=False)
    async with database.transaction() as transaction:
        earlier = await idempotency.claim(transaction, caller, key)
        if earlier is not None:
            fingerprint, result = earlier
            if not hmac.compare_digest(fingerprint, key.fingerprint):
                raise ConflictError(
                    f"The Idempotency-Key {key.key!r} was used with another body before; take a new key.",
                    code="idempotency_key_reused",
                )
            return Once(value=msgspec.json.decode(result, type=kind), replayed=True)
        value = await work(transaction)
        await idempotency.keep(transaction, caller, key, result=msgspec.json.encode(value))
    return Once(value=value, replayed=False)
