"""What the native dialect promises of the audit log, erasure and retention."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_AUDIT = "docs/audit.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.audit.entries": Requirement(
        source=_AUDIT,
        behaviour="Every operation that runs the organization, decides or deletes leaves its entry in the audit log.",
    ),
    "native.audit.list": Requirement(
        source=_AUDIT, behaviour="Admins list the log by action, account, target and time, and export it."
    ),
    "native.audit.sign-ins": Requirement(
        source=_AUDIT, behaviour="Keys that are no good are counted, by day and reason."
    ),
}
