"""`/data-sets/…/documents` and `/data-sets/…/products`: what a data set holds."""

import hashlib
from dataclasses import replace

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.syncs import MOST_FILES, KeptFile
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.data_sets import TextForm, text_form
from turnkeeper.dialects.native.operations import documents as operations
from turnkeeper.dialects.native.operations import products as product_operations
from turnkeeper.dialects.native.queries.documents import (
    address_wanted,
    behind_document,
    behind_passage,
    behind_products,
    documents_wanted,
    passages_wanted,
    products_wanted,
    text_wanted,
)
from turnkeeper.dialects.native.routes.data_sets import data_set_of
from turnkeeper.dialects.native.routes.receiving import received_files, received_text
from turnkeeper.dialects.native.routes.syncs import accepted
from turnkeeper.dialects.native.shapes.documents import DocumentsShape, PassagesShape, ProductsShape
from turnkeeper.dialects.native.translate.documents import (
    document_shape,
    document_text_shape,
    passage_shape,
    product_shape,
)
from turnkeeper.dialects.native.translate.ids import document_in, product_in

MOST_TEXT_BYTES = 5_000_000
"""Of a JSON body that brings a text; more comes as a file."""


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with documents and products."""
    return [*_reading(actions), *_changing(actions), *_of_products(actions)]


def _reading(actions: Actions) -> list[Endpoint]:
    documents = actions.documents

    async def list_documents(asked: Asked) -> ASGIApp:
        wanted = documents_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        # One more than is shown tells whether there are more.
        found = await documents.page(asked.caller, data_set.id, replace(wanted, limit=wanted.limit + 1))
        shown, has_more = cut(found, wanted.limit)
        return answer(
            DocumentsShape(
                items=[document_shape(document) for document in shown],
                has_more=has_more,
                next_cursor=behind_document(shown[-1]) if has_more else None,
            )
        )

    async def get(asked: Asked) -> ASGIApp:
        wanted = text_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        document = asked.named("document_id", "document", document_in)
        part = await documents.part(asked.caller, data_set.id, document, start=wanted.start, most=wanted.most)
        return answer(document_text_shape(part, seen_version=wanted.version))

    async def list_passages(asked: Asked) -> ASGIApp:
        after, limit = passages_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        document = await documents.entry(asked.caller, data_set.id, asked.named("document_id", "document", document_in))
        found = await documents.passages(asked.caller, data_set.id, document.id, after=after, limit=limit + 1)
        shown, has_more = cut(found, limit)
        return answer(
            PassagesShape(
                document_version=document.version,
                items=[passage_shape(passage) for passage in shown],
                has_more=has_more,
                next_cursor=behind_passage(shown[-1]) if has_more else None,
            )
        )

    return [
        Endpoint(operation=operations.LIST, handle=list_documents),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.LIST_PASSAGES, handle=list_passages),
    ]


def _changing(actions: Actions) -> list[Endpoint]:
    syncs = actions.syncs

    async def kept(asked: Asked, address: str | None, *, most: int) -> list[KeptFile]:
        """What the body brings: a form with files, or a text in JSON."""
        if (asked.content_type or "").partition(";")[0].strip().lower() == "multipart/form-data":
            return await received_files(syncs, asked, address=address, most=most)
        form = text_form(await asked.body(MOST_TEXT_BYTES), asked.content_type)
        named = address or form.address or f"documents/{_digest(form)}"
        return [await received_text(syncs, asked, form.content, address=named, kind=form.kind, title=form.title)]

    async def add(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        await syncs.check(asked.caller, data_set.id)
        key = asked.key(b"")
        files = await kept(asked, None, most=MOST_FILES)
        return await accepted(
            actions, asked, await syncs.begin(asked.caller, data_set.id, mode="merge", kept=files, key=key)
        )

    async def put(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        await syncs.check(asked.caller, data_set.id)
        address = address_wanted(asked.query)
        key = asked.key(b"")
        files = await kept(asked, address, most=1)
        return await accepted(
            actions, asked, await syncs.begin(asked.caller, data_set.id, mode="merge", kept=files, key=key)
        )

    async def delete(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        await syncs.check(asked.caller, data_set.id)
        document = asked.named("document_id", "document", document_in)
        done = await syncs.remove(asked.caller, data_set.id, document, key=asked.key(b""))
        return await accepted(actions, asked, done)

    return [
        Endpoint(operation=operations.ADD, handle=add),
        Endpoint(operation=operations.PUT, handle=put),
        Endpoint(operation=operations.DELETE, handle=delete),
    ]


def _digest(form: TextForm) -> str:
    """What a text without an address is called: the same one is stored once, however often it comes."""
    return hashlib.sha256(f"{form.title}\0{form.kind}\0{form.content}".encode()).hexdigest()[:32]


def _of_products(actions: Actions) -> list[Endpoint]:
    async def list_products(asked: Asked) -> ASGIApp:
        query = products_wanted(asked.query)
        data_set = await data_set_of(actions, asked)
        found = await actions.documents.products(asked.caller, data_set.id, query)
        behind = behind_products(query, len(found.items))
        has_more = behind is not None and query.offset + len(found.items) < found.total
        return answer(
            ProductsShape(
                items=[product_shape(each.product, each.document) for each in found.items],
                has_more=has_more,
                next_cursor=behind if has_more else None,
                total=found.total,
            )
        )

    async def get(asked: Asked) -> ASGIApp:
        data_set = await data_set_of(actions, asked)
        found = await actions.documents.product(asked.caller, data_set.id, product_in(asked.path("product_id")))
        return answer(product_shape(found.product, found.document))

    return [
        Endpoint(operation=product_operations.LIST, handle=list_products),
        Endpoint(operation=product_operations.GET, handle=get),
    ]
