"""Which files a model is shown as they are: pictures and PDFs, those of earlier turns as far as memory has room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from turnkeeper.agents.memory import tokens_of_turn
from turnkeeper.agents.model import Media
from turnkeeper.core.files import Attachment
from turnkeeper.core.history import HistoryTurn

IMAGE_TOKENS = 1_600
"""About what a picture takes of the window at the large providers."""
PAGE_TOKENS = 3_000
"""About what a page of a PDF takes: its picture and its text. Some providers count far less."""
MOST_PDF_TOKENS = 100_000
"""Of PDFs that come with one message and hold text: half of the smallest window among models that take them as they are.
Of a larger one the text is shown, and the tool reads on in it."""

MOST_IMAGE_BYTES = 5_000_000
"""Of one picture: providers refuse larger ones, and with them the whole request."""
MOST_BYTES = 20_000_000
"""Of all that one request shows. In base64 it is a third more, and fits into what the providers take."""
MOST_EARLIER_BYTES = 10_000_000
"""Of what is shown again: the rest is left to what the person may add while the turn runs."""
_NOTE_TOKENS = 40
"""What is said beside a file that is shown: its name, id, kind and size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TalkFiles:
    """The files of a conversation as one turn meets them, oldest first; what is shown as it is has its bytes."""

    attachments: tuple[Attachment, ...] = ()
    """What came with the question."""
    earlier: tuple[Attachment, ...] = ()
    """What there is from earlier in the conversation, also what the agent wrote."""
    again: Mapping[int, tuple[Attachment, ...]] = field(default_factory=dict[int, tuple[Attachment, ...]])
    """What of it is shown again, by the id of the turn's message."""


NO_FILES = TalkFiles()


class Sight:
    """How much one turn's requests may still show: pictures, pages, bytes and tokens, within what the model takes."""

    def __init__(self, takes: Media, *, turn_tokens: int | None = None) -> None:
        """`turn_tokens` is the limit of the turn, if there is one: PDFs that hold text leave half of it."""
        self.takes = takes
        self._images = takes.images
        self._pages = takes.pdf_pages
        self._pdf_bytes = takes.pdf_bytes
        self._bytes = MOST_BYTES
        self._earlier_bytes = MOST_EARLIER_BYTES
        self._tokens = MOST_PDF_TOKENS if turn_tokens is None else min(MOST_PDF_TOKENS, turn_tokens // 2)

    def shows(self, file: Attachment) -> bool:
        """Whether a file that came with a message now is shown as it is; it is counted then.

        More pictures than the provider is known to take are tried all the same: it may take them, and says so if not.
        """
        if not self._has_room(file):
            return False
        if file.is_pdf and file.characters:
            tokens = tokens_of_file(file)
            if tokens > self._tokens:
                return False
            self._tokens -= tokens
        self._count(file)
        return True

    def shows_again(self, file: Attachment) -> bool:
        """Whether a file of an earlier turn is shown again; it is counted then."""
        if not self._has_room(file) or file.size > self._earlier_bytes or (file.is_image and self._images <= 0):
            return False
        self._earlier_bytes -= file.size
        self._count(file)
        return True

    def _has_room(self, file: Attachment) -> bool:
        if file.size > self._bytes:
            return False
        if file.is_pdf:
            return 0 < file.pages <= self._pages and file.size <= self._pdf_bytes
        return file.is_image and self.takes.images > 0 and file.size <= MOST_IMAGE_BYTES

    def _count(self, file: Attachment) -> None:
        self._bytes -= file.size
        if file.is_pdf:
            self._pages -= file.pages
            self._pdf_bytes -= file.size
        else:
            self._images -= 1


def tokens_of_file(file: Attachment) -> int:
    """About how many tokens a picture or a PDF takes when it is shown as it is."""
    return _NOTE_TOKENS + (PAGE_TOKENS * file.pages if file.is_pdf else IMAGE_TOKENS)


def seen_again(
    turns: Sequence[HistoryTurn], files: Sequence[Attachment], sight: Sight, *, tokens: int, may_drop: bool
) -> tuple[tuple[HistoryTurn, ...], dict[int, list[Attachment]]]:
    """The turns that stay, and which files are shown with them again, by the id of the turn's message.

    Turns and what is shown fit together into `tokens`; the newest comes first, and takes half of them at most. Where turns
    `may_drop`, the oldest make room, whole; where not, files take only what the turns leave.
    """
    costs = [tokens_of_turn(turn) for turn in turns]
    by_turn = _by_turn(turns, files)
    most = tokens // 2 if may_drop else tokens - sum(costs)
    chosen: dict[int, list[Attachment]] = {}
    taken = newer = 0
    for turn, cost in zip(reversed(turns), reversed(costs), strict=True):
        newer += cost
        for file in by_turn.get(turn.message_id, ()):
            wanted = taken + tokens_of_file(file)
            if wanted <= most and wanted + newer <= tokens and sight.shows_again(file):
                taken = wanted
                chosen.setdefault(turn.message_id, []).append(file)
    first, together = 0, sum(costs) + taken
    while first < len(costs) and taken and together > tokens:
        together -= costs[first]
        first += 1
    return tuple(turns[first:]), chosen


def _by_turn(turns: Sequence[HistoryTurn], files: Sequence[Attachment]) -> dict[int, list[Attachment]]:
    """The files of each turn. What was said while a turn ran has a message of its own, and belongs to that turn."""
    found: dict[int, list[Attachment]] = {}
    for file in files:
        turn = next((turn.message_id for turn in reversed(turns) if turn.message_id <= file.message_id), None)
        if turn is not None:
            found.setdefault(turn, []).append(file)
    return found
