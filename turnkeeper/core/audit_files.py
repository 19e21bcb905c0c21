"""The audit log as a file: lines of JSON, or rows of a table. Both have all that the hashes are made of."""

from collections.abc import Mapping, Sequence
from datetime import UTC

import msgspec

from turnkeeper.core.audit import AuditEntry
from turnkeeper.core.ids import prefixed
from turnkeeper.core.spreadsheet import csv_rows

_COLUMNS = (
    "number",
    "at",
    "origin",
    "account_id",
    "account_name",
    "key_id",
    "action",
    "target_kind",
    "target_id",
    "details",
    "request_id",
    "previous_hash",
    "hash",
)


def exact_moment(entry: AuditEntry) -> str:
    """When it was, as it is hashed."""
    return entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def lines_of(entries: Sequence[AuditEntry]) -> bytes:
    """Entries as lines of JSON, in their order."""
    return b"".join(msgspec.json.encode(_record(entry)) + b"\n" for entry in entries)


def header_line() -> bytes:
    """The first line of the table."""
    return csv_rows([_COLUMNS]).encode()


def rows_of(entries: Sequence[AuditEntry]) -> bytes:
    """Entries as rows of the table, in their order."""
    return csv_rows(map(_cells, entries)).encode()


def _record(entry: AuditEntry) -> Mapping[str, object]:
    cells = dict(zip(_COLUMNS, _cells(entry), strict=True))
    return {
        "number": entry.number,
        "at": cells["at"],
        "actor": {name: cells[name] for name in ("origin", "account_id", "account_name", "key_id")},
        "action": entry.action,
        "target": {"kind": entry.target_kind, "id": entry.target},
        "details": msgspec.Raw(entry.details.encode()),
        **{name: cells[name] for name in ("request_id", "previous_hash", "hash")},
    }


def _cells(entry: AuditEntry) -> Sequence[object]:
    return (
        entry.number,
        exact_moment(entry),
        entry.origin,
        None if entry.account is None else prefixed("acc", entry.account),
        entry.account_name,
        None if entry.key is None else prefixed("key", entry.key),
        entry.action,
        entry.target_kind,
        entry.target,
        entry.details,
        entry.request_id,
        entry.previous.hex(),
        entry.hash.hex(),
    )
