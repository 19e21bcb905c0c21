"""Every setting as a flag of its own name, so that a command takes `Settings` and no list of options.

A command is written as a function of `settings` and of its own options; `with_settings` gives it the flags.
"""

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Concatenate, ParamSpec

import typer

from turnkeeper.settings import Group, Setting, Settings, all_settings, load

Own = ParamSpec("Own")


def with_settings(*groups: Group) -> Callable[[Callable[Concatenate[Settings, Own], None]], Callable[..., None]]:
    """Make a function of settings a command that has a flag for each setting of these groups.

    The command raises what `load` raises: `StartError`.
    """
    flags = [setting for setting in all_settings() if setting.group in groups]

    def decorate(command: Callable[Concatenate[Settings, Own], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_flags(*args: Own.args, **kwargs: Own.kwargs) -> None:
            given = {flag.name: kwargs.pop(flag.name) for flag in flags}
            command(load(os.environ, given), *args, **kwargs)

        signature = inspect.signature(command)
        own = list(signature.parameters.values())[1:]
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        with_flags.__signature__ = signature.replace(  # pyright: ignore[reportAttributeAccessIssue] - what typer reads
            parameters=[*parameters, *map(_flag, flags)]
        )
        with_flags.__annotations__ = {each.name: each.annotation for each in [*parameters, *map(_flag, flags)]}
        return with_flags

    return decorate


def _flag(setting: Setting) -> inspect.Parameter:
    spelled = f"{setting.flag}/--no-{setting.flag[2:]}" if setting.kind is bool else setting.flag
    default = "" if setting.default in {None, ""} else f"; default {_shown(setting.default)}"
    option = typer.Option(
        spelled,
        help=f"{setting.help} ({setting.variable}{default})",
        show_default=False,
        rich_help_panel="Settings",
        metavar=None if setting.kind is bool else _METAVARS[setting.kind],
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[setting.kind | None, option],
    )


_METAVARS: dict[type, str] = {Path: "FOLDER", str: "TEXT", int: "NUMBER", float: "NUMBER"}


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
