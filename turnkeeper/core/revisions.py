"""Revisions of agents: what an agent was made of each time it was changed, and how two of them differ."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

import msgspec

from turnkeeper.core.agents import Agent, AgentSettings, HttpRule, Limits, McpServer

LONGEST_NOTE = 2_000
"""Characters."""
HIDDEN = "(hidden)"
"""What stands in place of a value that may be a password, for callers who may not change the agent."""
_MOST_LINES = 5_000
"""Of a text that is compared line by line."""
_PLAIN = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentContent:
    """What an agent is made of: all that a revision keeps."""

    name: str
    description: str | None = None
    data_set_id: int | None = None
    instructions: str | None = None
    model: str | None = None
    tools: tuple[str, ...] = ()
    limits: Limits
    settings: AgentSettings
    instances_count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """One revision. It never changes, but for the moment when it was last deployed."""

    number: int
    """From 1, without gaps."""
    content: AgentContent
    note: str | None
    based_on: int | None
    """The revision that was changed, or that this one brings back; None of the first one."""
    author: UUID | None
    """The account that made it; None when it is not known, or gone."""
    created_at: datetime
    deployed_at: datetime | None
    """When it last began to answer; None when it never did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One place at which two revisions differ. `old` and `new` are plain JSON values; None also where there is nothing."""

    pointer: str
    """JSON Pointer (RFC 6901)."""
    old: object
    new: object
    text: str | None = None
    """Of texts: the lines that differ, as a unified diff."""


def content_of(agent: Agent) -> AgentContent:
    """What this agent is made of."""
    return AgentContent(
        name=agent.name,
        description=agent.description,
        data_set_id=agent.data_set_id,
        instructions=agent.instructions,
        model=agent.model,
        tools=agent.tools,
        limits=agent.limits,
        settings=agent.settings,
        instances_count=agent.instances_count,
    )


def with_content(agent: Agent, content: AgentContent) -> Agent:
    """The same agent, made of this."""
    return replace(
        agent,
        name=content.name,
        description=content.description,
        data_set_id=content.data_set_id,
        instructions=content.instructions,
        model=content.model,
        tools=content.tools,
        limits=content.limits,
        settings=content.settings,
        instances_count=content.instances_count,
    )


def without_values(settings: AgentSettings) -> AgentSettings:
    """The settings with every value hidden that may be a password: those of headers and of environments."""
    return replace(
        settings,
        mcp_servers=tuple(_server_without_values(server) for server in settings.mcp_servers),
        http=tuple(_rule_without_values(rule) for rule in settings.http),
    )


def plain(noun: object) -> object:
    """A noun as plain JSON values; amounts of money as numbers."""
    return msgspec.json.decode(_PLAIN.encode(noun))


def differences(old: object, new: object) -> tuple[Difference, ...]:
    """Where two plain JSON values differ, in the order of the old one's members.

    Objects are compared member by member, and arrays of the same length item by item; other arrays as a whole.
    """
    found: list[Difference] = []
    _compare("", old, new, found)
    return tuple(found)


def _server_without_values(server: McpServer) -> McpServer:
    return replace(server, headers=_hidden(server.headers), environment=_hidden(server.environment))


def _rule_without_values(rule: HttpRule) -> HttpRule:
    return replace(rule, headers=_hidden(rule.headers))


def _hidden(values: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(values, HIDDEN)


def _compare(pointer: str, old: object, new: object, found: list[Difference]) -> None:
    if old == new and type(old) is type(new):
        return
    if _is_object(old) and _is_object(new):
        for name in dict.fromkeys((*old, *new)):
            _compare(f"{pointer}/{_escaped(name)}", old.get(name), new.get(name), found)
    elif _is_array(old) and _is_array(new) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            _compare(f"{pointer}/{number}", before, after, found)
    else:
        found.append(Difference(pointer=pointer, old=old, new=new, text=_text(old, new)))


def _text(old: object, new: object) -> str | None:
    """The unified diff of two texts of which one has several lines, or None."""
    before, after = ("" if value is None else value for value in (old, new))
    if not (isinstance(before, str) and isinstance(after, str)) or "\n" not in before + after:
        return None
    lines = before.splitlines(), after.splitlines()
    if max(map(len, lines)) > _MOST_LINES:
        return None
    return "\n".join(difflib.unified_diff(*lines, "old", "new", lineterm=""))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)
