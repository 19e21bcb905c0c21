"""Data sets: what callers may ask of them, and what operators do with them from the command line."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from turnkeeper.actions.data_set_notes import note_import, note_member
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DataSet, DataSetTotals, Document, Passage, Product
from turnkeeper.core.errors import (
    ClaimLostError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    TurnkeeperError,
)
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.imports import Failure, ImportReport
from turnkeeper.core.ranking import ExplainedPassage, PassageFilter
from turnkeeper.retrieval.embedder import Embedders
from turnkeeper.retrieval.embedding import Embedding
from turnkeeper.retrieval.indexing import Report, Source, no_report
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.sources.folder import find_files
from turnkeeper.retrieval.syncing import Found, bring
from turnkeeper.store import audit, data_sets, syncs
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.embeddings import VectorShelf, begin_change, try_lock_data_set
from turnkeeper.store.syncs import SyncWork

_LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetChange:
    """What is to be changed of a data set; None stays as it is."""

    name: str | None = None
    description: str | None = None
    embedding_model: str | None = None
    version: int | None = None
    """Only if it is at this revision; None for any."""


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
        check_may_change(caller)
        return (await self.make(caller, name=name, key=None)).value

    async def make(
        self, caller: Caller, *, name: str, description: str = "", model: str | None = None, key: IdempotencyKey | None
    ) -> Once[DataSet]:
        """A new, empty data set, embedded by this model when one is named.

        Raises:
            NotAllowedError: the caller is no admin.
            InvalidError: the name cannot be used, or there is no such model, or a key for it is missing.
            ConflictError: code `name_taken`, or `idempotency_key_reused`.
            TransientError: the model's endpoint does not answer.
        """
        check_may_change(caller)
        checked, about = _checked_name(name), _checked_description(description)
        dimensions = None if model is None else await self._measured(model, caller)

        async def work(connection: Connection) -> DataSet:
            made = await data_sets.create(
                connection, organization_id=caller.organization_id, name=checked, description=about
            )
            await audit.append(connection, caller.actor, "data_set.created", target=made.public_id)
            if model is None or dimensions is None:
                return made
            await begin_change(connection, data_set_id=made.id, model=model.strip(), dimensions=dimensions)
            return _found(await data_sets.find(connection, caller, data_set_id=made.id), made.id)

        return await once(self._database, caller, key, DataSet, work, is_one_statement=False)

    async def named(self, caller: Caller, wanted: UUID | str) -> DataSet:
        """The data set with this public id, or this name.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            return _found(await data_sets.find_any(connection, caller, wanted), str(wanted))

    async def page(
        self, caller: Caller, *, before: int | None = None, name: str | None = None, limit: int = 50
    ) -> Sequence[DataSet]:
        """The data sets that the caller may see, newest first; `name` is a part of it, `before` an id."""
        async with self._database.connection() as connection:
            return await data_sets.listed_before(connection, caller, before=before, name=name, limit=limit)

    async def totals_of(self, caller: Caller, found: Sequence[DataSet]) -> Mapping[int, DataSetTotals]:
        """How much each of these data sets holds, by id; those that are gone are missing."""
        async with self._database.connection() as connection:
            return await data_sets.totals_of(connection, caller, data_set_ids=[each.id for each in found])

    async def change(
        self, caller: Caller, data_set_id: int, change: DataSetChange, *, key: IdempotencyKey | None
    ) -> Once[DataSet]:
        """Change what is given. Another embedding model makes its vectors behind those that serve.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
            InvalidError: the name cannot be used, or there is no such model, or a key for it is missing.
            ConflictError: code `precondition_failed` (another revision), `name_taken`, `run_under_way` (the model
                cannot be changed) or `idempotency_key_reused`.
            TransientError: the model's endpoint does not answer.
        """
        check_may_change(caller)
        await self.get(caller, data_set_id)
        name = None if change.name is None else _checked_name(change.name)
        about = None if change.description is None else _checked_description(change.description)
        model = None if change.embedding_model is None else change.embedding_model.strip()
        dimensions = None if model is None else await self._measured(model, caller)

        async def work(connection: Connection) -> DataSet:
            if model is not None and not await try_lock_data_set(connection, data_set_id):
                raise ConflictError(
                    "A run brings this data set up to date just now; change its model when that has ended.",
                    code="run_under_way",
                )
            present = _found(await data_sets.lock(connection, caller, data_set_id=data_set_id), data_set_id)
            check_version(present, change.version)
            if model is not None and dimensions is not None:
                await begin_change(connection, data_set_id=data_set_id, model=model, dimensions=dimensions)
            changed = await data_sets.change(
                connection,
                caller,
                data_set_id=data_set_id,
                name=present.name if name is None else name,
                description=present.description if about is None else about,
            )
            await audit.append(connection, caller.actor, "data_set.updated", target=present.public_id)
            return _found(changed, data_set_id)

        return await once(self._database, caller, key, DataSet, work, is_one_statement=False)

    async def get(self, caller: Caller, data_set_id: int) -> DataSet:
        """One data set.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            return _found(await data_sets.find(connection, caller, data_set_id=data_set_id), data_set_id)

    async def list(self, caller: Caller, *, after_id: int = 0, limit: int = 100) -> Sequence[DataSet]:
        """The data sets that the caller may see with ids above `after_id`, in the order of their ids."""
        async with self._database.connection() as connection:
            return await data_sets.listed(connection, caller, after_id=after_id, limit=limit)

    async def totals(self, caller: Caller, data_set_id: int) -> DataSetTotals:
        """How much the data set holds.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            totals = await data_sets.totals(connection, caller, data_set_id=data_set_id)
        if totals is None:
            raise NotFoundError("data set", data_set_id)
        return totals

    async def delete(
        self,
        caller: Caller,
        wanted: int | UUID | str,
        *,
        version: int | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[None]:
        """Remove a data set with all that it holds, and the agents that answer from it; its runs are cancelled.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
            ConflictError: code `precondition_failed`: it is at another revision; or `idempotency_key_reused`.
        """
        async with self._database.connection() as connection:
            present = await data_sets.find_any(connection, caller, wanted)
            if caller.role != "admin":  # who may not even see it learns nothing of it
                _found(present, str(wanted))
            check_may_change(caller)
            # In a statement of its own: a run that goes on hears of it, and lets go of the data set.
            if present is not None and (version is None or version == present.revision):
                await syncs.cancel_all(connection, data_set_id=present.id)

        async def work(connection: Connection) -> None:
            found = _found(await data_sets.find_any(connection, caller, wanted), str(wanted))
            present = _found(await data_sets.lock(connection, caller, data_set_id=found.id), str(wanted))
            check_version(present, version)
            await data_sets.delete(connection, organization_id=caller.organization_id, data_set_id=present.id)
            await audit.append(connection, caller.actor, "data_set.deleted", target=present.public_id)

        return await once(self._database, caller, key, type(None), work, is_one_statement=False)

    async def add_member(self, caller: Caller, data_set_id: int, *, account_id: int) -> None:
        """Let an account of the organization see the data set; repeatable.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: the organization has no such data set, or no such account.
        """
        check_may_change(caller)
        present = await self.get(caller, data_set_id)
        async with self._database.transaction() as connection:
            if not await data_sets.add_member(
                connection, organization_id=caller.organization_id, data_set_id=data_set_id, account_id=account_id
            ):
                raise NotFoundError("account", account_id)
            await note_member(connection, caller, "added", data_set=present.public_id, account_id=account_id)

    async def remove_member(self, caller: Caller, data_set_id: int, *, account_id: int) -> None:
        """Take the data set from an account's sight.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: the account is no member of such a data set.
        """
        check_may_change(caller)
        async with self._database.transaction() as connection:
            present = await data_sets.find(connection, caller, data_set_id=data_set_id)
            if present is None or not await data_sets.remove_member(
                connection, organization_id=caller.organization_id, data_set_id=data_set_id, account_id=account_id
            ):
                raise NotFoundError("member", account_id)
            await note_member(connection, caller, "removed", data_set=present.public_id, account_id=account_id)

    async def members(self, caller: Caller, data_set_id: int) -> Sequence[int]:
        """The ids of the accounts that belong to the data set.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none in the organization.
        """
        check_may_change(caller)
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
        return await self.import_found(caller, data_set_id, Found(sources=sources), report=report)

    async def import_found(
        self, caller: Caller, data_set_id: int, found: Found, *, report: Report = no_report
    ) -> ImportReport:
        """As `import_sources`, with what was left out before; it is told among the run's errors.

        The import is a run, listed with those that came over the API.

        Raises:
            ConflictError: code `cancelled`: somebody cancelled the run.
        """
        check_may_change(caller)
        present = await self.get(caller, data_set_id)
        async with self._database.transaction() as connection:
            sync_id = await syncs.register(connection, caller, data_set_id=data_set_id, files=len(found.sources))
            await note_import(connection, caller, data_set=present.public_id, files=len(found.sources))
            begun = await syncs.begin(connection, sync_id=sync_id)
        if begun is None:
            raise NotFoundError("data set", data_set_id)
        work = SyncWork(self._database, begun)
        try:
            return await bring(work, found, report=report)
        except ClaimLostError as error:
            message = "The import was cancelled, or its data set deleted; nothing was changed."
            raise ConflictError(message, code="cancelled") from error
        except TurnkeeperError as error:
            await work.fail(code=error.code, why=error.message)
            raise
        except BaseException:  # stopped by the operator, mostly
            async with self._database.connection() as connection:
                await syncs.cancel(connection, sync_id=sync_id)
            raise

    async def import_paths(
        self, caller: Caller, data_set_id: int, paths: Sequence[Path], *, report: Report = no_report
    ) -> ImportReport:
        """As `import_sources`, with the files in these folders and the files named themselves.

        Raises:
            InvalidError: a path does not exist.
        """
        found = await asyncio.to_thread(find_files, paths)
        unopened = tuple(Failure(address=folder.address, why=folder.why) for folder in found.unreadable)
        all_found = Found(sources=found.files, failures=unopened, skipped=found.skipped)
        return await self.import_found(caller, data_set_id, all_found, report=report)

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
        check_may_change(caller)
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
        check_may_change(caller)
        await self.get(caller, data_set_id)
        wanted = model.strip()
        dimensions = await self._measured(wanted, caller)
        async with self._database.transaction() as transaction:
            await begin_change(transaction, data_set_id=data_set_id, model=wanted, dimensions=dimensions)
            return _found(await data_sets.find(transaction, caller, data_set_id=data_set_id), data_set_id)

    async def search(
        self, caller: Caller, data_set_id: int, *, question: str, limit: int = 10, only: PassageFilter | None = None
    ) -> Sequence[Passage]:
        """The passages that fit the question best, best first; with a filter, of those that it lets through.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
            InvalidError: the question is blank, or the limit not 1–100.
            TransientError: the search took too long, or too many wait.
        """
        _check_question(question, limit)
        await self.get(caller, data_set_id)
        return await self._search.search_within(data_set_id, question, limit, only)

    async def explain(
        self, caller: Caller, data_set_id: int, *, question: str, limit: int = 10, only: PassageFilter | None = None
    ) -> Sequence[ExplainedPassage]:
        """As `search`, among the passages that the filter lets through, with the reasons of each rank.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
            InvalidError: the question is blank, or the limit not 1–100.
            TransientError: the search took too long, or too many wait.
        """
        _check_question(question, limit)
        await self.get(caller, data_set_id)
        return await self._search.explain(data_set_id, question, limit, only)

    async def _measured(self, model: str, caller: Caller) -> int:
        """The dimensions of an embedding model, which shows that it can be used."""
        try:
            return await self._embedders.measure(model.strip(), caller.organization_id)
        except InvalidError as error:
            raise InvalidError("embedding_model", error.why, code=error.code) from error

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


def check_may_change(caller: Caller) -> None:
    """Refuse who may not change data sets.

    Raises:
        NotAllowedError: the caller is no admin.
    """
    if caller.role != "admin":
        raise NotAllowedError("Only an admin of the organization may change its data sets; ask one of them.")


def check_version(present: DataSet, wanted: int | None) -> None:
    """Refuse a change of another revision than the wanted one; None is any.

    Raises:
        ConflictError: code `precondition_failed`.
    """
    if wanted is not None and wanted != present.revision:
        message = "The data set was changed meanwhile; read it again, then change it."
        raise ConflictError(message, code="precondition_failed")


def _check_question(question: str, limit: int) -> None:
    if not question.strip():
        raise InvalidError("question", "The question is blank; write what you look for.")
    if not 1 <= limit <= 100:
        raise InvalidError("limit", f"The limit is {limit}; give a number from 1 to 100.")


def _checked_description(description: str) -> str:
    if len(description) > LONGEST_DESCRIPTION:
        raise InvalidError("description", f"The description has more than {LONGEST_DESCRIPTION:,} characters.")
    return description


def _checked_name(name: str) -> str:
    trimmed = name.strip()
    if not trimmed or len(trimmed) > _LONGEST_NAME or not trimmed.isprintable():
        raise InvalidError("name", f"The name of a data set has 1 to {_LONGEST_NAME} printable characters.")
    return trimmed


def _found(data_set: DataSet | None, wanted: int | str) -> DataSet:
    if data_set is None:
        raise NotFoundError("data set", wanted)
    return data_set
