"""Many routes of one form as a single handler: a path and a method are looked up, and whoever serves them is called.

Litestar reads each route's signature, makes a model of it and weaves it into its tree: for the hundred routes of a door that
all take a request and give an answer this cost a sixth of a second at every start.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from litestar import Request, asgi
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import ASGIRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

Serve = Callable[[Request[None, None, State]], Awaitable[ASGIApp]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A path with `{names}` in it, and what serves a method of it. GET answers HEAD too."""

    method: str
    path: str
    serve: Serve


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """What can follow a beginning of a path, and what can be asked for when nothing follows."""

    words: dict[str, "_Place"] = field(default_factory=dict[str, "_Place"])
    any_word: "list[_Place]" = field(default_factory=list["_Place"])
    """One at the most: where a name stands for whatever is written."""
    serving: dict[str, tuple[Serve, Sequence[str]]] = field(default_factory=dict[str, tuple[Serve, Sequence[str]]])
    """By the method: who serves, and the names of the path's parameters in their order."""

    def after(self, word: str) -> "_Place":
        """The place behind a word or a `{name}`, made when it is not there."""
        if not word.startswith("{"):
            return self.words.setdefault(word, _Place())
        if not self.any_word:
            self.any_word.append(_Place())
        return self.any_word[0]


class RouteTable:
    """The routes; an application that serves whichever is asked for.

    OPTIONS of a path tells its methods. A word of a path goes before a name at the same place.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Place()
        for route in routes:
            self._add(route)

    def handler(self, prefix: str) -> ASGIRouteHandler:
        """All of it as a handler of Litestar's for whatever is below the prefix and has no handler of its own."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            # Litestar cuts the prefix off and puts a slash at the end.
            scope["path"] = prefix + scope["path"].rstrip("/")
            await self(scope, receive, send)

        return asgi(prefix, is_mount=True, copy_scope=False)(serve)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotFoundException: there is no such path.
            MethodNotAllowedException: there is, but not with this method.
        """
        place, values = self._find(scope["path"])
        method = str(scope["method"]) if scope["type"] == ScopeType.HTTP else ""
        if method == "OPTIONS":
            await ASGIResponse(status_code=204, headers={"Allow": _methods(place)})(scope, receive, send)
            return
        if method not in place.serving:
            raise MethodNotAllowedException(headers={"Allow": _methods(place)})
        serve, names = place.serving[method]
        scope["path_params"] = dict(zip(names, values, strict=True))
        answer = await serve(Request[None, None, State](scope, receive, send))
        await answer(scope, receive, send)

    def served(self) -> Mapping[str, Sequence[str]]:
        """The methods of each path, without OPTIONS; names in a path stand as they were given."""
        found: dict[str, list[str]] = {}
        waiting = [("", self._root)]
        while waiting:
            path, place = waiting.pop()
            for method, (_, names) in place.serving.items():
                found.setdefault(path.format(*(f"{{{name}}}" for name in names)), []).append(method)
            waiting.extend((f"{path}/{word}", after) for word, after in place.words.items())
            waiting.extend((f"{path}/{{}}", after) for after in place.any_word)
        return found

    def _add(self, route: Route) -> None:
        place, names = self._root, list[str]()
        for word in _words(route.path):
            place = place.after(word)
            if word.startswith("{"):
                names.append(word[1:-1])
        for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
            assert method not in place.serving, f"{method} {route.path} is there twice."
            place.serving[method] = (route.serve, tuple(names))

    def _find(self, path: str) -> tuple[_Place, list[str]]:
        place, values = self._root, list[str]()
        for word in _words(path):
            named = place.words.get(word)
            if named is None and not place.any_word:
                raise NotFoundException
            if named is None:
                values.append(word)
            place = named or place.any_word[0]
        if not place.serving:
            raise NotFoundException
        return place, values


def _words(path: str) -> list[str]:
    return [word for word in path.split("/") if word]


def _methods(place: _Place) -> str:
    return ", ".join(sorted({*place.serving, "OPTIONS"}))
