"""What the native dialect promises of agents, tools and models."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/agents.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.agents.create": Requirement(
        source=_OURS, behaviour="An agent is made with every setting, and read by its id or slug."
    ),
    "native.agents.list": Requirement(
        source=_OURS, behaviour="Agents are listed newest first, by data set, model and words, in pages behind cursors."
    ),
    "native.agents.change": Requirement(
        source="RFC 7396", behaviour="A change is merged; it makes a revision, which answers from then on."
    ),
    "native.agents.drafts": Requirement(
        source=_OURS, behaviour="With deploy=false a change is a draft, which answers when it is deployed."
    ),
    "native.agents.try": Requirement(
        source=_OURS, behaviour="A message that names a revision is answered by it, also when it is a draft."
    ),
    "native.agents.diff": Requirement(
        source=_OURS, behaviour="Two revisions are compared field by field, texts line by line."
    ),
    "native.agents.rollback": Requirement(
        source=_OURS, behaviour="Rolling back makes a revision like an earlier one; what is gone keeps it from that."
    ),
    "native.agents.if-match": Requirement(source="RFC 9110", behaviour="If-Match with another version is 412."),
    "native.agents.delete": Requirement(
        source=_OURS, behaviour="A deleted agent takes no messages; what was accepted is answered."
    ),
    "native.agents.once": Requirement(source=_OURS, behaviour="Each change is made once for its Idempotency-Key."),
    "native.agents.checked": Requirement(
        source=_OURS, behaviour="What an agent could not work with is refused with a pointer, as by `agents apply`."
    ),
    "native.tools.list": Requirement(
        source=_OURS, behaviour="Tools are listed with kind, description, JSON Schema, and where they come from."
    ),
    "native.tools.test": Requirement(
        source=_OURS, behaviour="A tool is tried as a model would call it; one that may change something needs confirm."
    ),
    "native.tools.servers": Requirement(
        source=_OURS, behaviour="MCP servers of an agent are listed and tried; what is wrong is a sentence."
    ),
    "native.models": Requirement(
        source="docs/models.md", behaviour="Providers are listed with whose key they use, and their models with prices."
    ),
    "native.secrets": Requirement(
        source="docs/vault.md", behaviour="Admins list, set and delete secrets by name; no answer has a value."
    ),
    "native.agents.rights": Requirement(
        source=_OURS,
        behaviour="Admins change agents; ways into the server's machine are for operators; others see no passwords.",
    ),
}
