"""Which hosts and methods an agent's HTTP tools may use, and what a rule must look like."""

import re
from collections.abc import Sequence

from yarl import URL

from turnkeeper.core.addresses import canonical
from turnkeeper.core.agents import HttpRule
from turnkeeper.core.errors import InvalidError, ToolFailedError

READING = ("GET", "HEAD")
ANY_HOST = "*"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def check_rules(rules: Sequence[HttpRule]) -> None:
    """Refuse rules that could not be meant.

    Raises:
        InvalidError: a host, method or header is malformed, or a rule for every host carries headers or private addresses.
    """
    for number, rule in enumerate(rules):
        field = f"settings.http[{number}]"
        host, _ = _split(rule.host)
        if rule.host != ANY_HOST and (host is None or not _HOST.fullmatch(host)):
            raise InvalidError(
                f"{field}.host",
                f"{rule.host!r} is no host. Write a name like 'api.example.com', '*.example.com' for all below it, "
                "'*' for every public host, and a port behind a colon when it is not the usual one.",
            )
        if rule.host == ANY_HOST and (rule.headers or rule.allows_private_addresses):
            raise InvalidError(
                f"{field}.host",
                "A rule for every host can carry no headers and allow no private addresses; name the host.",
            )
        wrong = [method for method in rule.methods if method not in _METHODS]
        if wrong or not rule.methods:
            known = ", ".join(sorted(_METHODS))
            raise InvalidError(f"{field}.methods", f"{wrong or 'Nothing'} is no list of methods; there are: {known}.")
        for name, value in rule.headers.items():
            if not is_header(name, value):
                raise InvalidError(f"{field}.headers", f"The header {name!r} is malformed.")


def is_header(name: str, value: str) -> bool:
    """Whether this can stand in a request: no line breaks, no other trickery."""
    return bool(_TOKEN.fullmatch(name)) and bool(_HEADER_VALUE.fullmatch(value))


def read_url(text: str) -> URL:
    """The address that a model wrote.

    Raises:
        ToolFailedError: it is no absolute http or https URL.
    """
    try:
        url = URL(text.strip()).with_fragment(None)
        port = url.port
    except ValueError as error:
        raise ToolFailedError(f"{text[:200]!r} is not a URL.") from error
    if url.scheme not in {"http", "https"} or not url.host or port is None:
        raise ToolFailedError(f"{text[:200]!r} is not an absolute http or https URL.")
    if url.user is not None or url.password is not None:
        raise ToolFailedError("A URL with a user or password in it is not called.")
    return url


def rule_for(rules: Sequence[HttpRule], url: URL, method: str) -> HttpRule:
    """The rule that allows this: of those for the host, the most exact one that has the method.

    Raises:
        ToolFailedError: there is none; the message names what is allowed.
    """
    fitting = sorted((rule for rule in rules if _fits(rule, url)), key=_exactness, reverse=True)
    for rule in fitting:
        if method in rule.methods:
            return rule
    if fitting:
        raise ToolFailedError(f"{method} is not allowed for {url.host!r}.")
    raise ToolFailedError(f"The host of {str(url.origin())!r} is not allowed. Allowed: {described(rules)}.")


def described(rules: Sequence[HttpRule]) -> str:
    """The rules in a line that a model reads; headers and their secrets stay unsaid."""
    return "; ".join(
        f"{'every public host' if rule.host == ANY_HOST else rule.host} ({', '.join(rule.methods)})" for rule in rules
    )


def _fits(rule: HttpRule, url: URL) -> bool:
    if rule.host == ANY_HOST:
        return url.port == (443 if url.scheme == "https" else 80)
    host, port = _split(rule.host)
    if host is None or url.raw_host is None or url.port != (port or (443 if url.scheme == "https" else 80)):
        return False
    asked = url.raw_host.lower().rstrip(".")
    wanted = host.strip("[]").rstrip(".")
    if wanted.startswith("*."):
        return asked.endswith(wanted[1:]) and asked != wanted[2:]
    return canonical(asked) == canonical(wanted)


def _exactness(rule: HttpRule) -> tuple[bool, int]:
    return "*" not in rule.host, len(rule.host)


def _split(host: str) -> tuple[str | None, int | None]:
    """Host and port of a rule, in lower case; (None, None) when the port is none."""
    lowered = host.strip().lower()
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?", lowered)
    if match is None or (match[2] and not 0 < int(match[2]) < 65_536):
        return None, None
    name = match[1]
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return None, None
    return name, int(match[2]) if match[2] else None
