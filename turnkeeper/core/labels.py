"""What people say about a conversation, beside the talk itself: title, tags, metadata; and what of it is allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Literal

from turnkeeper.core.errors import InvalidError

LONGEST_TITLE = 300
"""Characters."""
MOST_TAGS = 20
LONGEST_TAG = 64
"""Characters."""
MOST_METADATA = 50
"""Keys."""
LONGEST_METADATA_KEY = 40
"""Characters."""
LONGEST_METADATA_VALUE = 500
"""Characters."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Keep(Enum):
    """That something is to stay as it is."""

    KEEP = "keep"


KEEP: Literal[Keep.KEEP] = Keep.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What is said about a conversation. Without a title, its first message stands for it."""

    title: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


NO_LABELS = Labels()


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelChange:
    """What is to become of a conversation's labels; what is `KEEP` stays.

    `metadata` is merged: a value takes the place of what its key had, None removes the key; None for the whole removes all.
    """

    title: str | Literal[Keep.KEEP] | None = KEEP
    tags: tuple[str, ...] | Literal[Keep.KEEP] = KEEP
    metadata: Mapping[str, str | None] | Literal[Keep.KEEP] | None = KEEP
    archived: bool | Literal[Keep.KEEP] = KEEP


def changed(labels: Labels, change: LabelChange) -> Labels:
    """The labels after a change.

    Raises:
        InvalidError: field `metadata`; the keys together are too many.
    """
    metadata: dict[str, str] = {} if change.metadata is None else dict(labels.metadata)
    if isinstance(change.metadata, Mapping):
        for key, value in change.metadata.items():
            if value is None:
                metadata.pop(key, None)
            else:
                metadata[key] = value
    check_metadata_size(len(metadata))
    return Labels(
        title=labels.title if change.title is KEEP else change.title,
        tags=labels.tags if change.tags is KEEP else change.tags,
        metadata=metadata,
    )


def checked_title(title: str) -> str:
    """The title on one line.

    Raises:
        InvalidError: it is blank or too long.
    """
    line = " ".join(_storable("title", title).split())
    if not line:
        raise InvalidError(
            "title", "The title is blank; send null to have the first message stand for it.", code="blank"
        )
    return _short("title", line, LONGEST_TITLE)


def checked_tag(tag: str) -> str:
    """The tag, without blanks around it.

    Raises:
        InvalidError: it is blank or too long.
    """
    word = " ".join(_storable("tag", tag).split())
    if not word:
        raise InvalidError("tags", "The tag is blank.", code="blank")
    return _short("tag", word, LONGEST_TAG)


def check_tags_size(count: int) -> None:
    """Check how many tags there are.

    Raises:
        InvalidError: too many.
    """
    if count > MOST_TAGS:
        raise InvalidError("tags", f"There are {count} tags; the most is {MOST_TAGS}.", code="too_many")


def check_metadata_size(count: int) -> None:
    """Check how many keys there are.

    Raises:
        InvalidError: too many.
    """
    if count > MOST_METADATA:
        raise InvalidError("metadata", f"There would be {count} keys; the most is {MOST_METADATA}.", code="too_many")


def checked_metadata_key(key: str) -> str:
    """The key as it is.

    Raises:
        InvalidError: it is blank or too long.
    """
    if not _storable("key", key).strip():
        raise InvalidError("metadata", "A key of the metadata is blank.", code="blank")
    return _short("key", key, LONGEST_METADATA_KEY)


def checked_metadata_value(value: str) -> str:
    """The value as it is.

    Raises:
        InvalidError: it is too long.
    """
    return _short("value", _storable("value", value), LONGEST_METADATA_VALUE)


def _storable(what: str, text: str) -> str:
    if "\x00" in text:
        raise InvalidError(what, f"The {what} contains a NUL character, which cannot be stored.", code="nul")
    return text


def _short(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise InvalidError(what, f"The {what} has {len(text):,} characters; the most is {most}.", code="too_long")
    return text
