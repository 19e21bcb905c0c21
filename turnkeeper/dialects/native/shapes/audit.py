"""The audit log on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.audit import Origin
from turnkeeper.dialects.native.shapes.common import AccountId

Hash = Annotated[str, Meta(description="SHA-256, in hexadecimal.", pattern="^[0-9a-f]{64}$")]
ExactMoment = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC, with microseconds, as it is hashed.",
        examples=["2026-04-12T18:45:12.000000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]


class AuditActorShape(msgspec.Struct, kw_only=True):
    """Who did it."""

    origin: Annotated[
        Origin,
        Meta(
            description="`key`: a request; `command`: an operator at the command line; `server`: the server by itself."
        ),
    ]
    account_id: AccountId | None
    account_name: Annotated[
        str | None,
        Meta(description="As the account is called today; erased with the person, and never part of the log."),
    ]
    key_id: Annotated[str | None, Meta(examples=["key_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0K"])]


class AuditTargetShape(msgspec.Struct, kw_only=True):
    """What it was done to."""

    kind: Annotated[str, Meta(examples=["agent"])]
    id: Annotated[str | None, Meta(description="Its id; of a secret and of limits of an agent, its name.")]


class AuditEntryShape(msgspec.Struct, kw_only=True):
    """One change."""

    number: Annotated[int, Meta(description="1, 2, 3 … without gaps.")]
    at: ExactMoment
    actor: AuditActorShape
    action: Annotated[str, Meta(examples=["agent.deployed"])]
    target: AuditTargetShape
    details: msgspec.Raw
    request_id: Annotated[str | None, Meta(description="The request in the server's log.")]
    previous_hash: Annotated[Hash, Meta(description="The `hash` of the entry before; 64 zeros in the first one.")]
    hash: Hash


class AuditShape(msgspec.Struct, kw_only=True):
    """A part of the log, newest first."""

    items: list[AuditEntryShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class AuditHeadShape(msgspec.Struct, kw_only=True):
    """The end of the log."""

    number: Annotated[int, Meta(description="How many entries there are.")]
    hash: Annotated[Hash, Meta(description="Of the last entry; 64 zeros when there is none.")]
    head: Annotated[str, Meta(description="Both, as `turnkeeper audit verify --head` takes them.")]


class VerifiedShape(msgspec.Struct, kw_only=True):
    """What a walk through the log found."""

    holds: bool
    head: Annotated[str, Meta(description="The last entry that holds, as it is noted.")]
    entries: Annotated[int, Meta(description="How many hold.")]
    broken_at: Annotated[int | None, Meta(description="The number of the first entry that does not hold.")]
    why: Annotated[str | None, Meta(description="What is wrong with it.")]


class FailedSignInsShape(msgspec.Struct, kw_only=True):
    """How often a key was no good, on one day for one reason."""

    day: Annotated[str, Meta(description="Of UTC.", extra_json_schema={"format": "date"})]
    reason: Annotated[str, Meta(examples=["revoked"])]
    count: int


class FailedSignInsListShape(msgspec.Struct, kw_only=True):
    """The last 90 days, newest first."""

    items: list[FailedSignInsShape]
