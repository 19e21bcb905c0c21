"""The client that waits, out of the one for asyncio: the same lines, without what makes them wait for each other."""

import re
from collections.abc import Sequence

_WORDS: Sequence[tuple[str, str]] = (
    (r"\b(?:async|await) ", ""),
    (r"\ban `Async", "a `"),
    (r"\bAwaitable\[([^\[\]]*)\]", r"\1"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync_operations\b", "sync_operations"),
    (r"\basync_", ""),
    (r"\b__a(enter|exit|iter)__", r"__\1__"),
    (r"\ba(close|closing|iter_bytes|read)\b", r"\1"),
)
_SAID: Sequence[tuple[str, str]] = (
    ("The client for asyncio.", "The client that waits for each answer."),
    (", for asyncio:", ":"),
    ("A server, with one key. Close it", "A server, with one key. Safe to use from several threads; close it"),
)
"""What pages say otherwise of the one that waits."""


def sync_of(code: str, source: str) -> str:
    """The module that waits. `source` is the name of the file that it follows from."""
    for wanted, instead in _SAID:
        code = code.replace(wanted, instead)
    for pattern, instead in _WORDS:
        code = re.sub(pattern, instead, code)
    purpose, rest = code.split('"""\n', 1)
    return f'{purpose}\n\nGenerated from `{source}` by `make clients`: do not edit.\n"""\n{rest}'
