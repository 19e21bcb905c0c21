"""What an agent may reach only when an operator says so: programs on the server's machine, and its private network.

Admins of an organization are not the server's operators. Over HTTP they may keep what an agent has, and add nothing of it.
"""

from collections.abc import Sequence

from yarl import URL

from turnkeeper.core.addresses import reads_as_public
from turnkeeper.core.agents import AgentSettings, HttpRule, McpServer
from turnkeeper.core.errors import InvalidError

_HOW = (
    "the operator may do it with `turnkeeper agents apply`, or allow it to all admins with "
    "TURNKEEPER_ADMINS_ARE_OPERATORS=true"
)


def check_reach(wanted: AgentSettings, before: Sequence[AgentSettings]) -> None:
    """Refuse a way into the server's machine or network that none of the settings `before` has.

    Raises:
        InvalidError: field `settings`…; code `operators_only`.
    """
    servers = [server for settings in before for server in settings.mcp_servers]
    rules = [rule for settings in before for rule in settings.http]
    for number, server in enumerate(wanted.mcp_servers):
        _check_server(f"settings.mcp_servers[{number}]", server, servers)
    for number, rule in enumerate(wanted.http):
        if rule.allows_private_addresses and not any(_reaches_alike(rule, known) for known in rules):
            why = f"An admin may not let an agent speak to private addresses at {rule.host!r}; {_HOW}."
            raise InvalidError(f"settings.http[{number}].allows_private_addresses", why, code="operators_only")


def _check_server(field: str, server: McpServer, known: Sequence[McpServer]) -> None:
    if server.command:
        started = [(each.command, dict(each.environment)) for each in known]
        if (server.command, dict(server.environment)) not in started:
            why = f"An admin may not have the program of {server.name!r} started on this server; {_HOW}."
            raise InvalidError(f"{field}.command", why, code="operators_only")
    elif server.url is not None and not _may_be_public(server.url) and server.url not in [each.url for each in known]:
        why = f"An admin may not have {server.name!r} reached at the private address {server.url!r}; {_HOW}."
        raise InvalidError(f"{field}.url", why, code="operators_only")
    elif server.allows_private_addresses and not any(
        each.allows_private_addresses and each.url == server.url for each in known
    ):
        why = f"An admin may not let an agent speak to private addresses at {server.url!r}; {_HOW}."
        raise InvalidError(f"{field}.allows_private_addresses", why, code="operators_only")


def _reaches_alike(rule: HttpRule, known: HttpRule) -> bool:
    return known.allows_private_addresses and known.host == rule.host and set(rule.methods) <= set(known.methods)


def _may_be_public(url: str) -> bool:
    """Whether the address may be one of the public internet, as far as it can be read off."""
    try:
        return reads_as_public(URL(url).host or "")
    except ValueError:
        return True  # no address at all, which is refused elsewhere
