"""Data sets as callers see them: members read theirs, admins change all of their organization, outsiders see nothing."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.fakes.people import Crew, People
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.retrieval.search import Search
from turnkeeper.store.database import Database
from turnkeeper.store.passages import PassageIndex


class Office:
    """The actions, and the people who use them."""

    def __init__(self, database: Database, made: People) -> None:
        embedders = NamedEmbedders(minilm=HashingEmbedder())
        self.people = made
        self.actions = DataSetActions(database, Search(PassageIndex(database), embedders), embedders)


@pytest.fixture
def office(database: Database, crew: Crew) -> Office:
    return Office(database, crew.people)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lamp.md").write_text("# Lamp\n\nThe lamp is red.")
    (tmp_path / "scan.pdf").write_bytes(b"\x00\x01\x02 no document")
    return tmp_path


async def test_a_folder_is_imported_embedded_and_found(office: Office, folder: Path) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    report = await office.actions.import_paths(admin, number, [folder])
    assert (report.added, report.documents, report.unembedded) == (2, 1, 1)
    assert [failure.address for failure in report.failures] == ["scan.pdf"]
    assert await office.actions.embed(admin, number) == 1
    totals = await office.actions.totals(office.people.member, number)
    assert (totals.documents, totals.products, totals.passages, totals.unembedded) == (1, 0, 1, 0)
    (passage,) = await office.actions.search(office.people.member, number, question="what is red?")
    assert (passage.address, passage.title) == ("lamp.md", "Lamp")
    (document,) = await office.actions.documents(office.people.member, number)
    assert document == await office.actions.document(office.people.member, passage.document_id)


async def test_a_path_that_does_not_exist_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        await office.actions.import_paths(office.people.admin, office.people.data_set_id, [tmp_path / "nothing"])


async def test_a_member_sees_the_data_sets_it_belongs_to_and_an_admin_all(office: Office) -> None:
    made = office.people
    assert [data_set.name for data_set in await office.actions.list(made.member)] == ["open"]
    assert [data_set.name for data_set in await office.actions.list(made.admin)] == ["open", "closed"]
    assert await office.actions.list(made.outsider) == []
    assert (await office.actions.named(made.member, "open")).id == made.data_set_id


READS: dict[str, Callable[[DataSetActions, Caller, int], Awaitable[object]]] = {
    "get": lambda actions, caller, number: actions.get(caller, number),
    "named": lambda actions, caller, _: actions.named(caller, "closed"),
    "totals": lambda actions, caller, number: actions.totals(caller, number),
    "search": lambda actions, caller, number: actions.search(caller, number, question="lamp"),
    "documents": lambda actions, caller, number: actions.documents(caller, number),
    "products": lambda actions, caller, number: actions.products(caller, number),
}
CHANGES: dict[str, Callable[[DataSetActions, Caller, int], Awaitable[object]]] = {
    "delete": lambda actions, caller, number: actions.delete(caller, number),
    "members": lambda actions, caller, number: actions.members(caller, number),
    "add": lambda actions, caller, number: actions.add_member(caller, number, account_id=caller.account_id),
    "remove": lambda actions, caller, number: actions.remove_member(caller, number, account_id=caller.account_id),
    "import": lambda actions, caller, number: actions.import_sources(caller, number, []),
    "embed": lambda actions, caller, number: actions.embed(caller, number),
    "model": lambda actions, caller, number: actions.set_embedding_model(caller, number, model="minilm"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
async def test_what_a_caller_may_not_see_is_not_there(
    office: Office, read: Callable[[DataSetActions, Caller, int], Awaitable[object]]
) -> None:
    made = office.people
    await read(office.actions, made.admin, made.closed_data_set_id)
    for caller in (made.member, made.outsider):
        with pytest.raises(NotFoundError):
            await read(office.actions, caller, made.closed_data_set_id)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_only_an_admin_of_the_organization_changes_a_data_set(
    office: Office, change: Callable[[DataSetActions, Caller, int], Awaitable[object]]
) -> None:
    made = office.people
    with pytest.raises(NotAllowedError):
        await change(office.actions, made.member, made.data_set_id)
    with pytest.raises(NotFoundError):
        await change(office.actions, made.outsider, made.data_set_id)


async def test_a_member_may_not_create(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        await office.actions.create(office.people.member, name="mine")


async def test_a_name_is_used_once_in_an_organization(office: Office) -> None:
    made = await office.actions.create(office.people.admin, name="  Manuals ")
    assert made.name == "Manuals"
    with pytest.raises(ConflictError) as caught:
        await office.actions.create(office.people.admin, name="Manuals")
    assert caught.value.code == "name_taken"
    assert (await office.actions.create(office.people.outsider, name="Manuals")).id != made.id


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\0b"])
async def test_a_bad_name_is_refused(office: Office, name: str) -> None:
    with pytest.raises(InvalidError):
        await office.actions.create(office.people.admin, name=name)


async def test_membership_opens_and_closes_a_data_set(office: Office) -> None:
    made, number = office.people, office.people.closed_data_set_id
    for _ in range(2):
        await office.actions.add_member(made.admin, number, account_id=made.member.account_id)
    assert await office.actions.members(made.admin, number) == [made.member.account_id]
    assert (await office.actions.get(made.member, number)).name == "closed"
    await office.actions.remove_member(made.admin, number, account_id=made.member.account_id)
    with pytest.raises(NotFoundError):
        await office.actions.get(made.member, number)
    with pytest.raises(NotFoundError):
        await office.actions.remove_member(made.admin, number, account_id=made.member.account_id)


async def test_an_account_of_another_organization_cannot_become_a_member(office: Office) -> None:
    made = office.people
    with pytest.raises(NotFoundError):
        await office.actions.add_member(made.admin, made.data_set_id, account_id=made.outsider.account_id)


async def test_a_deleted_data_set_is_gone(office: Office, folder: Path) -> None:
    made = office.people
    await office.actions.import_paths(made.admin, made.data_set_id, [folder])
    await office.actions.delete(made.admin, made.data_set_id)
    assert [data_set.name for data_set in await office.actions.list(made.admin)] == ["closed"]


@pytest.mark.parametrize(("question", "limit"), [(" ", 5), ("lamp", 0), ("lamp", 101)])
async def test_a_search_names_what_is_wrong_with_it(office: Office, question: str, limit: int) -> None:
    with pytest.raises(InvalidError):
        await office.actions.search(office.people.admin, office.people.data_set_id, question=question, limit=limit)
