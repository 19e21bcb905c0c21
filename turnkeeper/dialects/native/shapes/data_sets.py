"""Data sets and their members on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.accounts import Role
from turnkeeper.dialects.native.shapes.common import AccountId, Moment

DataSetId = Annotated[str, Meta(examples=["ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E"])]


class ContentsShape(msgspec.Struct, kw_only=True):
    """How much a data set holds."""

    documents: int
    products: int
    passages: int


class ModelChangeShape(msgspec.Struct, kw_only=True):
    """An embedding model that is to take the place of the one that serves."""

    model: str
    done: Annotated[int, Meta(description="Passages that have its vector.")]
    total: int


class EmbeddingShape(msgspec.Struct, kw_only=True):
    """By which vectors a data set is searched."""

    model: Annotated[str, Meta(description="The model of the vectors that serve.", examples=["minilm"])]
    waiting: Annotated[
        int, Meta(description="Passages that have no vector of it yet: they are found by their words only.")
    ]
    change: Annotated[
        ModelChangeShape | None,
        Meta(description="How far another model is. Once all of its vectors are there they serve, at once."),
    ]
    trouble: Annotated[str | None, Meta(description="Why vectors could not be made at the last attempt.")]


class DataSetShape(msgspec.Struct, kw_only=True):
    """What agents know."""

    id: DataSetId
    name: str
    description: str
    contents: ContentsShape
    embedding: EmbeddingShape
    version: Annotated[int, Meta(description="Raised by each change of name, description or model; it is the `ETag`.")]
    created_at: Moment
    updated_at: Annotated[Moment, Meta(description="When it, or what it holds, was changed last.")]


class DataSetsShape(msgspec.Struct, kw_only=True):
    """A part of the data sets, newest first."""

    items: list[DataSetShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class NewDataSetBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A data set to be made."""

    name: Annotated[str, Meta(description="1 to 200 printable characters; unique in the organization.")]
    description: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    embedding_model: Annotated[
        str | UnsetType, Meta(description="`minilm` (the default, on this machine), `openai:NAME` or `ollama:NAME`.")
    ] = UNSET


class DataSetChangeBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to be changed; what is left out stays."""

    name: str | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    embedding_model: str | UnsetType = UNSET


class DataSetMemberShape(msgspec.Struct, kw_only=True):
    """An account that a data set was opened to."""

    id: AccountId
    kind: Literal["user", "service"]
    name: Annotated[str, Meta(description="A user's e-mail address, or a service account's name.")]
    role: Role
    is_active: bool


class DataSetMembersShape(msgspec.Struct, kw_only=True):
    """A part of the accounts that a data set was opened to."""

    items: list[DataSetMemberShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class NewMemberBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom a data set is to be opened to."""

    account: Annotated[str, Meta(description="`acc_…`, an e-mail address, or a service account's name.")]
