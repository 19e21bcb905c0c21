"""How a model meets the files of a conversation: pictures as pictures, texts within a budget, all by name and id."""

from collections.abc import Sequence
from dataclasses import replace

from turnkeeper.agents.model import Image, ModelMessage, UserMessage
from turnkeeper.agents.tools.read_attachment import READ_ATTACHMENT
from turnkeeper.core.files import Attachment
from turnkeeper.core.sentences import counted

TEXT_BYTES = 32_000
"""Of the texts of all files that came with one message, some 8,000 tokens of English; the tool reads on."""

_EARLIER_SHOWN = 30


def with_files(
    messages: Sequence[ModelMessage],
    attachments: Sequence[Attachment],
    earlier: Sequence[Attachment],
    *,
    sees_images: bool,
) -> tuple[ModelMessage, ...]:
    """The talk with its last message, the question, carrying its attachments and naming the `earlier` files."""
    *past, last = messages
    if not (attachments or earlier) or not isinstance(last, UserMessage):
        return tuple(messages)
    shares = _shares([attachment.text for attachment in attachments])
    parts = [last.text]
    if attachments:
        parts.append("[Files attached to this message:]")
        parts += [
            _described(attachment, attachment.text[:share], sees_images=sees_images)
            for attachment, share in zip(attachments, shares, strict=True)
        ]
    if earlier:
        parts.append(_earlier(earlier))
    images = tuple(
        Image(media_type=attachment.media_type, data=attachment.image)
        for attachment in attachments
        if attachment.image is not None and sees_images
    )
    return (*past, replace(last, text="\n\n".join(parts), images=images, question=last.text))


def _described(attachment: Attachment, shown: str, *, sees_images: bool) -> str:
    """A file as the model reads it."""
    title = f"{attachment.name!r} (id {attachment.id}, {attachment.media_type}, {counted(attachment.size, 'byte')})"
    if attachment.is_image:
        return f"Picture {title}: {_picture(attachment, sees_images=sees_images)}"
    start, end = f"<file id={attachment.id!r}>", "</file>"
    text = f"File {title}:\n{start}\n{shown}\n{end}"
    if len(shown) < attachment.characters:
        text += (
            f"\nThese are the first {len(shown):,} of {attachment.characters:,} characters. Read on with the tool "
            f'{READ_ATTACHMENT}: {{"attachment": "{attachment.id}", "offset": {len(shown)}}}'
        )
    return text


def _picture(attachment: Attachment, *, sees_images: bool) -> str:
    if not sees_images:
        return "a picture was attached that you cannot see, because this model takes no pictures. Say so if it matters."
    if attachment.image is None:
        return (
            "a picture was attached that cannot be shown to you, because it is too large or lost. Say so if it matters."
        )
    return "shown with this message."


def _earlier(earlier: Sequence[Attachment]) -> str:
    newest = earlier[-_EARLIER_SHOWN:]
    lines = [f"- {attachment.name!r} (id {attachment.id}, {attachment.media_type})" for attachment in newest]
    head = f"[Files from earlier in this conversation; the tool {READ_ATTACHMENT} reads their text:]"
    return "\n".join([head, *lines])


def _shares(texts: Sequence[str]) -> list[int]:
    """How many characters of each text are shown: short ones whole, the others alike, together within the budget."""
    budget = TEXT_BYTES
    shares = [0] * len(texts)
    sizes = [_size(text) for text in texts]
    left = len(texts)
    for place in sorted(range(len(texts)), key=sizes.__getitem__):
        share = min(sizes[place], budget // left)
        budget -= share
        left -= 1
        shares[place] = _characters_within(texts[place], share)
    return shares


def _size(text: str) -> int:
    """What the text takes of the budget, in bytes: ideographs cost more tokens than letters."""
    return len(text.encode("utf-8", "replace"))


def _characters_within(text: str, size: int) -> int:
    """How many characters of the text take at most so many bytes."""
    return len(text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore"))
