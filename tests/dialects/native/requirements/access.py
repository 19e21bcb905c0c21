"""What the native dialect promises of keys, members, organizations, usage and limits."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_ACCESS = "docs/access.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.keys.scopes": Requirement(
        source=_ACCESS, behaviour="A key without the scope that a route needs is 403, on every route of every dialect."
    ),
    "native.isolation": Requirement(
        source=_ACCESS, behaviour="Another organization's ids are 404 on every route that takes an id."
    ),
    "native.keys.life": Requirement(
        source=_ACCESS,
        behaviour="Keys are made, listed, renamed, rotated with a grace and revoked; secrets are told once.",
    ),
    "native.keys.reach": Requirement(
        source=_ACCESS,
        behaviour="No key gives or changes more than it has itself; what it made without `admin` dies with it.",
    ),
    "native.members": Requirement(
        source=_ACCESS, behaviour="Admins add, change and shut out members; the last admin stays."
    ),
    "native.me": Requirement(source=_ACCESS, behaviour="A key tells who it is, and its owner changes his password."),
    "native.organizations": Requirement(
        source=_ACCESS, behaviour="Operators make organizations; others know only their own, and admins rename it."
    ),
    "native.rates": Requirement(
        source="draft-ietf-httpapi-ratelimit-headers-10",
        behaviour="Where requests are counted, every answer says what is left; one too many is 429 with Retry-After.",
    ),
    "native.fair_share": Requirement(
        source="docs/decisions/0038-connections-in-turn.md",
        behaviour="However many requests of one organization wait, another one's is served next, at every door.",
    ),
    "native.usage": Requirement(
        source=_ACCESS, behaviour="What was spent is told by day, agent, model and account, as JSON and CSV."
    ),
    "native.overview": Requirement(
        source=_ACCESS,
        behaviour="How turns went is told by the hour or the day; operators see the processes, the database and the queue.",
    ),
    "native.limits": Requirement(source=_ACCESS, behaviour="The organization's limits are read, and set by admins."),
    "native.sessions": Requirement(
        source="docs/console.md",
        behaviour="A browser's session stands in the place of a key for pages of the server only, and ends at once when "
        "its person signs out, is shut out, or gets another role or password.",
    ),
}
