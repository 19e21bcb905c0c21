"""Which calls of tools need a person's yes, by an agent's policy."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from turnkeeper.core.agents import ApprovalPolicy, ApprovalRule
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import InvalidError

MOST_RULES = 100
LONGEST_EXPIRY_SECONDS = 315_360_000
"""Ten years."""

_ABSENT = object()


def check_policy(policy: ApprovalPolicy) -> None:
    """Refuse a policy that could not be meant, above all rules that would never fit: nobody would be asked.

    Raises:
        InvalidError: a rule or the time of expiry.
    """
    if len(policy.rules) > MOST_RULES:
        raise InvalidError("settings.approvals.rules", f"An agent has at most {MOST_RULES} rules for approvals.")
    for number, rule in enumerate(policy.rules):
        why = _fault(rule)
        if why is not None:
            raise InvalidError(f"settings.approvals.rules[{number}]", f"Rule {number + 1} for approvals: {why}")
    seconds = policy.expires_after_seconds
    if seconds is not None and not 1 <= seconds <= LONGEST_EXPIRY_SECONDS:
        raise InvalidError(
            "settings.approvals.expires_after_seconds",
            f"expires_after_seconds must be from 1 to {LONGEST_EXPIRY_SECONDS:,}; leave it out to wait without end.",
        )


def reason_to_ask(policy: ApprovalPolicy, *, tool: str, kind: ToolKind, arguments: Mapping[str, object]) -> str | None:
    """A sentence for the person who is asked, by the first rule that the call fits; None when it needs nobody's yes."""
    for rule in policy.rules:
        if _fits(rule, tool, kind, arguments):
            return f"The agent wants to call {tool!r}. {_why(rule, kind)}"
    return None


def arguments_of(text: str) -> Mapping[str, object] | None:
    """The arguments as an object; None when the text is not the JSON of one. Blank text is an empty object."""
    try:
        return msgspec.json.decode(text.strip() or "{}", type=dict[str, object])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _fault(rule: ApprovalRule) -> str | None:
    """Why a rule could not be meant."""
    if rule.tool is not None and (not rule.tool or "*" in rule.tool[:-1]):
        return f"{rule.tool!r} names no tool; a '*' can only stand at the end."
    if rule.argument is None:
        return "'above' and 'one_of' need an 'argument'." if rule.above is not None or rule.one_of else None
    if not rule.argument.startswith("/"):
        return f"{rule.argument!r} is no JSON Pointer; write it like {'/' + rule.argument!r}."
    if rule.above is not None and rule.one_of:
        return "'above' and 'one_of' do not go together; make two rules."
    if rule.above is not None and not math.isfinite(rule.above):
        return "'above' must be a number."
    return None


def _fits(rule: ApprovalRule, tool: str, kind: ToolKind, arguments: Mapping[str, object]) -> bool:
    if rule.tool is not None and not _names(rule.tool, tool):
        return False
    if rule.kinds and kind not in rule.kinds:
        return False
    if rule.argument is None:
        return True
    value = _at(arguments, rule.argument)
    if rule.above is not None:
        return _is_above(value, rule.above)
    if rule.one_of:
        return value is not _ABSENT and _spelled(value) in rule.one_of
    return value is not _ABSENT


def _names(pattern: str, tool: str) -> bool:
    return tool.startswith(pattern[:-1]) if pattern.endswith("*") else tool == pattern


def _is_above(value: object, bound: float) -> bool:
    """Whether it is more; also when that cannot be told, which is for a person to look at."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return True
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return True
    return not number.is_finite() or number > Decimal(str(bound))


def _spelled(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _at(arguments: Mapping[str, object], pointer: str) -> object:
    """What a JSON Pointer (RFC 6901) points at."""
    found: object = arguments
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(key, _ABSENT)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        elif isinstance(found, Sequence) and not isinstance(found, str) and key.isdecimal() and int(key) < len(found):  # pyright: ignore[reportUnknownArgumentType]
            found = found[int(key)]  # pyright: ignore[reportUnknownVariableType]
        else:
            return _ABSENT
    return found  # pyright: ignore[reportUnknownVariableType]


def _why(rule: ApprovalRule, kind: ToolKind) -> str:
    if rule.argument is not None and rule.above is not None:
        return f"Its policy asks a person where {rule.argument} is above {rule.above:g}, or cannot be compared."
    if rule.argument is not None and rule.one_of:
        return f"Its policy asks a person where {rule.argument} is one of: {', '.join(rule.one_of)}."
    if rule.argument is not None:
        return f"Its policy asks a person where {rule.argument} is given."
    if rule.kinds:
        return f"Its policy asks a person for tools of the kind {kind}."
    return "Its policy asks a person for this tool." if rule.tool else "Its policy asks a person for every tool."
