"""Bodies without what differs from run to run, for snapshots."""

import re

import msgspec

_INPUT_TOKENS = re.compile(r'("input_tokens":)[1-9]\d*')
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3,6})?Z")


def steady_body(text: str, ids: re.Pattern[str]) -> object:
    """The body, with ids (prefixes are the pattern's first group) as `job-1`, moments as `time`, input tokens as 9."""
    seen: dict[str, list[str]] = {}

    def name(found: re.Match[str]) -> str:
        known = seen.setdefault(found[1], [])
        if found[0] not in known:
            known.append(found[0])
        return f"{found[1]}-{known.index(found[0]) + 1}"

    return msgspec.json.decode(_INPUT_TOKENS.sub(r"\g<1>9", _MOMENT.sub("time", ids.sub(name, text))))
