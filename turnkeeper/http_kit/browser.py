"""What browsers say and are told beside a request: the cookie of a session, and from where the request came."""

from urllib.parse import urlsplit

from litestar.types import Scope

from turnkeeper.http_kit.headers import Headers

COOKIE = "turnkeeper_session"
CSRF_HEADER = "x-csrf-token"
_LONGEST_COOKIES = 16_000


def session_from(headers: Headers) -> str | None:
    """What the session's cookie holds; None without one."""
    text = headers.get("cookie")
    if text is None or COOKIE not in text or len(text) > _LONGEST_COOKIES:
        return None
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value or None
    return None


def cookie(value: str, *, seconds: int, is_secure: bool) -> str:
    """`Set-Cookie` that hands the session's cookie to a browser; with 0 seconds it is taken away."""
    secure = "; Secure" if is_secure else ""
    return f"{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def is_from_elsewhere(headers: Headers) -> bool:
    """Whether the browser says that a page of another origin asks; one that says nothing does not."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    return origin is not None and not _is_ours(origin, headers)


def is_from_here(headers: Headers) -> bool:
    """Whether the browser says that a page of our own origin asks."""
    says = headers.get("sec-fetch-site") == "same-origin" or headers.get("origin") is not None
    return says and not is_from_elsewhere(headers)


def is_secure(scope: Scope, headers: Headers) -> bool:
    """Whether the browser reached us by https; a proxy that speaks TLS for us says so in `X-Forwarded-Proto`."""
    return (headers.get("x-forwarded-proto") or "").strip() == "https" or scope["scheme"] in {"https", "wss"}


def _is_ours(origin: str, headers: Headers) -> bool:
    """Hosts are compared and no schemes: a proxy may speak TLS for us."""
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host.lower() == (headers.get("host") or "").lower()
