"""What the native dialect promises of the door as a whole."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/dialects/native.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.errors.table": Requirement(
        source="RFC 9457", behaviour="Each kind of error has its status, its code and a sentence."
    ),
    "native.errors.sign-in": Requirement(
        source=_OURS, behaviour="Bearer, Token and X-API-Key mean the same; what is no good key is 401 with a code."
    ),
    "native.errors.bad-requests": Requirement(
        source=_OURS,
        behaviour="What cannot be used is refused with every fault and its place, unknown names included, and changes "
        "nothing.",
    ),
    "native.errors.unknown-ids": Requirement(
        source=_OURS, behaviour="Ids that are none, that nothing has, or that are another organization's, are 404."
    ),
    "native.http": Requirement(
        source="RFC 9110", behaviour="HEAD is like GET; unknown paths are 404 and unknown methods 405 with Allow."
    ),
    "native.http.cors": Requirement(
        source="Fetch Standard, CORS protocol; docs/access.md",
        behaviour="Pages of allowed origins may call and read errors, streams and the headers that matter; others may not.",
    ),
    "native.openapi": Requirement(
        source="OpenAPI 3.1", behaviour="Every route is described with true examples; the document is committed."
    ),
    "native.contract": Requirement(
        source="OpenAPI 3.1",
        behaviour="Whatever is asked, no door fails, and none answers with a status, a type, a shape or headers that it "
        "does not describe.",
    ),
    "native.preconditions": Requirement(
        source="RFC 9110",
        behaviour="With `If-Match`, nothing is changed that somebody else has changed meanwhile: 412.",
    ),
    "native.wrong_keys": Requirement(
        source="docs/security.md",
        behaviour="Too many wrong keys from one address are 429, in every dialect; keys in use stay good there.",
    ),
    "native.hostile_text": Requirement(
        source="docs/security.md",
        behaviour="Text that cannot be kept, numbers and nesting without end are a 4xx of every operation of every dialect.",
    ),
    "native.obeyed_injection": Requirement(
        source="docs/security.md",
        behaviour="A model that obeys an attached document makes no call that ask mode forbids or that waits for a person.",
    ),
}
