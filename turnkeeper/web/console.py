"""The console's one page: every address of it is the same shell, and its scripts show what the address names.

What stands around every page comes with it, so that it is painted before a script runs. The shell has three holes (the
files' version, the modules of the address, the frame), so that it needs no template engine, which would take longer to
import than all doors but the native one.
"""

from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import quote, urlencode

from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import FromPath

from turnkeeper.actions.signin import SignIn
from turnkeeper.core.errors import NotSignedInError, TransientError
from turnkeeper.http_kit.browser import session_from
from turnkeeper.web.static_files import PREFIX, StaticFiles

WebRequest = Request[None, None, State]

PLACES = ("chat", "conversations", "agents", "data-sets", "overview", "settings", "welcome")
"""Where the console has pages, at the address itself and below."""
SIGN_IN = "/sign-in"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Console:
    """The shell, read once."""

    def __init__(self, signin: SignIn, static: StaticFiles) -> None:
        self._signin = signin
        self._static = static
        pages = files("turnkeeper.web").joinpath("pages")
        self._shell, self._frame = (pages.joinpath(name).read_text() for name in ("console.html", "frame.html"))

    async def sign_in(self) -> Response[str]:
        """The page on which one signs in: without what stands around the others."""
        return self._page("", self._static.modules.of_sign_in())

    async def shell(self, request: WebRequest) -> Response[str]:
        """The page. Who is signed in, the page finds out itself."""
        path = request.scope["path"]
        place = path.split("/")[1]
        frame = self._frame.replace(
            f'class="place" href="/{place}"', f'class="place" href="/{place}" aria-current="page"'
        )
        return self._page(frame, self._static.modules.of_page("/chat" if path == "/" else path))

    def _page(self, frame: str, modules: Sequence[str]) -> Response[str]:
        version = self._static.version
        links = "\n".join(f'<link rel="modulepreload" href="{PREFIX}/{version}/{name}">' for name in modules)
        page = self._shell.replace("{{frame}}", frame).replace("{{modules}}", links)
        return Response(page.replace("{{version}}", version), media_type="text/html", headers=HEADERS)

    async def place(self, request: WebRequest) -> Response[str]:
        """The page at one of its addresses; who is not signed in goes to do so first, and comes back."""
        if await self.is_signed_in(request):
            return await self.shell(request)
        query = request.scope["query_string"].decode("latin-1")
        path = quote(request.scope["path"]) + (f"?{query}" if query else "")
        headers = {**HEADERS, "Location": f"{SIGN_IN}?{urlencode({'next': path})}"}
        return Response("", status_code=302, media_type="text/html", headers=headers)

    async def below(self, request: WebRequest, rest: FromPath[str]) -> Response[str]:  # noqa: ARG002 - the page reads its address
        """The same at any address below."""
        return await self.place(request)

    async def is_signed_in(self, request: WebRequest) -> bool:
        """Whether the browser comes with a session that is good."""
        secret = session_from(request.headers)
        if secret is None:
            return False
        try:
            await self._signin.caller_of_session(secret)
        except (NotSignedInError, TransientError):
            return False
        return True
