"""Files before a model: pictures for those that see, texts within a budget, and the tools that read and write files."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from inline_snapshot import snapshot

from tests.agents.stage import agent
from tests.fakes.effects import MemoryEffects
from tests.fakes.steps import MemorySteps
from turnkeeper.agents.acting import Records
from turnkeeper.agents.attachments import TEXT_BYTES, with_files
from turnkeeper.agents.budget import estimated_input_tokens
from turnkeeper.agents.model import (
    ONLY_TEXT,
    Finished,
    Image,
    Media,
    ModelDelta,
    ModelRequest,
    Pdf,
    TextDelta,
    ToolCall,
    ToolSpec,
    UserMessage,
)
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.showing import IMAGE_TOKENS, PAGE_TOKENS, TalkFiles
from turnkeeper.agents.tools.read_attachment import CHARACTERS_A_CALL, ReadAttachment
from turnkeeper.agents.tools.tool import ToolContext
from turnkeeper.agents.tools.write_file import WriteFile
from turnkeeper.agents.turn import TurnRequest, run_turn
from turnkeeper.core.agents import Limits
from turnkeeper.core.conversations import Usage
from turnkeeper.core.errors import InvalidError, RefusedError, ToolFailedError, ToolRetryError
from turnkeeper.core.files import Attachment
from turnkeeper.core.history import HistoryTurn
from turnkeeper.core.ids import new_id
from turnkeeper.store.turn_files import Excerpt

CONTEXT = ToolContext(
    organization_id=1,
    account_id=1,
    conversation_id=1,
    message_id=1,
    data_set_id=None,
    first_mark=1,
    effect_id=new_id(),
)
NOTE = Attachment(id="att_1", name="note.txt", media_type="text/plain", size=5, text="Hello", characters=5)
PHOTO = Attachment(id="att_2", name="photo.png", media_type="image/png", size=3, content=b"png")

PAPER = Attachment(
    id="att_4",
    name="paper.pdf",
    media_type="application/pdf",
    size=4,
    text="Paper text",
    characters=10,
    pages=3,
    content=b"%PDF",
)
SCAN = Attachment(id="att_5", name="scan.pdf", media_type="application/pdf", size=4, pages=2, content=b"%PDF")
ALL = Media(images=5, pdf_pages=100, pdf_bytes=1_000_000)


def shown(*attachments: Attachment, earlier: Sequence[Attachment] = (), takes: Media = ALL) -> UserMessage:
    """The question as the model gets it."""
    return with_files(
        UserMessage(text="What is it?"), TalkFiles(attachments=attachments, earlier=tuple(earlier)), takes
    )


def test_without_files_the_question_stays_as_it_is() -> None:
    assert shown() == UserMessage(text="What is it?")


def test_texts_and_pictures_come_behind_the_question() -> None:
    message = shown(NOTE, PHOTO)
    assert message.images == (Image(media_type="image/png", data=b"png"),)
    assert message.question == "What is it?"
    assert message.text == snapshot(
        """\
What is it?

[Files attached to this message:]

File 'note.txt' (id att_1, text/plain, 5 bytes):
<file id='att_1'>
Hello
</file>

Picture 'photo.png' (id att_2, image/png, 3 bytes): shown with this message.\
"""
    )


def test_a_model_that_sees_no_pictures_is_told_of_them() -> None:
    message = shown(replace(PHOTO, content=None), takes=ONLY_TEXT)
    assert message.images == ()
    assert "a picture was attached that you cannot see, because this model takes no pictures." in message.text


def test_a_picture_that_was_not_loaded_is_told_of() -> None:
    message = shown(Attachment(id="att_3", name="big.png", media_type="image/png", size=9_000_000))
    assert message.images == ()
    assert "too large or lost" in message.text


@pytest.mark.parametrize("letter", ["x", "é", "日"])
def test_long_texts_share_the_budget_and_say_where_to_read_on(letter: str) -> None:
    texts = [letter * 20, letter * 90_000, letter * 90_000]
    attachments = [
        Attachment(id=f"att_{place}", name="n", media_type="text/plain", size=1, text=text, characters=len(text))
        for place, text in enumerate(texts)
    ]
    text = shown(*attachments).text
    assert TEXT_BYTES - 10 < len(text.encode()) < TEXT_BYTES + 1_000
    assert letter * 20 in text
    assert text.count("of 90,000 characters. Read on with the tool") == 2


def test_earlier_files_are_named_and_not_shown() -> None:
    text = shown(earlier=[NOTE, PHOTO]).text
    assert text == snapshot(
        """\
What is it?

[Files from earlier in this conversation; the tool read_attachment reads their text:]
- 'note.txt' (id att_1, text/plain)
- 'photo.png' (id att_2, image/png)\
"""
    )


@dataclass
class Remembers:
    """A model that keeps what it was asked."""

    takes: Media
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        self.requests.append(request)
        yield TextDelta(text="Seen.")
        yield Finished(usage=Usage(), model="m", reason="stop")


async def turn(model: Remembers, files: TalkFiles, history: tuple[HistoryTurn, ...] = ()) -> None:
    request = TurnRequest(
        agent=agent(),
        message_id=9,
        message_public_id=new_id(),
        conversation_id=1,
        account_id=1,
        model_name="m",
        instructions=None,
        history=history,
        question="What is it?",
        data_set_id=None,
        ask_mode=False,
        limits=Limits(),
        files=files,
    )
    records = Records(steps=MemorySteps(), effects=MemoryEffects())
    await run_turn(request, model=model, tools=(), records=records, emit=lambda _: None)


async def test_a_turn_shows_pictures_and_pdfs_to_a_model_that_takes_them() -> None:
    model = Remembers(takes=ALL)
    await turn(model, TalkFiles(attachments=(PHOTO, PAPER)))
    asked = model.requests[0].messages[-1]
    assert isinstance(asked, UserMessage)
    assert [image.data for image in asked.images] == [b"png"]
    assert asked.pdfs == (Pdf(name="paper.pdf", data=b"%PDF", pages=3),)
    assert "its 3 pages shown with this message." in asked.text
    assert "Paper text" not in asked.text
    assert estimated_input_tokens(model.requests[0]) > IMAGE_TOKENS + 3 * PAGE_TOKENS


async def test_a_pdf_that_is_not_shown_as_it_is_has_its_text() -> None:
    message = shown(replace(PAPER, content=None))
    assert (message.pdfs, "Paper text" in message.text) == ((), True)


@pytest.mark.parametrize(
    ("takes", "pages", "words"),
    [
        (ONLY_TEXT, 2, "this model takes no PDFs."),
        (ALL, 101, "there are 101 of them, where this model takes 100."),
        (ALL, 2, "they are too much to be shown to the model, or lost."),
    ],
)
async def test_scanned_pages_that_the_model_cannot_be_shown_end_the_turn_with_the_reason(
    takes: Media, pages: int, words: str
) -> None:
    model = Remembers(takes=takes)
    with pytest.raises(RefusedError) as refused:
        await turn(model, TalkFiles(attachments=(NOTE, replace(SCAN, pages=pages, content=None))))
    assert refused.value.code == "unreadable_file"
    said = f"The file 'scan.pdf' cannot be read: it holds no text, only pictures of pages, and {words}"
    assert refused.value.message.startswith(said)
    assert model.requests == []


async def test_files_of_earlier_turns_are_shown_with_their_turns_again() -> None:
    model = Remembers(takes=ALL)
    history = tuple(HistoryTurn(question=f"Q{number}", answer="A", message_id=number) for number in (1, 2))
    await turn(model, TalkFiles(earlier=(PHOTO, NOTE), again={1: (PHOTO,)}), history)
    first, _, second, _, asked = model.requests[0].messages
    assert isinstance(first, UserMessage)
    assert first.images == (Image(media_type="image/png", data=b"png"),)
    assert first.text.startswith("Q1\n\n[Files attached to this message:]\n\nPicture 'photo.png'")
    assert second == UserMessage(text="Q2")
    assert isinstance(asked, UserMessage)
    assert "- 'photo.png' (id att_2, image/png), shown above\n- 'note.txt' (id att_1, text/plain)" in asked.text


class Texts:
    """One long text, one picture."""

    async def names(self, conversation_id: int) -> list[tuple[str, str]]:
        return [("att_1", "long.txt")]

    async def excerpt(self, conversation_id: int, wanted: str, *, offset: int, most: int) -> Excerpt | None:
        if wanted == "photo":
            return Excerpt(id="att_2", name="photo", media_type="image/png", text="", characters=0)
        if wanted != "long.txt":
            return None
        text = "0123456789" * 3_000
        part = text[offset : offset + most]
        return Excerpt(id="att_1", name="long.txt", media_type="text/plain", text=part, characters=len(text))


async def test_a_long_text_is_read_in_two_calls() -> None:
    tool = ReadAttachment(Texts())
    first = (await tool.call('{"attachment": "long.txt"}', CONTEXT)).text
    second = (await tool.call(f'{{"attachment": " long.txt ", "offset": {CHARACTERS_A_CALL}}}', CONTEXT)).text
    assert first.startswith("'long.txt' (id att_1), characters 0 to 24,000 of 30,000:\n\n0123")
    assert first.endswith("[Read on with offset 24000.]")
    assert second.endswith("9")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"attachment": "other\\u0000"}', "no file 'other'. Its files, newest first: 'long.txt' (att_1)."),
        ('{"attachment": "long.txt", "offset": 30000}', "has 30,000 characters; there is nothing at 30,000"),
        ('{"attachment": "long.txt", "offset": -1}', "offset"),
        ('{"attachment": "long.txt", "offset": 99999999999999999999}', "offset"),
        ("{}", "attachment"),
        ('{"attachment": "photo"}', "is a picture"),
    ],
)
async def test_what_cannot_be_read_is_answered_with_a_sentence(arguments: str, words: str) -> None:
    with pytest.raises((ToolRetryError, ToolFailedError)) as refused:
        await ReadAttachment(Texts()).call(arguments, CONTEXT)
    assert words in str(refused.value)


class Desk:
    """Keeps what is written; full after the first file."""

    def __init__(self) -> None:
        self.written: list[tuple[str, bytes, str | None]] = []

    async def write(
        self, *, organization_id: int, message_id: int, name: str, content: bytes, media_type: str | None
    ) -> str:
        if self.written:
            raise InvalidError("file", "There are enough files.", code="too_many")
        self.written.append((name, content, media_type))
        return name


async def test_a_file_is_written_and_a_refusal_is_told_to_the_model() -> None:
    desk = Desk()
    tool = WriteFile(desk)
    done = await tool.call('{"name": "a.csv", "content": "a,b\\u0000", "media_type": "text/csv"}', CONTEXT)
    assert done.text == "The file 'a.csv' with 3 bytes will come back with your reply."
    assert desk.written == [("a.csv", b"a,b", "text/csv")]
    with pytest.raises(ToolFailedError, match="enough files"):
        await tool.call('{"name": "b.csv", "content": "x"}', CONTEXT)


@pytest.mark.parametrize(
    "arguments",
    [
        '{"name": " ", "content": "x"}',
        '{"name": "%s", "content": "x"}' % ("n" * 256),
        '{"name": "a.txt", "content": " "}',
        '{"name": "a.txt"}',
        '{"name": "a.txt", "content": "x", "media_type": "application/x-msdownload"}',
        '{"name": "a.txt", "content": "x", "media_type": "text/html\\r\\nX: y"}',
    ],
)
async def test_a_file_that_cannot_be_written_is_to_be_mended(arguments: str) -> None:
    desk = Desk()
    with pytest.raises(ToolRetryError):
        await WriteFile(desk).call(arguments, CONTEXT)
    assert desk.written == []


async def test_the_model_without_a_key_searches_for_the_question_and_not_for_the_file() -> None:
    message = with_files(UserMessage(text="What is the price?"), TalkFiles(attachments=(NOTE,)), ONLY_TEXT)
    search = ToolSpec(name="search_documents", description="", parameters={})
    request = ModelRequest(instructions="", messages=(message,), tools=(search,), max_output_tokens=100)
    called = [delta async for delta in Extractive().stream(request) if isinstance(delta, ToolCall)]
    assert "Hello" not in called[0].arguments
    assert "price" in called[0].arguments
