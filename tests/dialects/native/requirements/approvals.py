"""What the native dialect promises of approvals."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_APPROVALS = "docs/approvals.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.approvals.list": Requirement(
        source=_APPROVALS,
        behaviour="Approvals are listed newest first, by state, conversation and message, in pages behind opaque cursors.",
    ),
    "native.approvals.visible": Requirement(
        source=_APPROVALS,
        behaviour="Admins see all approvals of the organization, others those of their own conversations.",
    ),
    "native.approvals.decide": Requirement(
        source=_APPROVALS,
        behaviour="A decision lets the turn go on: approved calls are made, denied ones are not, and the model reads why.",
    ),
    "native.approvals.once": Requirement(
        source=_APPROVALS,
        behaviour="The same decision again gets the first one; another one is 409 already_decided.",
    ),
    "native.approvals.who": Requirement(
        source=_APPROVALS,
        behaviour="Admins decide, and owners of the conversation where the agent's policy says so.",
    ),
    "native.approvals.withdrawn": Requirement(
        source=_APPROVALS,
        behaviour="Nothing is left to decide about a message that is finished.",
    ),
    "native.approvals.not-dropped": Requirement(
        source=_APPROVALS,
        behaviour="A new message does not drop an approval: it is answered after the message that waits.",
    ),
}
