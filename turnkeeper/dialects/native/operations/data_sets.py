"""The operations on data sets, on who may use them, and the search."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import CURSOR, ETAG, IF_MATCH, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import ID, OUTDATED, conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.data_sets import (
    DataSetChangeBody,
    DataSetMemberShape,
    DataSetMembersShape,
    DataSetShape,
    DataSetsShape,
    NewDataSetBody,
    NewMemberBody,
)
from turnkeeper.dialects.native.shapes.documents import SearchBody, SearchShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

DATA_SET = Parameter(name="data_set_id", where="path", description="The data set: `ds_…`, or its name.")
NO_DATA_SET = missing("data set", f"ds_{ID}")
ONLY_ADMINS = problem(
    403,
    "not_allowed",
    "Only an admin of the organization may change its data sets; ask one of them.",
    description="The key is no admin's; or `scope_missing`.",
)
_ACCOUNT = Parameter(
    name="account_id", where="path", description="The account: `acc_…`, or its name or e-mail address."
)

_EXAMPLE: Mapping[str, object] = {
    "id": "ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E",
    "name": "handbook",
    "description": "What our support team knows.",
    "contents": {"documents": 212, "products": 0, "passages": 1840},
    "embedding": {
        "model": "minilm",
        "waiting": 0,
        "change": {"model": "openai:text-embedding-3-small", "done": 640, "total": 1840},
        "trouble": None,
    },
    "version": 3,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-13T08:02:40.007Z",
}
_NEW_EXAMPLE: Mapping[str, object] = {
    **_EXAMPLE,
    "contents": {"documents": 0, "products": 0, "passages": 0},
    "embedding": {"model": "minilm", "waiting": 0, "change": None, "trouble": None},
    "version": 1,
}
_MEMBER_EXAMPLE: Mapping[str, object] = {
    "id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "kind": "user",
    "name": "jo@example.com",
    "role": "member",
    "is_active": True,
}
_TAKEN = conflict(
    "name_taken",
    "There is a data set 'handbook' already; choose another name, or import into that one.",
    description="`name_taken`: the organization has one of this name. `run_under_way`: a run goes on, and the embedding "
    "model cannot be changed until it has ended.",
)
_WRONG_MODEL = wrong(
    "There is no embedding model 'x'; choose minilm, openai:NAME or ollama:NAME.", "invalid", pointer="/embedding_model"
)
_MODEL_AWAY = problem(
    502,
    "upstream_refused",
    "The embedding model refused the key.",
    description="The embedding model's endpoint refuses.",
)

CREATE = Operation(
    method="post",
    path="/data-sets",
    name="createDataSet",
    tag="Data sets",
    scope="manage_data",
    summary="Make a data set",
    description="Empty; upload documents, or a whole folder, afterwards.",
    parameters=(KEY,),
    request=NewDataSetBody,
    request_example={"name": "handbook", "description": "What our support team knows."},
    replies=(
        Reply(
            status=201,
            description="It is made.",
            shape=DataSetShape,
            example=_NEW_EXAMPLE,
            headers={**ETAG, **LOCATION, **REPLAYED},
        ),
        _WRONG_MODEL,
        ONLY_ADMINS,
        _TAKEN,
        _MODEL_AWAY,
    ),
)

LIST = Operation(
    method="get",
    path="/data-sets",
    name="listDataSets",
    tag="Data sets",
    scope="read",
    summary="The data sets",
    description="Newest first. Admins see all of the organization, others those that were opened to them.",
    parameters=(
        Parameter(name="name", where="query", description="Only those with this in their name."),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=DataSetsShape,
            example={"items": [_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

GET = Operation(
    method="get",
    path="/data-sets/{data_set_id}",
    name="getDataSet",
    tag="Data sets",
    scope="read",
    summary="Get a data set",
    description="With what it holds, and how far its vectors are.",
    parameters=(DATA_SET,),
    replies=(
        Reply(status=200, description="The data set.", shape=DataSetShape, example=_EXAMPLE, headers=ETAG),
        NO_DATA_SET,
    ),
)

CHANGE = Operation(
    method="patch",
    path="/data-sets/{data_set_id}",
    name="changeDataSet",
    tag="Data sets",
    scope="manage_data",
    summary="Change a data set",
    description=(
        "What is left out stays. Another embedding model makes its vectors behind those that serve, and takes their place "
        "once all are there; naming the one that serves ends such a change."
    ),
    parameters=(DATA_SET, IF_MATCH, KEY),
    request=DataSetChangeBody,
    request_example={"description": "What our support team knows.", "embedding_model": "openai:text-embedding-3-small"},
    replies=(
        Reply(
            status=200,
            description="The data set as it is now.",
            shape=DataSetShape,
            example=_EXAMPLE,
            headers={**ETAG, **REPLAYED},
        ),
        _WRONG_MODEL,
        ONLY_ADMINS,
        NO_DATA_SET,
        _TAKEN,
        OUTDATED,
        _MODEL_AWAY,
    ),
)

DELETE = Operation(
    method="delete",
    path="/data-sets/{data_set_id}",
    name="deleteDataSet",
    tag="Data sets",
    scope="manage_data",
    summary="Delete a data set",
    description="With all that it holds, and the agents that answer from it. Its runs are cancelled.",
    parameters=(DATA_SET, IF_MATCH, KEY),
    replies=(
        Reply(status=204, description="It is gone.", shape=None, example=None, headers=REPLAYED),
        ONLY_ADMINS,
        NO_DATA_SET,
        OUTDATED,
    ),
)

LIST_MEMBERS = Operation(
    method="get",
    path="/data-sets/{data_set_id}/members",
    name="listDataSetMembers",
    tag="Data sets",
    scope="manage_data",
    summary="Who may use a data set",
    description="The accounts that it was opened to; admins see all data sets anyway.",
    parameters=(DATA_SET, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=DataSetMembersShape,
            example={"items": [_MEMBER_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        ONLY_ADMINS,
        NO_DATA_SET,
    ),
)

ADD_MEMBER = Operation(
    method="post",
    path="/data-sets/{data_set_id}/members",
    name="addDataSetMember",
    tag="Data sets",
    scope="manage_data",
    summary="Open a data set to an account",
    description="At once; doing it again changes nothing.",
    parameters=(DATA_SET, KEY),
    request=NewMemberBody,
    request_example={"account": "jo@example.com"},
    replies=(
        Reply(
            status=200,
            description="The account may use it.",
            shape=DataSetMemberShape,
            example=_MEMBER_EXAMPLE,
            headers=REPLAYED,
        ),
        wrong("There is no account 'jo@example.com' in the organization.", "invalid", pointer="/account"),
        ONLY_ADMINS,
        NO_DATA_SET,
    ),
)

REMOVE_MEMBER = Operation(
    method="delete",
    path="/data-sets/{data_set_id}/members/{account_id}",
    name="removeDataSetMember",
    tag="Data sets",
    scope="manage_data",
    summary="Close a data set to an account",
    description="At once.",
    parameters=(DATA_SET, _ACCOUNT, KEY),
    replies=(
        Reply(
            status=204, description="The account may not use it any more.", shape=None, example=None, headers=REPLAYED
        ),
        ONLY_ADMINS,
        problem(
            404,
            "not_found",
            f"There is no member 'acc_{ID}' for you.",
            description="You have no such data set, or the account is no member of it.",
        ),
    ),
)

_FOUND_EXAMPLE: Mapping[str, object] = {
    "rank": 1,
    "score": 0.81,
    "document_id": "doc_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "document_version": 1,
    "title": "Router R5",
    "address": "routers/r5.md",
    "start": 12,
    "end": 61,
    "text": "The lamp blinks red when the line is down.",
    "explanation": {
        "words": {
            "score": 4.5,
            "rank": 1,
            "scaled": 1.0,
            "terms": [{"word": "lamp", "holding": 3, "weight": 6.1, "frequency": 2, "score": 4.5}],
        },
        "meaning": {"similarity": 0.62, "rank": 2, "scaled": 0.95},
        "document": {"similarity": 0.6, "scaled": 1.0},
        "meaning_share": 0.4,
        "document_share": 0.3,
        "own": 0.98,
        "fused": 0.985,
        "support": 0.04,
        "scale": 1.248,
    },
}

SEARCH = Operation(
    method="post",
    path="/data-sets/{data_set_id}/search",
    name="searchDataSet",
    tag="Data sets",
    scope="read",
    summary="Search a data set",
    description=(
        "What agents get to read: the passages that fit best, by their words (BM25) and by their meaning. With `explain` "
        "each comes with the figures by which it was ranked. Filters choose among passages; how rare a word is is counted "
        "over the whole data set."
    ),
    parameters=(DATA_SET,),
    request=SearchBody,
    request_example={"query": "Why does the lamp blink?", "limit": 5, "explain": True, "filters": {"kind": "document"}},
    replies=(
        Reply(
            status=200,
            description="Passages, best first; none where nothing fits.",
            shape=SearchShape,
            example={"items": [_FOUND_EXAMPLE]},
        ),
        wrong("The field 'query' is missing; it is a string.", "missing", pointer="/query"),
        NO_DATA_SET,
    ),
)
