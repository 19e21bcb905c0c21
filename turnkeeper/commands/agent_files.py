"""Agents as TOML files: reading them, with every mistake by its name, and writing them."""

import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TypeGuard, get_args, get_type_hints

import msgspec

from turnkeeper.core.agents import Agent, AgentSettings, Limits, McpServer, slug_of
from turnkeeper.core.errors import InvalidError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BESIDE_THE_FILE = ("./", "../")


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentDefinition:
    """What stands in a file beside the settings, whose fields stand in it by their own names."""

    name: str
    slug: str | None = None
    description: str | None = None
    data_set: str | None = None
    """Its name or number."""
    model: str | None = None
    instructions: str | None = None
    tools: tuple[str, ...] | None = None
    instances_count: int = 1
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentFile:
    """A definition as it was read."""

    definition: AgentDefinition
    settings: AgentSettings

    @property
    def slug(self) -> str:
        """What the agent is known by: as given, else made from its name."""
        return self.definition.slug or slug_of(self.definition.name)


def read_agent(text: str, *, folder: Path) -> AgentFile:
    """The agent in a file's text. Words of a command that begin with `./` or `../` are paths from `folder`.

    Raises:
        InvalidError: the text is no TOML, or a field is unknown, missing or of the wrong type.
    """
    try:
        data: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidError("file", f"The file is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise InvalidError("file", "The file is nested too deep.") from error
    of_settings = {each.name for each in fields(AgentSettings)}
    own = {name: value for name, value in data.items() if name not in of_settings}
    rest = {name: value for name, value in data.items() if name in of_settings}
    unknown = _unknown(own, AgentDefinition, "") or _unknown(rest, AgentSettings, "")
    if unknown is not None:
        raise InvalidError(unknown, f"There is no field {unknown!r} in the definition of an agent.")
    try:
        definition, settings = msgspec.convert(own, AgentDefinition), msgspec.convert(rest, AgentSettings)
    except msgspec.ValidationError as error:
        raise InvalidError("file", f"The definition does not fit: {error}.") from error
    servers = tuple(_with_paths(server, folder) for server in settings.mcp_servers)
    return AgentFile(definition=definition, settings=replace(settings, mcp_servers=servers))


def write_agent(agent: Agent, *, data_set: str | None) -> str:
    """The definition of an agent, without what is as it would be anyhow. `read_agent` gives the same."""
    definition = AgentDefinition(
        name=agent.name,
        slug=None if agent.slug == slug_of(agent.name) else agent.slug,
        description=agent.description,
        data_set=data_set,
        model=agent.model,
        instructions=agent.instructions,
        tools=agent.tools,
        instances_count=agent.instances_count,
        limits=agent.limits,
    )
    return _toml({**_changed(definition), **_changed(agent.settings)}, ())


def _with_paths(server: McpServer, folder: Path) -> McpServer:
    command = (str((folder / word).resolve()) if word.startswith(_BESIDE_THE_FILE) else word for word in server.command)
    return replace(server, command=tuple(command))


def _unknown(value: object, kind: object, where: str) -> str | None:
    """The path of the first field in `value` that `kind` does not have."""
    if isinstance(kind, type) and is_dataclass(kind):
        if not _is_table(value):
            return None
        hints = get_type_hints(kind)
        for name, item in value.items():
            path = f"{where}.{name}" if where else name
            found = path if name not in hints else _unknown(item, hints[name], path)
            if found is not None:
                return found
        return None
    nouns = [each for each in get_args(kind) if is_dataclass(each)]
    if nouns and _is_list(value):
        for number, item in enumerate(value):
            found = _unknown(item, nouns[0], f"{where}[{number}]")
            if found is not None:
                return found
    return None


def _changed(value: object) -> dict[str, object]:
    """The fields of a dataclass that are not as they would be by default, as TOML knows values."""
    assert is_dataclass(value)
    assert not isinstance(value, type)
    changed: dict[str, object] = {}
    for each in fields(value):
        item: object = getattr(value, each.name)
        if item is not None and item != _default(each):
            changed[each.name] = _plain(item)
    return changed


def _default(each: Field[object]) -> object:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return _changed(value)
    if _is_list(value):
        return [_plain(item) for item in value]
    return value


def _toml(table: Mapping[str, object], path: tuple[str, ...]) -> str:
    """Plain values first, then tables under their headings."""
    lines = [
        f"{_key(name)} = {_inline(value)}"
        for name, value in table.items()
        if not (_is_table(value) or _is_tables(value))
    ]
    text = "".join(f"{line}\n" for line in lines)
    for name, value in table.items():
        below = (*path, _key(name))
        if _is_table(value):
            inner = _toml(value, below)
            text += f"\n[{'.'.join(below)}]\n{inner}" if value else ""
        elif _is_tables(value):
            text += "".join(f"\n[[{'.'.join(below)}]]\n{_toml(item, below)}" for item in value)
    return text


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _inline(value: object) -> str:
    if isinstance(value, str):
        if "\n" in value:
            return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in value.split("\n")) + '"""'
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if _is_list(value):
        return f"[{', '.join(map(_inline, value))}]"
    return str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)


def _is_tables(value: object) -> TypeGuard[list[Mapping[str, object]]]:
    return _is_list(value) and bool(value) and all(_is_table(item) for item in value)
