"""The operations on the documents of a data set."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.data_sets import DocumentKind
from turnkeeper.dialects.native.operations.data_sets import DATA_SET, NO_DATA_SET, ONLY_ADMINS
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT
from turnkeeper.dialects.native.operations.problems import ID, missing, problem, wrong
from turnkeeper.dialects.native.operations.syncs import ACCEPTED, FORM_TOO_LARGE, SYNC_WAIT
from turnkeeper.dialects.native.shapes.documents import DocumentsShape, DocumentTextShape, PassagesShape, TextBody
from turnkeeper.dialects.native.shapes.syncs import FileForm, FilesForm
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply, RequestBody

_DOCUMENT = Parameter(
    name="document_id",
    where="path",
    description="The document: `doc_…`; the `document_id` of a citation is understood too.",
)
_NO_DOCUMENT = missing("document", f"doc_{ID}")
_EXAMPLE: Mapping[str, object] = {
    "id": "doc_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "kind": "document",
    "address": "routers/r5.md",
    "title": "Router R5",
    "size": 61,
    "passages": 1,
    "version": 2,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-13T08:02:40.007Z",
}
_TEXT_EXAMPLE: Mapping[str, object] = {
    **_EXAMPLE,
    "is_changed": True,
    "length": 61,
    "start": 0,
    "end": 61,
    "text": "# Router R5\n\nThe lamp blinks red when the line is down again.",
}
_TEXT_BODY: Mapping[str, object] = {
    "address": "routers/r5.md",
    "title": "Router R5",
    "markdown": "# Router R5\n\nThe lamp blinks red when the line is down.",
}
_WRONG_LIMIT = wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit")
_WRONG_BODY = wrong(
    "Exactly one of 'text', 'markdown' and 'html' is needed.",
    "missing",
    pointer="/text",
)
_NEITHER = problem(
    415,
    "unsupported_media_type",
    "The body must be JSON; send `Content-Type: application/json`.",
    description="The body is neither JSON nor a form.",
)

LIST = Operation(
    method="get",
    path="/data-sets/{data_set_id}/documents",
    name="listDocuments",
    tag="Documents",
    scope="read",
    summary="The documents of a data set",
    description="Newest first, without their texts; the companions of products too.",
    parameters=(
        DATA_SET,
        Parameter(name="q", where="query", description="Only those with a passage that has all of these words."),
        Parameter(name="address_prefix", where="query", description="Only those whose address begins so."),
        Parameter(name="title", where="query", description="Only those with this in their title."),
        Parameter(
            name="kind",
            where="query",
            description="Only those of this kind.",
            schema={"type": "string", "enum": list(get_args(DocumentKind))},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=DocumentsShape,
            example={"items": [_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        _WRONG_LIMIT,
        NO_DATA_SET,
    ),
)

ADD = Operation(
    method="post",
    path="/data-sets/{data_set_id}/documents",
    name="addDocuments",
    tag="Documents",
    scope="manage_data",
    summary="Add documents",
    description=(
        "A text in JSON of at most 5,000,000 bytes, or files as a form. A document of the same address is replaced. A text "
        "without an address is called by its content. It is done by a run; see Syncs."
    ),
    parameters=(DATA_SET, SYNC_WAIT, KEY),
    request=TextBody,
    request_example=_TEXT_BODY,
    other_request=RequestBody(
        shape=FilesForm, example={"file": ["the bytes of r5.md", "the bytes of r9.pdf"]}, media="multipart/form-data"
    ),
    replies=(ACCEPTED, _WRONG_BODY, ONLY_ADMINS, NO_DATA_SET, FORM_TOO_LARGE, _NEITHER),
)

PUT = Operation(
    method="put",
    path="/data-sets/{data_set_id}/documents",
    name="putDocument",
    tag="Documents",
    scope="manage_data",
    summary="Put a document at an address",
    description=(
        "In place of what was there: a text in JSON, or one file as a form, whatever its name is. Of a file the ending of "
        "the address tells which kind of text it is. It is done by a run; see Syncs."
    ),
    parameters=(
        DATA_SET,
        Parameter(name="address", where="query", description="What it is called: a path or a URL. It must be there."),
        SYNC_WAIT,
        KEY,
    ),
    request=TextBody,
    request_example={"markdown": "# Router R5\n\nThe lamp blinks red when the line is down."},
    other_request=RequestBody(shape=FileForm, example={"file": "the bytes of r5.md"}, media="multipart/form-data"),
    replies=(ACCEPTED, _WRONG_BODY, ONLY_ADMINS, NO_DATA_SET, FORM_TOO_LARGE, _NEITHER),
)

GET = Operation(
    method="get",
    path="/data-sets/{data_set_id}/documents/{document_id}",
    name="getDocument",
    tag="Documents",
    scope="read",
    summary="Get a document",
    description=(
        "With its text, or a stretch of it: at most 1,000,000 characters, and 100,000 if `end` is left out. With the "
        "`version` that a citation names it says whether the text is another one by now; earlier texts are not kept."
    ),
    parameters=(
        DATA_SET,
        _DOCUMENT,
        Parameter(
            name="start",
            where="query",
            description="From this offset on, in characters.",
            schema={"type": "integer", "minimum": 0, "default": 0},
        ),
        Parameter(
            name="end", where="query", description="Up to this offset.", schema={"type": "integer", "minimum": 0}
        ),
        Parameter(
            name="version",
            where="query",
            description="The `document_version` of a citation or passage.",
            schema={"type": "integer", "minimum": 0},
        ),
    ),
    replies=(
        Reply(status=200, description="The document.", shape=DocumentTextShape, example=_TEXT_EXAMPLE),
        wrong("The parameter 'end' lies before 'start'.", "invalid", parameter="end"),
        _NO_DOCUMENT,
    ),
)

DELETE = Operation(
    method="delete",
    path="/data-sets/{data_set_id}/documents/{document_id}",
    name="deleteDocument",
    tag="Documents",
    scope="manage_data",
    summary="Remove a document",
    description=(
        "By a run, behind those that were asked for before; see Syncs. A later upload of the file that it came from brings "
        "it back. Of a product its companion is removed, and the product with it."
    ),
    parameters=(DATA_SET, _DOCUMENT, SYNC_WAIT, KEY),
    replies=(ACCEPTED, ONLY_ADMINS, _NO_DOCUMENT),
)

LIST_PASSAGES = Operation(
    method="get",
    path="/data-sets/{data_set_id}/documents/{document_id}/passages",
    name="listPassages",
    tag="Documents",
    scope="read",
    summary="The passages of a document",
    description="In the order of the text: what a search can find of it.",
    parameters=(DATA_SET, _DOCUMENT, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=PassagesShape,
            example={
                "document_version": 2,
                "items": [
                    {
                        "start": 13,
                        "end": 61,
                        "text": "The lamp blinks red when the line is down again.",
                        "context": "Router R5",
                        "has_vector": True,
                    }
                ],
                "has_more": False,
                "next_cursor": None,
            },
        ),
        _WRONG_LIMIT,
        _NO_DOCUMENT,
    ),
)
