"""What bodies say of agents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from turnkeeper.actions.agents import NewAgent
from turnkeeper.core.agents import AgentSettings, Limits
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.revisions import LONGEST_NOTE, AgentContent, plain
from turnkeeper.dialects.native.faults import Fault, FaultsError
from turnkeeper.dialects.native.forms.nouns import merged, noun_of
from turnkeeper.dialects.native.forms.reading import Fields, fields_of

MOST_BODY_BYTES = 1_000_000
"""Instructions may be long."""
_MADE_OF = (
    "name",
    "description",
    "data_set",
    "instructions",
    "model",
    "tools",
    "limits",
    "settings",
    "instances_count",
)
_LONGEST_NAME = 255
_MOST_TOOLS = 500
_MOST_INSTANCES = 1_000

Number = int | None
"""A data set's, once it was looked up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentForm:
    """What a body says an agent is to be, or is to become."""

    members: Mapping[str, object]
    """As JSON has them, without `note`."""
    data_set: str | None
    """Its id or name, where the body gives one."""
    note: str | None = None

    def new_agent(self, data_set_id: Number) -> NewAgent:
        """The agent that the body describes. Raises: FaultsError."""
        return _read({**self.members, "data_set": data_set_id})

    def change(self, data_set_id: Number) -> Callable[[AgentContent], NewAgent]:
        """What the body, a JSON Merge Patch, makes of the content that there is. The result raises FaultsError."""
        patch = dict(self.members)
        if "data_set" in patch:
            patch["data_set"] = data_set_id

        def make(content: AgentContent) -> NewAgent:
            present = {name: value for name, value in _members(plain(content)).items() if name != "data_set_id"}
            try:
                wanted = merged({**present, "data_set": content.data_set_id}, patch)
            except RecursionError as error:
                raise InvalidError("body", "The body is nested too deep.", code="malformed") from error
            return _read(_members(wanted))

        return make


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBack:
    """To which revision, and why."""

    number: int
    note: str | None


def agent_form(body: bytes, content_type: str | None, *, takes_note: bool) -> AgentForm:
    """The members of an agent, of which only the names, the data set and the note are checked yet.

    Raises:
        FaultsError: a name is not known.
        InvalidError: the body is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    known = (*_MADE_OF, "note") if takes_note else _MADE_OF
    fields = fields_of(body, content_type, known=known)
    data_set = fields.text("data_set", most=_LONGEST_NAME)
    note = fields.text("note", most=LONGEST_NOTE) if takes_note else None
    fields.check()
    members = {name: fields.raw(name) for name in _MADE_OF if fields.has(name)}
    return AgentForm(members=members, data_set=data_set, note=note if note and note.strip() else None)


def roll_back_form(body: bytes, content_type: str | None) -> RollBack:
    """Check the body of a rollback. Raises: as `agent_form`."""
    fields = fields_of(body, content_type, known=("revision", "note"))
    number = fields.whole("revision", least=1, most=2**31 - 1)
    if fields.raw("revision") is None:
        fields.wrong("revision", "The field 'revision' is missing; it is the number to go back to.", "missing")
    note = fields.text("note", most=LONGEST_NOTE)
    fields.check()
    return RollBack(number=number or 0, note=note if note and note.strip() else None)


def deploy_form(body: bytes, content_type: str | None) -> int | None:
    """Check the body of a deployment, which may be empty: which revision. Raises: as `agent_form`."""
    if not body.strip():
        return None
    fields = fields_of(body, content_type, known=("revision",))
    number = fields.whole("revision", least=1, most=2**31 - 1)
    fields.check()
    return number


def _read(members: Mapping[str, object]) -> NewAgent:
    faults: list[Fault] = []
    fields = Fields(members, known=_MADE_OF, faults=faults)
    limits = noun_of(_given(members, "limits"), Limits, "/limits", faults)
    settings = noun_of(_given(members, "settings"), AgentSettings, "/settings", faults)
    data_set_id = members.get("data_set")
    instances_count = fields.whole("instances_count", least=1, most=_MOST_INSTANCES)
    new = NewAgent(
        name=fields.needed_text("name", most=_LONGEST_NAME),
        description=fields.text("description"),
        data_set_id=data_set_id if isinstance(data_set_id, int) else None,
        instructions=fields.text("instructions"),
        model=fields.text("model", most=_LONGEST_NAME),
        instances_count=1 if instances_count is None else instances_count,
        tools=fields.texts("tools", most=_MOST_TOOLS, longest=_LONGEST_NAME),
        limits=limits or Limits(),
        settings=settings or AgentSettings(),
    )
    if faults:
        raise FaultsError(faults)
    return new


def _given(members: Mapping[str, object], name: str) -> object:
    """What stands there; nothing special when it is left out or null."""
    value = members.get(name)
    return {} if value is None else value


def _members(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict), "a noun and a merge patch of one are objects"
    return {str(name): item for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any kind
