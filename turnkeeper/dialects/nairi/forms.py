"""What requests say, checked: every fault of a body is told at once, in one sentence of `{"error"}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard
from uuid import UUID

import msgspec

from turnkeeper.core.errors import InvalidError
from turnkeeper.core.files import MOST_FILES_A_MESSAGE
from turnkeeper.dialects.nairi.translate import attachment_id_in

_LARGEST_ID = 2**63 - 1
_LONGEST_LINE = 255
_LONGEST_PAGE = 100_000
_OBJECT = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, kw_only=True, slots=True)
class StartForm:
    """The body of `conversations/start`."""

    agent: str
    prompt: str
    ask_mode: bool
    attachments: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContinueForm:
    """The body of `continue`."""

    prompt: str
    attachments: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentForm:
    """The body of `POST /agents`."""

    name: str
    description: str | None
    system_prompt: str | None
    instances_count: int
    data_set_id: int | None
    model: str | None


def start_form(body: bytes, content_type: str | None) -> StartForm:
    """Check the body of `conversations/start`.

    Raises:
        InvalidError: it cannot be used.
    """
    fields = _Fields(body, content_type)
    form = StartForm(
        agent=fields.required("agent_id"),
        prompt=fields.required("prompt"),
        ask_mode=fields.flag("ask_mode"),
        attachments=fields.attachments(),
    )
    fields.check()
    return form


def continue_form(body: bytes, content_type: str | None) -> ContinueForm:
    """Check the body of `continue`.

    Raises:
        InvalidError: it cannot be used.
    """
    fields = _Fields(body, content_type)
    form = ContinueForm(prompt=fields.required("prompt"), attachments=fields.attachments())
    fields.check()
    return form


def agent_form(body: bytes, content_type: str | None) -> AgentForm:
    """Check the body of `POST /agents`.

    Raises:
        InvalidError: it cannot be used.
    """
    fields = _Fields(body, content_type)
    count = fields.number("instances_count", most=1_000)
    form = AgentForm(
        name=fields.required("name", longest=_LONGEST_LINE),
        description=fields.text("description", longest=_LONGEST_PAGE),
        system_prompt=fields.text("system_prompt", longest=_LONGEST_PAGE),
        instances_count=1 if count is None else count,
        data_set_id=fields.number("data_set_id", most=_LARGEST_ID),
        model=fields.text("model", longest=_LONGEST_LINE),
    )
    fields.check()
    return form


def deploy_form(body: bytes, content_type: str | None) -> bool:
    """Check the body of `deploy`, which may be missing; whether only the configuration is to be rolled out.

    Raises:
        InvalidError: it cannot be used.
    """
    if not body.strip():
        return False
    fields = _Fields(body, content_type)
    only_config = fields.flag("update_config_only")
    fields.check()
    return only_config


class _Fields:
    """The members of a JSON object; unknown ones are ignored, as the original does. `null` means absent."""

    def __init__(self, body: bytes, content_type: str | None) -> None:
        self._members = _object(body, content_type)
        self._wrong: list[str] = []

    def required(self, name: str, *, longest: int | None = None) -> str:
        """A text that must be there and must not be blank."""
        value = self.text(name, longest=longest)
        if self._members.get(name) is None or (value is not None and not value.strip()):
            self._wrong.append(f"{name} is required")
        return value or ""

    def text(self, name: str, *, longest: int | None = None) -> str | None:
        """A text."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong.append(f"{name} must be a string")
            return None
        if "\x00" in value:
            self._wrong.append(f"{name} contains a NUL character, which cannot be stored")
        if longest is not None and len(value) > longest:
            self._wrong.append(f"{name} has more than {longest:,} characters")
        return value

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        value = self._members.get(name)
        if value is None or isinstance(value, bool):
            return value or False
        self._wrong.append(f"{name} must be true or false")
        return False

    def number(self, name: str, *, most: int) -> int | None:
        """A whole number from 1 to `most`."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong.append(f"{name} must be an integer")
            return None
        if not 1 <= value <= most:
            self._wrong.append(f"{name} must be between 1 and {most:,}")
        return value

    def attachments(self) -> tuple[UUID, ...]:
        """The ids in `attachment_ids`, each once."""
        value = self._members.get("attachment_ids")
        if value is None:
            return ()
        if not _is_list(value) or not all(isinstance(item, str) for item in value):
            self._wrong.append("attachment_ids must be a list of strings")
            return ()
        named = list(dict.fromkeys(str(item) for item in value))
        if len(named) > MOST_FILES_A_MESSAGE:
            self._wrong.append(f"attachment_ids has {len(named)} ids; the most is {MOST_FILES_A_MESSAGE}")
            return ()
        try:
            return tuple(map(attachment_id_in, named))
        except InvalidError as error:
            self._wrong.append(error.why)
            return ()

    def check(self) -> None:
        """Raise all that was wrong."""
        if self._wrong:
            raise InvalidError("body", "; ".join(self._wrong))


def _object(body: bytes, content_type: str | None) -> Mapping[str, object]:
    if content_type is not None and not _is_json(content_type):
        raise InvalidError("body", "the body must be JSON: send `Content-Type: application/json`")
    try:
        return _OBJECT.decode(body)
    except RecursionError as error:
        raise InvalidError("body", "the body is nested too deep") from error
    except msgspec.ValidationError as error:
        raise InvalidError("body", f"the body must be a JSON object: {error}") from error
    except ValueError as error:  # msgspec's DecodeError and, for bytes that are no UTF-8, UnicodeDecodeError
        raise InvalidError("body", f"invalid JSON: {error}") from error


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
