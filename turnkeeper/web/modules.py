"""Which modules a page of the console consists of, read from the modules themselves.

A browser learns of a module's imports when it has read it, so that a page of forty modules takes as many turns as they are
deep. Told at once, it takes one.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence

_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*?"(\.{1,2}/[^"]+)"', re.MULTILINE)
_ROUTE = re.compile(r'path: "([^"]+)".*?import\("\./([^"]+)"\)')
_FRAME = ("app.js", "shell.js")


class Modules:
    """The modules of every address. `texts` are all files by their names."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._routes = [(path.split("/"), module) for path, module in _ROUTE.findall(texts["routes.js"])]

    def of_page(self, path: str) -> Sequence[str]:
        """The frame's modules, and those of the page at this address; the nearest to the beginning first."""
        page = next((module for route, module in self._routes if _fits(route, path.rstrip("/").split("/"))), None)
        return self._all((*_FRAME, page) if page else _FRAME)

    def of_sign_in(self) -> Sequence[str]:
        """Those of the page without a frame."""
        return self._all(("app.js", "pages/sign-in.js"))

    def _all(self, wanted: Sequence[str]) -> Sequence[str]:
        found = dict.fromkeys(wanted)
        waiting = list(wanted)
        while waiting:
            name = waiting.pop(0)
            for other in _IMPORT.findall(self._texts[name]):
                module = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
                if module in self._texts and module not in found:
                    found[module] = None
                    waiting.append(module)
        return tuple(found)


def _fits(route: Sequence[str], path: Sequence[str]) -> bool:
    return len(route) == len(path) and all(
        wanted == part or (wanted.startswith(":") and part) for wanted, part in zip(route, path, strict=True)
    )
