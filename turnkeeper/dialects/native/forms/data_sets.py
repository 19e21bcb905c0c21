"""What bodies say of data sets, members, texts and searches."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from turnkeeper.core.data_sets import DocumentKind
from turnkeeper.core.ranking import PassageFilter
from turnkeeper.dialects.native.forms.reading import Fields, fields_of
from turnkeeper.dialects.native.translate.ids import account_or_name_in, document_in

TextKind = Literal["text", "markdown", "html"]

_KINDS: tuple[TextKind, ...] = ("text", "markdown", "html")
_LONGEST_MODEL = 300
_LONGEST_NAME = 320
_LONGEST_ADDRESS = 1_000
_LONGEST_TITLE = 500
_MOST_DOCUMENTS = 100
_LONGEST_QUERY = 20_000
_USUAL_LIMIT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetForm:
    """A data set to be made, or what is to be changed of one."""

    name: str | None
    description: str | None
    embedding_model: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TextForm:
    """A document as a text."""

    address: str | None
    title: str | None
    kind: TextKind
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchForm:
    """What is looked for."""

    query: str
    limit: int
    explains: bool
    only: PassageFilter | None


def new_data_set_form(body: bytes, content_type: str | None) -> DataSetForm:
    """Check the body of a new data set.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("name", "description", "embedding_model"))
    name = fields.needed_text("name", most=_LONGEST_NAME)
    form = _data_set(fields, name)
    fields.check()
    return form


def data_set_change_form(body: bytes, content_type: str | None) -> DataSetForm:
    """Check the body of a change; what is left out, or null, stays.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("name", "description", "embedding_model"))
    form = _data_set(fields, fields.text("name", most=_LONGEST_NAME))
    fields.check()
    return form


def member_form(body: bytes, content_type: str | None) -> UUID | str:
    """Check the body that names an account.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("account",))
    account = fields.needed_text("account", most=_LONGEST_NAME)
    fields.check()
    return account_or_name_in(account.strip())


def text_form(body: bytes, content_type: str | None) -> TextForm:
    """Check the body of a document as a text.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("address", "title", *_KINDS))
    address = fields.text("address", most=_LONGEST_ADDRESS)
    title = fields.text("title", most=_LONGEST_TITLE)
    texts: list[tuple[TextKind, str]] = []
    for kind in _KINDS:
        content = fields.text(kind)
        if content is not None:
            texts.append((kind, content))
    if len(texts) != 1:
        fields.wrong(
            "text", "Exactly one of 'text', 'markdown' and 'html' is needed.", "missing" if not texts else "several"
        )
    fields.check()
    kind, content = texts[0]
    if not content.strip():
        fields.wrong(kind, f"The field {kind!r} is blank; say something.", "blank")
    fields.check()
    return TextForm(address=address, title=title if title and title.strip() else None, kind=kind, content=content)


def search_form(body: bytes, content_type: str | None) -> SearchForm:
    """Check the body of a search.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("query", "limit", "explain", "filters"))
    query = fields.needed_text("query", most=_LONGEST_QUERY)
    limit = fields.whole("limit", least=1, most=100)
    explains = fields.flag("explain")
    only = _filter(fields.inner("filters", known=("kind", "address_prefix", "documents")))
    fields.check()
    return SearchForm(
        query=query, limit=_USUAL_LIMIT if limit is None else limit, explains=explains or False, only=only
    )


def _data_set(fields: Fields, name: str | None) -> DataSetForm:
    return DataSetForm(
        name=name,
        description=fields.text("description", most=2_000),
        embedding_model=fields.text("embedding_model", most=_LONGEST_MODEL),
    )


def _filter(fields: Fields | None) -> PassageFilter | None:
    if fields is None:
        return None
    kinds: dict[str, DocumentKind] = {"document": "document", "product": "product"}
    kind = fields.word_or_none("kind", tuple(kinds))
    named = fields.texts("documents", most=_MOST_DOCUMENTS, longest=100)
    documents: list[UUID] = []
    for place, text in enumerate(named or ()):
        found = document_in(text)
        if isinstance(found, UUID):
            documents.append(found)
        else:
            why = f"{text!r} is no id of a document; expected `doc_` and 26 characters."
            fields.wrong(f"documents/{place}", why, "malformed_id", is_pointer=True)
    return PassageFilter(
        kind=None if kind is None else kinds.get(kind),
        address_prefix=fields.text("address_prefix", most=_LONGEST_ADDRESS),
        documents=None if named is None else tuple(documents),
    )
