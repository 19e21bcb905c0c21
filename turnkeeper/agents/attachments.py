"""How a model meets the files of a conversation: pictures and PDFs as they are, texts within a budget, all by name."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from turnkeeper.agents.model import Image, Media, Pdf, UserMessage
from turnkeeper.agents.showing import TalkFiles
from turnkeeper.agents.tools.read_attachment import READ_ATTACHMENT
from turnkeeper.core.errors import RefusedError
from turnkeeper.core.files import Attachment
from turnkeeper.core.sentences import counted

TEXT_BYTES = 32_000
"""Of the texts of all files that came with one message, some 8,000 tokens of English; the tool reads on."""

_EARLIER_SHOWN = 30
_ATTACHED = "[Files attached to this message:]"


def with_files(message: UserMessage, files: TalkFiles, takes: Media) -> UserMessage:
    """The question, carrying its attachments and naming the files from earlier."""
    if not (files.attachments or files.earlier):
        return message
    parts = [message.text]
    if files.attachments:
        shares = _shares([_readable(attachment) for attachment in files.attachments])
        parts.append(_ATTACHED)
        parts += [
            _described(attachment, attachment.text[:share], takes)
            for attachment, share in zip(files.attachments, shares, strict=True)
        ]
    if files.earlier:
        again = {file.id for shown in files.again.values() for file in shown}
        parts.append(_earlier(files.earlier, again))
    return _showing(replace(message, question=message.text), files.attachments, parts)


def shown_again(message: UserMessage, files: Sequence[Attachment], takes: Media) -> UserMessage:
    """An earlier question with those of its files that are shown once more."""
    return _showing(message, files, [message.text, _ATTACHED, *(_described(file, "", takes) for file in files)])


def check_readable(files: Iterable[Attachment], takes: Media, who: str) -> None:
    """See that a model can make something of each file that came with the question.

    Raises:
        RefusedError: code `unreadable_file`: a PDF holds only pictures of pages, and cannot be shown as it is.
    """
    for file in files:
        if file.is_pdf and file.content is None and not file.characters:
            sentence = f"The file {file.name!r} cannot be read: {_scan(file, takes)}"
            raise RefusedError(
                who, f"{sentence} Attach it with text (run text recognition, OCR, on it).", code="unreadable_file"
            )


def _showing(message: UserMessage, files: Sequence[Attachment], parts: Sequence[str]) -> UserMessage:
    """The message with this text and those of the files that have their bytes."""
    shown = [(file, file.content) for file in files if file.content is not None]
    return replace(
        message,
        text="\n\n".join(parts),
        images=tuple(Image(media_type=file.media_type, data=data) for file, data in shown if file.is_image),
        pdfs=tuple(Pdf(name=file.name, data=data, pages=file.pages) for file, data in shown if file.is_pdf),
    )


def _described(attachment: Attachment, shown: str, takes: Media) -> str:
    """A file as the model reads it."""
    title = f"{attachment.name!r} (id {attachment.id}, {attachment.media_type}, {counted(attachment.size, 'byte')})"
    if attachment.is_image:
        return f"Picture {title}: {_picture(attachment, takes)}"
    if attachment.is_pdf and attachment.content is not None:
        return f"File {title}: its {counted(attachment.pages, 'page')} shown with this message."
    if attachment.is_pdf and not attachment.characters:
        return f"File {title}: {_scan(attachment, takes)} Say so if it matters."
    start, end = f"<file id={attachment.id!r}>", "</file>"
    text = f"File {title}:\n{start}\n{shown}\n{end}"
    if len(shown) < attachment.characters:
        text += (
            f"\nThese are the first {len(shown):,} of {attachment.characters:,} characters. Read on with the tool "
            f'{READ_ATTACHMENT}: {{"attachment": "{attachment.id}", "offset": {len(shown)}}}'
        )
    return text


def _picture(attachment: Attachment, takes: Media) -> str:
    if not takes.images:
        return "a picture was attached that you cannot see, because this model takes no pictures. Say so if it matters."
    if attachment.content is None:
        return (
            "a picture was attached that cannot be shown to you, because it is too large or lost. Say so if it matters."
        )
    return "shown with this message."


def _scan(attachment: Attachment, takes: Media) -> str:
    """Why a PDF without text is not shown."""
    if not takes.pdf_pages:
        why = "this model takes no PDFs"
    elif attachment.pages > takes.pdf_pages:
        why = f"there are {attachment.pages:,} of them, where this model takes {takes.pdf_pages:,}"
    else:
        why = "they are too much to be shown to the model, or lost"
    return f"it holds no text, only pictures of pages, and {why}."


def _readable(attachment: Attachment) -> str:
    """The text that is shown of a file; none of one that is shown as it is."""
    return attachment.text if attachment.content is None else ""


def _earlier(earlier: Sequence[Attachment], again: Set[str]) -> str:
    newest = earlier[-_EARLIER_SHOWN:]
    lines = [
        f"- {attachment.name!r} (id {attachment.id}, {attachment.media_type})"
        + (", shown above" if attachment.id in again else "")
        for attachment in newest
    ]
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
