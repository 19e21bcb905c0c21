"""What a model calls the tools of a server: `server__tool`, in the letters and the length that every provider takes."""

import hashlib
import re

SEPARATOR = "__"
LONGEST_NAME = 64
_SERVER_NAME = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]|_(?!_)){0,30}")
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]+")


def is_server_name(name: str) -> bool:
    """Whether a server may be called so: 1 to 31 letters, digits, hyphens and single underscores."""
    return bool(_SERVER_NAME.fullmatch(name)) and not name.endswith("_")


def tool_name(server: str, tool: str) -> str:
    """The name of a server's tool, always the same one; where letters must go, a digest keeps it apart from others."""
    plain = f"{server}{SEPARATOR}{_NOT_ALLOWED.sub('_', tool)}"
    if plain == f"{server}{SEPARATOR}{tool}" and len(plain) <= LONGEST_NAME:
        return plain
    digest = hashlib.sha256(tool.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain[: LONGEST_NAME - 9]}-{digest}"
