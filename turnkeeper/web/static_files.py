"""The console's files on the wire: scripts, styles and pictures, as they lie in the package.

Their address has a version, the digest of all of them, so that a browser keeps them for ever and a new release is never
mixed with an old one. Modules name each other by relative addresses and so stay within one version.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from turnkeeper.web.modules import Modules

PREFIX = "/static"
_KEPT = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_SHOWN = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    content: bytes
    media_type: str


class StaticFiles:
    """All of them, read when the first one is asked for: together they are smaller than one photograph."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._version = ""
        self._modules: Modules | None = None

    @property
    def modules(self) -> Modules:
        """Which of the files are the modules of which page."""
        self._read()
        if self._modules is None:
            texts = {name: file.content.decode() for name, file in self._files.items() if name.endswith(".js")}
            self._modules = Modules(texts)
        return self._modules

    @property
    def version(self) -> str:
        """The digest of all files, shortened."""
        self._read()
        return self._version

    async def serve(
        self, request: Request[None, None, State], version: FromPath[str], path: FromPath[str]
    ) -> Response[bytes]:
        """One file. Under another version than today's it is the same file, and not to be kept."""
        self._read()
        found = self._files.get(path.removeprefix("/"))
        if found is None:
            raise NotFoundException
        tag = f'"{self._version}"'
        headers = {
            "Cache-Control": _KEPT if version == self._version else _ASKED_AGAIN,
            "ETag": tag,
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status_code=304, headers=headers, media_type=found.media_type)
        return Response(found.content, headers=headers, media_type=found.media_type)

    def _read(self) -> None:
        if self._files:
            return
        found = dict(sorted(_found(files("turnkeeper.web").joinpath("static"), "")))
        digest = hashlib.sha256()
        for name, file in found.items():
            digest.update(f"{name} {len(file.content)} ".encode() + file.content)
        self._files, self._version = found, digest.hexdigest()[:_SHOWN]


def _found(folder: Traversable, prefix: str) -> list[tuple[str, _File]]:
    found: list[tuple[str, _File]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            found += _found(entry, f"{name}/")
        else:
            kind = _TYPES.get("." + entry.name.rpartition(".")[2]) or mimetypes.guess_type(entry.name)[0]
            found.append((name, _File(content=entry.read_bytes(), media_type=kind or "text/plain; charset=utf-8")))
    return found
