"""Models, their providers and prices, and secrets on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from turnkeeper.dialects.native.shapes.common import Moment


class PriceShape(msgspec.Struct, kw_only=True):
    """US dollars per million tokens; where the price grows with the prompt, the lowest."""

    input: float
    output: float
    cache_read: float
    cache_write: float


class ModelShape(msgspec.Struct, kw_only=True):
    """A model that is known by name."""

    name: Annotated[str, Meta(description="As agents name it.", examples=["openai:gpt-4.1-mini"])]
    title: str | None
    context_tokens: int | None
    is_deprecated: bool
    price: Annotated[PriceShape | None, Meta(description="null: it has none by the token.")]


class ProviderShape(msgspec.Struct, kw_only=True):
    """A provider of models."""

    name: Annotated[str, Meta(description="What stands before the colon of a model's name.", examples=["openai"])]
    title: str
    problem: Annotated[
        str | None, Meta(description="What keeps your organization from using it; null when nothing does.")
    ]
    needs_key: bool
    key_from: Annotated[
        Literal["vault", "server"] | None,
        Meta(description="Whose key is used: your organization's own, or the server's. Keys are never shown."),
    ]
    secret: Annotated[str | None, Meta(description="Under which name your organization keeps a key of its own.")]
    models: Annotated[list[ModelShape], Meta(description="Those known by name, with prices; others can be used too.")]


class EmbeddingModelShape(msgspec.Struct, kw_only=True):
    """A model for the vectors of data sets."""

    name: Annotated[str, Meta(examples=["minilm"])]
    problem: Annotated[str | None, Meta(description="What keeps your organization from using it.")]


class ModelsShape(msgspec.Struct, kw_only=True):
    """Which models there are."""

    default: Annotated[str, Meta(description="The model of agents that name none.")]
    providers: list[ProviderShape]
    embedding_models: Annotated[
        list[EmbeddingModelShape], Meta(description="The usual ones; others of the same providers can be used too.")
    ]


class SecretShape(msgspec.Struct, kw_only=True):
    """A secret, without its value."""

    name: Annotated[str, Meta(examples=["OPENAI_API_KEY"])]
    set_by: Annotated[str | None, Meta(description="The account that set it last; null when that is gone.")]
    created_at: Moment
    updated_at: Moment


class SecretsShape(msgspec.Struct, kw_only=True):
    """A part of the secrets, oldest first."""

    items: list[SecretShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class SecretBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The value of a secret. It goes in and never comes out again, but to the model or tool that needs it."""

    value: Annotated[str, Meta(description="At most 16,384 bytes.")]
