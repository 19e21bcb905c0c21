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
        self._imports = {
            name: [module for module in _imported(name, text) if module in texts] for name, text in texts.items()
        }
        self._routes = [(path.split("/"), module) for path, module in _ROUTE.findall(texts["routes.js"])]

    def of_page(self, path: str) -> Sequence[str]:
        """The frame's modules, and those of the page at this address; the nearest to the beginning first."""
        page = next((module for route, module in self._routes if _fits(route, path.rstrip("/").split("/"))), None)
        return self._all((*_FRAME, page) if page else _FRAME)

    def of_sign_in(self) -> Sequence[str]:
        """Those of the page without a frame."""
        return self._all(("app.js", "pages/sign-in.js"))

    def _all(self, wanted: Sequence[str]) -> Sequence[str]:
        found = list(dict.fromkeys(wanted))
        for name in found:  # which grows meanwhile
            found += [module for module in self._imports[name] if module not in found]
        return found


def _imported(name: str, text: str) -> Sequence[str]:
    """The files that a module names in its imports, each once."""
    folder = posixpath.dirname(name)
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, other)) for other in _IMPORT.findall(text)))


def _fits(route: Sequence[str], path: Sequence[str]) -> bool:
    return len(route) == len(path) and all(
        wanted == part or (wanted.startswith(":") and part) for wanted, part in zip(route, path, strict=True)
    )
