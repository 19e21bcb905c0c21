"""`/data-sets`: the data sets themselves, who may use them, and what a search finds."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.data_sets import DataSetChange
from turnkeeper.core.data_sets import DataSet
from turnkeeper.core.idempotency import Once
from turnkeeper.core.ids import prefixed
from turnkeeper.core.ranking import ExplainedPassage
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.data_sets import (
    data_set_change_form,
    member_form,
    new_data_set_form,
    search_form,
)
from turnkeeper.dialects.native.operations import data_sets as operations
from turnkeeper.dialects.native.queries.data_sets import (
    behind_data_set,
    behind_member,
    data_sets_wanted,
    members_wanted,
)
from turnkeeper.dialects.native.shapes.data_sets import DataSetMembersShape, DataSetsShape
from turnkeeper.dialects.native.shapes.documents import SearchShape
from turnkeeper.dialects.native.translate.data_sets import data_set_shape, member_shape
from turnkeeper.dialects.native.translate.documents import found_shape
from turnkeeper.dialects.native.translate.ids import account_or_name_in, data_set_in


async def data_set_of(actions: Actions, asked: Asked) -> DataSet:
    """The data set that the path names, by its id or its name.

    Raises:
        NotFoundError: there is none that the caller may see.
    """
    return await actions.data_sets.named(asked.caller, data_set_in(asked.path("data_set_id")))


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with data sets."""
    return [*_of_data_sets(actions), *_of_members(actions), _search(actions)]


def _of_data_sets(actions: Actions) -> list[Endpoint]:
    async def told(asked: Asked, once: Once[DataSet], *, is_new: bool = False) -> ASGIApp:
        """A data set as it was made or changed, with what it holds now."""
        data_set = once.value
        totals = await actions.data_sets.totals_of(asked.caller, [data_set])
        return answer(
            data_set_shape(data_set, totals.get(data_set.id)),
            status=201 if is_new else 200,
            replayed=once.replayed,
            version=data_set.revision,
            location=f"/v1/data-sets/{prefixed('ds', data_set.public_id)}" if is_new else None,
        )

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body()
        form = new_data_set_form(body, asked.content_type)
        made = await actions.data_sets.make(
            asked.caller,
            name=form.name or "",
            description=form.description or "",
            model=form.embedding_model,
            key=asked.key(body),
        )
        return await told(asked, made, is_new=True)

    async def list_data_sets(asked: Asked) -> ASGIApp:
        wanted = data_sets_wanted(asked.query)
        found = await actions.data_sets.page(
            asked.caller, before=wanted.before, name=wanted.name, limit=wanted.limit + 1
        )
        shown, has_more = cut(found, wanted.limit)
        totals = await actions.data_sets.totals_of(asked.caller, shown)
        return answer(
            DataSetsShape(
                items=[data_set_shape(each, totals.get(each.id)) for each in shown],
                has_more=has_more,
                next_cursor=behind_data_set(shown[-1]) if has_more else None,
            )
        )

    async def get(asked: Asked) -> ASGIApp:
        return await told(asked, Once(value=await data_set_of(actions, asked), replayed=False))

    async def change(asked: Asked) -> ASGIApp:
        body = await asked.body()
        form = data_set_change_form(body, asked.content_type)
        data_set = await data_set_of(actions, asked)
        wanted = DataSetChange(
            name=form.name,
            description=form.description,
            embedding_model=form.embedding_model,
            version=asked.version_wanted,
        )
        return await told(asked, await actions.data_sets.change(asked.caller, data_set.id, wanted, key=asked.key(body)))

    async def delete(asked: Asked) -> ASGIApp:
        wanted = data_set_in(asked.path("data_set_id"))
        done = await actions.data_sets.delete(asked.caller, wanted, version=asked.version_wanted, key=asked.key(b""))
        return nothing(replayed=done.replayed)

    return [
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.LIST, handle=list_data_sets),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CHANGE, handle=change),
        Endpoint(operation=operations.DELETE, handle=delete),
    ]


def _of_members(actions: Actions) -> list[Endpoint]:
    members = actions.data_set_members

    async def list_members(asked: Asked) -> ASGIApp:
        after, limit = members_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        found = await members.page(asked.caller, data_set.id, after=after, limit=limit + 1)
        shown, has_more = cut(found, limit)
        return answer(
            DataSetMembersShape(
                items=[member_shape(member) for member in shown],
                has_more=has_more,
                next_cursor=behind_member(shown[-1]) if has_more else None,
            )
        )

    async def add(asked: Asked) -> ASGIApp:
        body = await asked.body()
        account = member_form(body, asked.content_type)
        data_set = await data_set_of(actions, asked)
        added = await members.add(asked.caller, data_set.id, account, key=asked.key(body))
        return answer(member_shape(added.value), replayed=added.replayed)

    async def remove(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        account = account_or_name_in(asked.path("account_id"))
        removed = await members.remove(asked.caller, data_set.id, account, key=asked.key(b""))
        return nothing(replayed=removed.replayed)

    return [
        Endpoint(operation=operations.LIST_MEMBERS, handle=list_members),
        Endpoint(operation=operations.ADD_MEMBER, handle=add),
        Endpoint(operation=operations.REMOVE_MEMBER, handle=remove),
    ]


def _search(actions: Actions) -> Endpoint:
    async def search(asked: Asked) -> ASGIApp:
        form = search_form(await asked.body(), asked.content_type)
        data_set = await data_set_of(actions, asked)
        caller, number = asked.caller, data_set.id
        if form.explains:
            found = await actions.data_sets.explain(
                caller, number, question=form.query, limit=form.limit, only=form.only
            )
        else:
            passages = await actions.data_sets.search(
                caller, number, question=form.query, limit=form.limit, only=form.only
            )
            found = [ExplainedPassage(passage=passage, explanation=None) for passage in passages]
        documents = await actions.documents.public_ids([each.passage.document_id for each in found])
        there = [each for each in found if each.passage.document_id in documents]
        return answer(
            SearchShape(
                items=[
                    found_shape(rank, each.passage, each.explanation, documents) for rank, each in enumerate(there, 1)
                ]
            )
        )

    return Endpoint(operation=operations.SEARCH, handle=search)
