"""The queries of the audit log."""

from dataclasses import replace
from typing import Literal

from turnkeeper.core.audit import ACTIONS, AuditFilter, AuditHead, head_in
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.queries.numbered import before_in
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, moment, word
from turnkeeper.dialects.native.translate.ids import account_in

AUDIT = "audit"
Format = Literal["ndjson", "csv"]
_FORMATS: tuple[Format, ...] = ("ndjson", "csv")
_FILTERS = ("action", "account", "target", "from", "to")
_LONGEST_TARGET = 255


def audit_filter(query: bytes) -> AuditFilter:
    """Which entries are wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=(*_FILTERS, "limit", "cursor"))
    wanted = replace(_filter(fields), before=before_in(fields, AUDIT), limit=fields.limit())
    fields.check()
    return wanted


def export_filter(query: bytes) -> tuple[AuditFilter, Format]:
    """Which entries are wanted, and how.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=(*_FILTERS, "format"))
    wanted = _filter(fields)
    form: Format | None = fields.read("format", word("format", _FORMATS))
    fields.check()
    return wanted, form or "ndjson"


def noted_head(query: bytes) -> AuditHead | None:
    """The head that the log is compared with, if one is given.

    Raises:
        FaultsError: it is none.
    """
    fields = Parameters(query, known=("head",))
    noted = fields.read("head", head_in)
    fields.check()
    return noted


def _filter(fields: Parameters) -> AuditFilter:
    return AuditFilter(
        action=fields.read("action", word("action", tuple(ACTIONS))),
        account=fields.read("account", id_of(account_in, "account", "acc")),
        target=fields.read("target", _target),
        since=fields.read("from", moment("from")),
        until=fields.read("to", moment("to")),
        limit=1,
    )


def _target(text: str) -> str:
    if not text or len(text) > _LONGEST_TARGET or "\x00" in text:
        raise InvalidError("target", "The parameter 'target' must be an id such as agt_…, or the name of a secret.")
    return text
