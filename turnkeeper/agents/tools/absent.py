"""Tools that a turn should have and has not: why, and what the model is told."""

from collections.abc import Mapping

from turnkeeper.agents.tools.mcp.names import SEPARATOR


def whole_server(server: str) -> str:
    """The key under which all tools of a server are absent."""
    return f"{server}{SEPARATOR}"


def why_absent(absent: Mapping[str, str], tool: str) -> str | None:
    """Why there is no tool of this name, when there should be one. The keys name tools, or whole servers."""
    return absent.get(tool) or absent.get(whole_server(tool.partition(SEPARATOR)[0]))


def notice_of(absent: Mapping[str, str]) -> str | None:
    """What the model is told behind its instructions; None when nothing is missing."""
    if not absent:
        return None
    whys = " ".join(dict.fromkeys(absent.values()))
    return f"Some of your tools are missing at the moment. {whys} Say so when you would have needed them."
