"""The page `docs/configuration.md`, made from the settings: `make docs` writes it, a test compares it."""

import sys

from turnkeeper.settings import Setting, all_settings

_HEAD = """\
# Configuration

<!-- Made by `make docs` from turnkeeper/settings.py; do not edit. -->

Nothing needs to be set. Each setting is an environment variable and a flag of the same name; the flag wins. A variable
that begins with `TURNKEEPER_` and is no setting is refused, so that a slip of the pen shows at once.

A variable with `_FILE` behind its name, such as `TURNKEEPER_DATABASE_URL_FILE=/run/secrets/database_url`, names a file that
holds the value: secrets need not stand in the environment. The variable itself wins over its file.

"""
_GROUPS = (
    ("database", "## Where things are kept\n\nRead by every command.\n\n"),
    ("server", "\n## The server\n\nRead by `turnkeeper serve`, `turnkeeper work` and `turnkeeper check`.\n\n"),
    ("client", "\n## Talking in a terminal\n\nRead by `turnkeeper chat` and `turnkeeper tail`.\n\n"),
)
_TABLE = "| variable | flag | default | meaning |\n|---|---|---|---|\n"


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    for group, head in _GROUPS:
        parts += [head, _TABLE, *(_line(setting) for setting in all_settings() if setting.group == group)]
    return "".join(parts)


def _line(setting: Setting) -> str:
    flag = f"{setting.flag}`, `--no-{setting.flag[2:]}" if setting.kind is bool else setting.flag
    return f"| `{setting.variable}` | `{flag}` | {_default(setting.default)} | {setting.help} |\n"


def _default(default: object) -> str:
    if default is None or default == "":
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    sys.stdout.write(page())
