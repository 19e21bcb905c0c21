"""Tools of other packages: whatever is installed with an entry point in the group `turnkeeper.tools`."""

import inspect
import re
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import TypeGuard, get_args

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.mcp.names import LONGEST_NAME, SEPARATOR
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.effects import ToolKind

GROUP = "turnkeeper.tools"
_NAME = re.compile(r"[a-zA-Z0-9_-]+")

Report = Callable[[str], None]
"""Told of a plug-in that cannot be used, in one sentence."""


def plugin_tools(taken: Iterable[str], report: Report, *, folders: Iterable[Path] | None = None) -> tuple[Tool, ...]:
    """The tools of all plug-ins, in the order of their entry points' names. A broken one is reported and left out.

    An entry point names a tool, or something that is called without arguments and gives one, or several. `taken` are names
    that plug-ins may not use. `folders` are where packages are looked for; None for where Python finds them.
    """
    known = set(taken)
    tools: list[Tool] = []
    for point in sorted(_entry_points(folders), key=lambda point: (point.name, point.value)):
        for tool in _loaded(point, report):
            name = tool.spec.name
            if name in known:
                report(f"The tool {name!r} of the plug-in {_called(point)} is left out: there is one of this name.")
                continue
            known.add(name)
            tools.append(tool)
    return tuple(tools)


def _entry_points(folders: Iterable[Path] | None) -> Iterable[metadata.EntryPoint]:
    if folders is None:
        return metadata.entry_points(group=GROUP)
    found = metadata.distributions(path=[str(folder) for folder in folders])
    return [point for distribution in found for point in distribution.entry_points if point.group == GROUP]


def _loaded(point: metadata.EntryPoint, report: Report) -> list[Tool]:
    """The tools behind an entry point; empty when there are none that work."""
    try:
        offered: object = point.load()
        if callable(offered) and not _is_tool(offered):
            offered = offered()
        candidates: list[object] = list(offered) if _is_several(offered) else [offered]
    except Exception as error:  # noqa: BLE001 - foreign code, and the server must start without it
        report(f"The plug-in {_called(point)} is left out: loading it failed ({type(error).__name__}: {error}).")
        return []
    tools: list[Tool] = []
    for candidate in candidates:
        why = _why_no_tool(candidate)
        if why is None and _is_tool(candidate):
            tools.append(candidate)
        else:
            report(f"The plug-in {_called(point)} is left out: {why}.")
    return tools


def _why_no_tool(candidate: object) -> str | None:
    """What is wrong with this as a tool; None when nothing is."""
    spec: object = getattr(candidate, "spec", None)
    if not isinstance(spec, ToolSpec):
        return f"{type(candidate).__name__} has no spec, so it is no tool"
    if not _NAME.fullmatch(spec.name) or len(spec.name) > LONGEST_NAME or SEPARATOR in spec.name:
        return f"{spec.name!r} is no name of a tool: letters, digits, hyphens and single underscores, at most {LONGEST_NAME}"
    if getattr(candidate, "kind", None) not in get_args(ToolKind):
        return f"the kind of {spec.name!r} is none of {', '.join(get_args(ToolKind))}"
    if not inspect.iscoroutinefunction(getattr(candidate, "call", None)):
        return f"{spec.name!r} has no asynchronous call"
    try:
        msgspec.json.encode(spec.parameters)
    except (TypeError, ValueError):
        return f"the parameters of {spec.name!r} are no JSON Schema"
    return None if spec.parameters.get("type") == "object" else f"the parameters of {spec.name!r} are no object"


def _is_tool(value: object) -> TypeGuard[Tool]:
    return not isinstance(value, type) and isinstance(getattr(value, "spec", None), ToolSpec)


def _is_several(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, list | tuple)


def _called(point: metadata.EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else "?"
    return f"{point.name!r} ({point.value}) of the package {package!r}"
