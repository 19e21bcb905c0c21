"""What the settings of an MCP server must look like."""

import re
from collections.abc import Sequence

from yarl import URL

from turnkeeper.agents.tools.http.rules import is_header
from turnkeeper.agents.tools.mcp.names import is_server_name
from turnkeeper.core.agents import McpServer
from turnkeeper.core.errors import InvalidError

MOST_SERVERS = 32
LONGEST_CALL_SECONDS = 3_600.0
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_servers(servers: Sequence[McpServer]) -> None:
    """Refuse settings that could not be meant.

    Raises:
        InvalidError: a name is malformed or taken twice, there is not exactly one of command and address, or a value of
            another field is malformed.
    """
    if len(servers) > MOST_SERVERS:
        raise InvalidError("settings.mcp_servers", f"An agent has at most {MOST_SERVERS} MCP servers.")
    names = [server.name for server in servers]
    for number, server in enumerate(servers):
        field = f"settings.mcp_servers[{number}]"
        if not is_server_name(server.name):
            raise InvalidError(
                f"{field}.name",
                f"{server.name!r} cannot name an MCP server: take 1 to 31 letters, digits, hyphens and single underscores.",
            )
        if names.index(server.name) != number:
            raise InvalidError(f"{field}.name", f"Two MCP servers are called {server.name!r}.")
        _check_way(server, field)
        if not 0 < server.seconds <= LONGEST_CALL_SECONDS:
            raise InvalidError(f"{field}.seconds", f"seconds must be above 0 and at most {LONGEST_CALL_SECONDS:,.0f}.")


def _check_way(server: McpServer, field: str) -> None:
    """Either a command with an environment, or an address with headers."""
    if bool(server.command) == (server.url is not None):
        raise InvalidError(field, f"The MCP server {server.name!r} needs either a command or a url, and not both.")
    if server.url is None:
        if server.headers:
            raise InvalidError(f"{field}.headers", f"{server.name!r} is started by a command, which takes no headers.")
        if server.allows_private_addresses:
            raise InvalidError(
                f"{field}.allows_private_addresses", f"{server.name!r} is started by a command, which needs no address."
            )
        if not server.command[0].strip() or any("\0" in word for word in server.command):
            raise InvalidError(f"{field}.command", f"The command of {server.name!r} must begin with a program.")
        for name, value in server.environment.items():
            if not _VARIABLE.fullmatch(name) or "\0" in value:
                raise InvalidError(f"{field}.environment", f"{name!r} cannot be a variable of the environment.")
        return
    if server.environment:
        raise InvalidError(f"{field}.environment", f"{server.name!r} is reached by a url, which takes no environment.")
    if not _is_address(server.url):
        raise InvalidError(f"{field}.url", f"{server.url!r} is no http or https URL without a password in it.")
    for name, value in server.headers.items():
        if not is_header(name, value):
            raise InvalidError(f"{field}.headers", f"The header {name!r} is malformed.")


def _is_address(text: str) -> bool:
    try:
        url = URL(text)
        return url.scheme in {"http", "https"} and bool(url.host) and url.port is not None and url.password is None
    except ValueError:
        return False
