"""Erasures on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.erasures import ErasureKind, ErasureState
from turnkeeper.dialects.native.shapes.common import AccountId, ConversationId, Moment

ErasureId = Annotated[str, Meta(examples=["ers_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]


class EndUserBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An end user, as the metadata of conversations name him."""

    name: Annotated[str, Meta(min_length=1, max_length=64, examples=["customer"])]
    value: Annotated[str, Meta(min_length=1, max_length=500, examples=["cus_123"])]


class ErasureBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to be erased: one of these."""

    conversation_id: Annotated[ConversationId | None, Meta(description="A conversation.")] = None
    account_id: Annotated[AccountId | None, Meta(description="A person or program, with all conversations.")] = None
    end_user: Annotated[
        EndUserBody | None, Meta(description="All conversations with this value under this name of their metadata.")
    ] = None


class ErasureShape(msgspec.Struct, kw_only=True):
    """An erasure; once it is completed, its receipt."""

    id: ErasureId
    kind: ErasureKind
    conversation_id: ConversationId | None
    account_id: AccountId | None
    end_user_name: Annotated[str | None, Meta(description="The name in the metadata; the value is not kept.")]
    state: ErasureState
    removed: Annotated[
        dict[str, int], Meta(description="How much was removed so far, by kind; `bytes` are those of files.")
    ]
    created_at: Moment
    ended_at: Moment | None
    audit_number: Annotated[int | None, Meta(description="The entry of the audit log that tells that it is done.")]
    hash: Annotated[str | None, Meta(description="SHA-256 over the receipt, in hexadecimal.")]


class ErasuresShape(msgspec.Struct, kw_only=True):
    """A part of the erasures, newest first."""

    items: list[ErasureShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]
