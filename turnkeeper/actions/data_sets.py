"""Data sets: what callers may ask of them, and what operators do with them from the command line."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DataSet, Document, Passage, Product
from turnkeeper.core.errors import InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.imports import Failure, ImportReport
from turnkeeper.retrieval.embedder import Embedders
from turnkeeper.retrieval.embedding import Embedding
from turnkeeper.retrieval.indexing import Report, Source, import_sources, no_report
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.sources.folder import find_files
from turnkeeper.store import data_sets
from turnkeeper.store.data_sets import Totals
from turnkeeper.store.database import Database
from turnkeeper.store.embeddings import VectorShelf, begin_change
from turnkeeper.store.imports import Import

_LONGEST_NAME = 200


class DataSetActions:
    """Members read the data sets that they belong to; admins read and change all of their organization."""

    def __init__(self, database: Database, search: Search, embedders: Embedders) -> None:
        self._database = database
        self._search = search
        self._embedders = embedders
        self._embedding = Embedding(VectorShelf(database), embedders)

    async def create(self, caller: Caller, *, name: str) -> DataSet:
        """A new, empty data set.

        Raises:
            NotAllowedError: the caller is no admin.
            InvalidError: the name is blank, too long or not printable.
            ConflictError: code `name_taken`.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            return await data_sets.create(connection, organization_id=caller.organization_id, name=_checked_name(name))

    async def get(self, caller: Caller, data_set_id: int) -> DataSet:
        """One data set.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            return _found(await data_sets.find(connection, caller, data_set_id=data_set_id), data_set_id)

    async def get_named(self, caller: Caller, name: str) -> DataSet:
        """The data set of this name.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            return _found(await data_sets.find_named(connection, caller, name=name.strip()), name)

    async def list(self, caller: Caller, *, after_id: int = 0, limit: int = 100) -> Sequence[DataSet]:
        """The data sets that the caller may see with ids above `after_id`, in the order of their ids."""
        async with self._database.connection() as connection:
            return await data_sets.listed(connection, caller, after_id=after_id, limit=limit)

    async def totals(self, caller: Caller, data_set_id: int) -> Totals:
        """How much the data set holds.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            totals = await data_sets.totals(connection, caller, data_set_id=data_set_id)
        if totals is None:
            raise NotFoundError("data set", data_set_id)
        return totals

    async def delete(self, caller: Caller, data_set_id: int) -> None:
        """Remove a data set with all that it holds, and the agents that answer from it.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            if not await data_sets.delete(connection, organization_id=caller.organization_id, data_set_id=data_set_id):
                raise NotFoundError("data set", data_set_id)

    async def add_member(self, caller: Caller, data_set_id: int, *, account_id: int) -> None:
        """Let an account of the organization see the data set; repeatable.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: the organization has no such data set, or no such account.
        """
        _check_admin(caller)
        await self.get(caller, data_set_id)
        async with self._database.connection() as connection:
            added = await data_sets.add_member(
                connection, organization_id=caller.organization_id, data_set_id=data_set_id, account_id=account_id
            )
        if not added:
            raise NotFoundError("account", account_id)

    async def remove_member(self, caller: Caller, data_set_id: int, *, account_id: int) -> None:
        """Take the data set from an account's sight.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: the account is no member of such a data set.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            removed = await data_sets.remove_member(
                connection, organization_id=caller.organization_id, data_set_id=data_set_id, account_id=account_id
            )
        if not removed:
            raise NotFoundError("member", account_id)

    async def members(self, caller: Caller, data_set_id: int) -> Sequence[int]:
        """The ids of the accounts that belong to the data set.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
        """
        _check_admin(caller)
        await self.get(caller, data_set_id)
        async with self._database.connection() as connection:
            return await data_sets.members(connection, organization_id=caller.organization_id, data_set_id=data_set_id)

    async def import_sources(
        self, caller: Caller, data_set_id: int, sources: Sequence[Source], *, report: Report = no_report
    ) -> ImportReport:
        """Make the data set hold exactly what the sources hold, at once for all readers or not at all.

        Its text is searchable from then on; a task for the vectors is deferred in the same transaction. A second import
        into the same data set waits until the first is done. `report` hears of every batch of sources.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
            InvalidError: two sources have the same address.
        """
        _check_admin(caller)
        async with self._database.transaction() as transaction:
            _found(await data_sets.find(transaction, caller, data_set_id=data_set_id), data_set_id)
            return await import_sources(Import(transaction, data_set_id), sources, report=report)

    async def import_paths(
        self, caller: Caller, data_set_id: int, paths: Sequence[Path], *, report: Report = no_report
    ) -> ImportReport:
        """As `import_sources`, with the files in these folders and the files named themselves.

        Raises:
            InvalidError: a path does not exist.
        """
        found = await asyncio.to_thread(find_files, paths)
        done = await self.import_sources(caller, data_set_id, found.files, report=report)
        unopened = tuple(Failure(address=folder.address, why=folder.why) for folder in found.unreadable)
        return replace(done, failures=unopened + done.failures)

    async def embed(self, caller: Caller, data_set_id: int, *, report: Report = no_report) -> int:
        """Make vectors here, beside the workers, until none is left to make; returns how many were made here.

        Once all vectors of a new embedding model are there, search uses them.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
            TransientError: the endpoint of the embedding model does not answer.
            RefusedError: it refuses.
            InvalidError: its key is missing.
        """
        _check_admin(caller)
        await self.get(caller, data_set_id)
        return await self._embedding(data_set_id, report=report)

    async def set_embedding_model(self, caller: Caller, data_set_id: int, *, model: str) -> DataSet:
        """Have the data set embedded by another model; a task for it is deferred in the same transaction.

        The present vectors serve until all new ones are there. Repeatable; another model in the meantime takes the place
        of the one that was begun, and the model that serves ends the change.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
            InvalidError: there is no such model or provider, or a key is missing or refused.
            TransientError: the model's endpoint does not answer.
        """
        _check_admin(caller)
        await self.get(caller, data_set_id)
        wanted = model.strip()
        dimensions = await self._embedders.measure(wanted, caller.organization_id)
        async with self._database.transaction() as transaction:
            await begin_change(transaction, data_set_id=data_set_id, model=wanted, dimensions=dimensions)
            return _found(await data_sets.find(transaction, caller, data_set_id=data_set_id), data_set_id)

    async def search(self, caller: Caller, data_set_id: int, *, question: str, limit: int = 10) -> Sequence[Passage]:
        """The passages that fit the question best, best first.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
            InvalidError: the question is blank, or the limit not 1–100.
            TransientError: the search took too long, or too many wait.
        """
        if not question.strip():
            raise InvalidError("question", "The question is blank; write what you look for.")
        if not 1 <= limit <= 100:
            raise InvalidError("limit", f"The limit is {limit}; give a number from 1 to 100.")
        await self.get(caller, data_set_id)
        return await self._search.search(data_set_id, question, limit)

    async def document(self, caller: Caller, document_id: int) -> Document:
        """One document, with its whole text.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            document = await data_sets.find_document(connection, caller, document_id=document_id)
        if document is None:
            raise NotFoundError("document", document_id)
        return document

    async def documents(
        self, caller: Caller, data_set_id: int, *, after_id: int = 0, limit: int = 100
    ) -> Sequence[Document]:
        """Documents with ids above `after_id`, in the order of their ids; companions of products included.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
        """
        await self.get(caller, data_set_id)
        async with self._database.connection() as connection:
            return await data_sets.documents(
                connection, caller, data_set_id=data_set_id, after_id=after_id, limit=limit
            )

    async def products(
        self, caller: Caller, data_set_id: int, *, after_id: int = 0, limit: int = 100
    ) -> Sequence[Product]:
        """Products with ids above `after_id`, in the order of their ids.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
        """
        await self.get(caller, data_set_id)
        async with self._database.connection() as connection:
            return await data_sets.products(connection, caller, data_set_id=data_set_id, after_id=after_id, limit=limit)


def _check_admin(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only an admin of the organization may change its data sets; ask one of them.")


def _checked_name(name: str) -> str:
    trimmed = name.strip()
    if not trimmed or len(trimmed) > _LONGEST_NAME or not trimmed.isprintable():
        raise InvalidError("name", f"The name of a data set has 1 to {_LONGEST_NAME} printable characters.")
    return trimmed


def _found(data_set: DataSet | None, wanted: int | str) -> DataSet:
    if data_set is None:
        raise NotFoundError("data set", wanted)
    return data_set
