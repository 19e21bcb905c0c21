"""The audit log: what is written about changes of an organization, and the chain of hashes that holds it together.

An entry never has what people or agents said, nor a secret, nor a person's name or address: whoever it is about is named by
a public id, so that erasing a person leaves the log whole.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import prefixed

Origin = Literal["key", "session", "command", "server"]
"""Who did it: whoever has a key, or is signed in with a browser; an operator at the command line; the server by itself."""

ACTIONS: Mapping[str, str] = {
    "organization.created": "An organization was begun.",
    "organization.renamed": "It got another name.",
    "member.created": "An account was made.",
    "member.role_changed": "An account became an admin or a member.",
    "member.activated": "An account may sign in again.",
    "member.deactivated": "An account may not sign in any more.",
    "member.password_changed": "A person got another password.",
    "member.operator_changed": "An account may make organizations, or no more.",
    "session.started": "A person signed in with a browser.",
    "session.ended": "A person signed out, or was signed out.",
    "session.code_made": "A link was made that signs a person in once.",
    "key.created": "A key was made.",
    "key.updated": "A key got another name or rate.",
    "key.rotated": "A key got another secret.",
    "key.revoked": "A key opens nothing any more.",
    "agent.created": "An agent was made.",
    "agent.updated": "An agent was changed, or a revision of it was written.",
    "agent.deployed": "A revision of an agent answers from now on.",
    "agent.deleted": "An agent was deleted.",
    "agent.tool_called": "A tool was tried out.",
    "data_set.created": "A data set was made.",
    "data_set.updated": "What is said about a data set was changed, or how it is embedded.",
    "data_set.deleted": "A data set was deleted, with its documents.",
    "data_set.member_added": "An account may use a data set.",
    "data_set.member_removed": "An account may not use a data set any more.",
    "document.changed": "A document was put into a data set.",
    "document.deleted": "A document was taken out of a data set.",
    "sync.started": "A run that brings a data set up to date was asked for.",
    "sync.cancelled": "A run was stopped.",
    "webhook.created": "An address was registered.",
    "webhook.updated": "A webhook was changed.",
    "webhook.rotated": "A webhook signs with another secret.",
    "webhook.tested": "A test was sent to a webhook.",
    "webhook.replayed": "Deliveries were sent again.",
    "webhook.deleted": "A webhook was deleted.",
    "schedule.created": "A schedule was made.",
    "schedule.updated": "A schedule was changed.",
    "schedule.paused": "A schedule sends nothing until it is resumed.",
    "schedule.resumed": "A schedule sends again.",
    "schedule.run": "A schedule was asked to send at once.",
    "schedule.deleted": "A schedule was deleted.",
    "secret.put": "A secret of the vault got a value.",
    "secret.deleted": "A secret of the vault was deleted.",
    "secret.rotated": "The secrets of the vault were sealed with another key.",
    "limits.changed": "What may be spent was changed.",
    "approval.decided": "A person decided what an agent had asked.",
    "approval.expired": "Nobody decided in time.",
    "conversation.deleted": "A conversation was deleted.",
    "file.deleted": "A file was deleted.",
    "erasure.requested": "The erasure of a conversation or a person was asked for.",
    "erasure.done": "An erasure came to its end.",
    "retention.changed": "How long things are kept was changed.",
    "retention.applied": "What was older than its time was removed.",
}
"""Every action, and what it says."""

_PREFIXES: Mapping[str, str] = {
    "organization": "org",
    "member": "acc",
    "key": "key",
    "session": "ses",
    "agent": "agt",
    "data_set": "ds",
    "document": "doc",
    "sync": "sync",
    "webhook": "whk",
    "schedule": "sch",
    "approval": "apr",
    "conversation": "conv",
    "file": "file",
    "erasure": "ers",
}
START = bytes(32)
"""What stands before the first entry in the place of a hash."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who changes something, by the database's numbers; 0 stands for nobody in particular."""

    organization_id: int
    account_id: int = 0
    key_id: int = 0
    origin: Origin
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One entry. `details` is a JSON object, hashed as it stands."""

    number: int
    at: datetime
    origin: Origin
    account: UUID | None
    account_name: str | None
    """As it is called today, or was when it was erased; not part of the log."""
    key: UUID | None
    action: str
    target_kind: str
    target: str | None
    details: str
    request_id: str | None
    previous: bytes
    hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Which entries: newest first below `before`, or oldest first behind `after`."""

    action: str | None = None
    account: UUID | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditHead:
    """The end of a chain: noted elsewhere, it tells later that nothing was cut off."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedSignIns:
    """How many requests came with a key that was no good, on one day of UTC, for one reason."""

    day: str
    reason: str
    count: int


def kind_of(action: str) -> str:
    """What an action is done to: the part before the dot."""
    return action.partition(".")[0]


def target_of(action: str, target: UUID | str | None) -> str | None:
    """The id of the target as it is shown; what has no id of its own is named by its name."""
    return prefixed(_PREFIXES[kind_of(action)], target) if isinstance(target, UUID) else target


def details_of(about: Mapping[str, object]) -> str:
    """The details as they are stored: JSON without spaces, members in the order of their names."""
    return msgspec.json.encode(about, order="deterministic").decode()


def hash_of(organization: UUID, entry: AuditEntry) -> bytes:
    """SHA-256 of the entry and of the hash before it.

    Of this JSON array in UTF-8, without spaces: hash before in hex, organization, number, time in UTC with microseconds
    (`2026-04-12T18:45:12.000000Z`), origin, account, key, action, kind of the target, target, details, request. Ids of
    organization, account and key are UUIDs; what is missing is null.
    """
    row = [
        entry.previous.hex(),
        str(organization),
        entry.number,
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.origin,
        None if entry.account is None else str(entry.account),
        None if entry.key is None else str(entry.key),
        entry.action,
        entry.target_kind,
        entry.target,
        msgspec.Raw(entry.details.encode()),
        entry.request_id,
    ]
    return hashlib.sha256(msgspec.json.encode(row)).digest()


def head_in(text: str) -> AuditHead:
    """The head that somebody noted.

    Raises:
        InvalidError: it is none.
    """
    number, _, digest = text.strip().partition(":")
    try:
        found = bytes.fromhex(digest)
    except ValueError:
        found = b""
    if not number.isdecimal() or len(number) > 18 or len(found) != len(START):
        raise InvalidError("head", "A head is written NUMBER:HASH, with the 64 hexadecimal digits of the hash.")
    return AuditHead(number=int(number), hash=found)
