"""`serve` and `work` with plain flags, read without the library that makes the pages of help: it takes long to import.

Whatever is not plain (help, a flag that is unknown or lacks its value, a value that cannot be read) is left to that library,
which knows the same flags and finds the words for what is wrong.
"""

import os
from collections.abc import Sequence

from turnkeeper.commands.running import run_server, run_worker
from turnkeeper.settings import Setting, all_settings, load

NO_WORKER = "--no-worker"


def ran(words: Sequence[str]) -> bool:
    """Run the command if it is one of the two and its flags are plain; False, with nothing done, when not.

    Raises:
        StartError: one sentence for the operator.
    """
    if not words or words[0] not in {"serve", "work"}:
        return False
    serves = words[0] == "serve"
    given = _plain_flags(words[1:], switches=(NO_WORKER,) if serves else ())
    if given is None:
        return False
    with_worker = not given.pop(NO_WORKER, False)
    settings = load(os.environ, given)
    if serves:
        run_server(settings, with_worker=with_worker)
    else:
        run_worker(settings)
    return True


def _plain_flags(words: Sequence[str], *, switches: Sequence[str]) -> dict[str, object] | None:
    """The values by the settings' names, and True by each switch; None when a word is not plainly a flag with its value."""
    flags = {setting.flag: setting for setting in all_settings() if setting.group != "client"}
    found: dict[str, object] = {}
    left = list(reversed(words))
    while left:
        word = left.pop()
        name, is_joined, value = word.partition("=")
        setting = flags.get(name) or flags.get(name.replace("--no-", "--", 1))
        if word in switches:
            found[word] = True
        elif setting is None:
            return None
        elif setting.kind is bool and not is_joined:
            found[setting.name] = name == setting.flag
        elif name != setting.flag or not (is_joined or left):
            return None
        else:
            found[setting.name] = _plain_value(setting, value if is_joined else left.pop())
    return None if None in found.values() else found


def _plain_value(setting: Setting, text: str) -> object | None:
    if not text or text.startswith("-") or setting.kind is bool:
        return None
    try:
        return setting.kind(text)
    except ValueError:
        return None
