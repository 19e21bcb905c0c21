"""What bodies about conversations say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, get_args
from uuid import UUID

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.actions.keeping import Beginning, FirstMessage
from turnkeeper.core.conversations import Mode, Overlap
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.files import MOST_FILES_A_MESSAGE
from turnkeeper.core.labels import (
    KEEP,
    LONGEST_TAG,
    MOST_METADATA,
    MOST_TAGS,
    LabelChange,
    Labels,
    check_metadata_size,
    checked_metadata_key,
    checked_metadata_value,
    checked_title,
)
from turnkeeper.dialects.native.faults import pointer_to, shown
from turnkeeper.dialects.native.forms.reading import Fields, fields_of
from turnkeeper.dialects.native.translate.ids import agent_or_slug_in, data_set_in, file_in, message_in

MOST_BODY_BYTES = 7_000_000
"""The longest message fits, also when every character is escaped."""

T = TypeVar("T", Mode, Overlap)

_MODES: tuple[Mode, ...] = get_args(Mode)
_OVERLAPS: tuple[Overlap, ...] = get_args(Overlap)
_MESSAGE = ("text", "files", "overlap")
_CREATE = ("agent", "data_set", "mode", "title", "tags", "metadata", "message")
_LONGEST_NAME = 255
_MOST_REVISION = 2**31 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    """The body that begins a conversation."""

    beginning: Beginning
    message: FirstMessage | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """The body that sends a message."""

    text: str
    files: tuple[UUID, ...]
    overlap: Overlap | None
    agent_revision: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fork:
    """The body that forks a conversation."""

    message: UUID
    title: str | None


def create_form(body: bytes, content_type: str | None) -> Create:
    """Check the body that begins a conversation.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=_CREATE)
    agent = fields.needed_text("agent", most=_LONGEST_NAME)
    data_set = fields.text("data_set", most=_LONGEST_NAME)
    labels = Labels(title=fields.read("title", checked_title), tags=_tags(fields) or (), metadata=_metadata(fields))
    inner = fields.inner("message", known=_MESSAGE)
    message = None if inner is None else _message(inner)
    mode = _one_of(fields, "mode", _MODES)
    fields.check()
    return Create(
        beginning=Beginning(
            agent=agent_or_slug_in(agent),
            data_set=None if data_set is None else data_set_in(data_set),
            mode="execute" if mode is None else mode,
            labels=labels,
        ),
        message=None if message is None else FirstMessage(text=message.text, attached=message.files),
    )


def send_form(body: bytes, content_type: str | None) -> Send:
    """Check the body that sends a message.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=(*_MESSAGE, "agent_revision"))
    message = _message(fields)
    revision = fields.whole("agent_revision", least=1, most=_MOST_REVISION)
    fields.check()
    return replace(message, agent_revision=revision)


def change_form(body: bytes, content_type: str | None) -> LabelChange:
    """Check the body that changes what is said about a conversation.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("title", "tags", "metadata", "archived"))
    archived = fields.flag("archived")
    change = LabelChange(
        title=fields.read("title", checked_title) if fields.has("title") else KEEP,
        tags=_tags(fields) or () if fields.has("tags") else KEEP,
        metadata=_metadata_change(fields) if fields.has("metadata") else KEEP,
        archived=KEEP if archived is None else archived,
    )
    fields.check()
    return change


def fork_form(body: bytes, content_type: str | None) -> Fork:
    """Check the body that forks a conversation.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("message", "title"))
    text = fields.needed_text("message", most=_LONGEST_NAME)
    message = message_in(text)
    if text and message is None:
        why = f"{shown(text)} is no id of a message; expected `msg_` and 26 characters."
        fields.wrong("message", why, "malformed_id")
    title = fields.read("title", checked_title)
    fields.check()
    assert message is not None
    return Fork(message=message, title=title)


def _message(fields: Fields) -> Send:
    text = fields.needed_text("text", most=LONGEST_TEXT)
    named = fields.texts("files", most=MOST_FILES_A_MESSAGE, longest=_LONGEST_NAME) or ()
    files: list[UUID] = []
    for place, name in enumerate(named):
        file = file_in(name)
        if file is None:
            why = f"{shown(name)} is no id of a file; expected `file_` and 26 characters."
            fields.wrong(f"files/{place}", why, "malformed_id", is_pointer=True)
        else:
            files.append(file)
    return Send(text=text, files=tuple(files), overlap=_one_of(fields, "overlap", _OVERLAPS))


def _one_of(fields: Fields, name: str, words: tuple[T, ...]) -> T | None:
    text = fields.word_or_none(name, words)
    return next((word for word in words if word == text), None)


def _tags(fields: Fields) -> tuple[str, ...] | None:
    found = fields.texts("tags", most=MOST_TAGS, longest=LONGEST_TAG)
    if found is None:
        return None
    return tuple(dict.fromkeys(" ".join(tag.split()) for tag in found))


def _metadata(fields: Fields) -> Mapping[str, str]:
    return {key: value for key, value in (_pairs(fields) or {}).items() if value is not None}


def _metadata_change(fields: Fields) -> Mapping[str, str | None] | None:
    return _pairs(fields, may_remove=True)


def _pairs(fields: Fields, *, may_remove: bool = False) -> Mapping[str, str | None] | None:
    """The metadata, with every fault of it remembered; keys to remove have None."""
    given = fields.members_of("metadata", most=2 * MOST_METADATA)
    if given is None:
        return None
    found: dict[str, str | None] = {}
    for key, value in given.items():
        place = f"metadata{pointer_to(key)}"
        if value is None and may_remove:
            found[key] = None
        elif not isinstance(value, str):
            fields.wrong(place, "A value of the metadata must be a string.", "wrong_type", is_pointer=True)
        else:
            for check, text in ((checked_metadata_key, key), (checked_metadata_value, value)):
                _note(fields, place, check, text)
            found[key] = value
    try:
        check_metadata_size(sum(value is not None for value in found.values()))
    except InvalidError as error:
        fields.wrong("metadata", error.why, error.code)
    return found


def _note(fields: Fields, place: str, check: Callable[[str], str], text: str) -> None:
    try:
        check(text)
    except InvalidError as error:
        fields.wrong(place, error.why, error.code, is_pointer=True)
