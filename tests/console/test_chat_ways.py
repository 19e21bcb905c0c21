"""Chat, where things come together: other messages during an answer, input methods, pasted files, refusals, long turns."""

from playwright.async_api import Page, Route, expect

from tests.console.browser import IN_BROWSER, Console, Tab
from tests.console.scripted import ModelThread
from tests.console.test_chat import PIXEL, begun, box, turn, will
from tests.console.test_chat_lasting import AT, long_talk
from tests.fakes.scripted_model import Call, CallsTools, Says, Stalls
from tests.patience import PROCESS_PATIENCE

pytestmark = IN_BROWSER
LOOKS = CallsTools(
    (Call(tool="search_documents", arguments='{"query": "lamp"}', call_id="look"),), delay=PROCESS_PATIENCE
)


async def say(page: Page, text: str, *, overlap: str = "") -> None:
    """Send a message; `overlap` is what becomes of it while another is being answered."""
    await box(page).fill(text)
    if overlap:
        await page.get_by_label("While it answers:").select_option(overlap)
    await box(page).press("Enter")


async def test_a_message_is_heard_by_the_answer_under_way(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    await tab.open(begun(console))
    will(console_model, LOOKS, Says("Both were heard."))
    await say(page, "First")
    await expect(turn(page, 1).locator(".waiting")).to_contain_text("Thinking")
    await say(page, "And this", overlap="steer")
    await expect(turn(page, 2)).to_contain_text("And this")

    console_model.release()

    await expect(turn(page, 1).locator(".answer")).to_contain_text("Both were heard.")
    await expect(page.locator(".turn")).to_have_count(2)
    await page.reload()
    await expect(turn(page, 1).locator(".bubble-text")).to_have_text(["First", "And this"])
    await expect(turn(page, 1)).to_contain_text("Heard while the answer was written.")


async def test_messages_that_wait_are_answered_together(tab: Tab, console: Console, console_model: ModelThread) -> None:
    page = tab.page
    await tab.open(begun(console))
    will(console_model, Stalls("One."), Says("Two and three."))
    await say(page, "One")
    await expect(turn(page, 1)).to_contain_text("One.")
    await say(page, "Two")
    await expect(turn(page, 2)).to_contain_text("Two")
    await say(page, "Three", overlap="merge")
    await expect(page.get_by_text("Three", exact=True)).to_be_visible()

    console_model.release()

    await expect(turn(page, 2).locator(".answer")).to_contain_text("Two and three.")
    await expect(turn(page, 2).locator(".bubble-text")).to_have_text(["Two", "Three"])
    await expect(turn(page, 2)).to_contain_text("Answered together with the message before it.")
    await expect(page.locator(".turn")).to_have_count(3)


async def test_enter_that_ends_a_composition_does_not_send(tab: Tab, console: Console) -> None:
    page = tab.page
    await tab.open(begun(console))
    await box(page).focus()
    await tab.as_browser("Input.imeSetComposition", text="にほん", selectionStart=3, selectionEnd=3)
    await expect(box(page)).to_have_value("にほん")
    # As browsers tell it: keys during a composition, and Safari's Enter that ended one.
    for of in ("isComposing: true", "keyCode: 229"):
        await box(page).evaluate(
            "(area) => area.dispatchEvent(new KeyboardEvent('keydown',"
            f" {{key: 'Enter', bubbles: true, cancelable: true, {of}}}))"
        )
    await tab.as_browser("Input.insertText", text="say 日本")
    await expect(page.locator(".turn")).to_have_count(1)

    await page.keyboard.press("Enter")

    await expect(turn(page, 1).locator(".answer")).to_contain_text("日本")
    await expect(page.locator(".turn")).to_have_count(2)


async def test_pasted_pictures_and_files_are_attached_and_what_is_too_large_is_not_sent(
    tab: Tab, console: Console
) -> None:
    page = tab.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/v1/files") else None)
    await tab.open(begun(console))
    await page.get_by_role("button", name="Attach files").hover()
    assert "25 MB each" in (await page.get_by_role("button", name="Attach files").get_attribute("title") or "")
    await box(page).evaluate(
        """(area, picture) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(picture)], "image.png", {type: "image/png"}));
          data.items.add(new File(["Notes."], "notes.txt", {type: "text/plain"}));
          data.items.add(new File([new Uint8Array(26_000_000)], "large.txt", {type: "text/plain"}));
          area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        list(PIXEL),
    )
    tray = page.get_by_role("list", name="Files to be sent")
    await expect(tray.get_by_role("listitem")).to_have_count(3)
    await expect(tray.locator(".failed")).to_contain_text("It has 26 MB; a file may have 25 MB.")
    await expect(tray.locator("progress")).to_have_count(0)
    assert len(sent) == 2

    await page.get_by_role("button", name="Take out large.txt").click()
    await say(page, "say Seen")
    await expect(turn(page, 1).locator(".answer")).to_contain_text("Seen")
    await expect(turn(page, 1).get_by_role("img", name="image.png")).to_be_visible()
    await expect(turn(page, 1).get_by_role("link", name="notes.txt")).to_be_visible()
    # Text alone is pasted as text.
    await box(page).evaluate(
        """(area) => {
          const data = new DataTransfer();
          data.setData("text/plain", "words");
          const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
          area.dataset.left = String(area.dispatchEvent(event));
        }"""
    )
    await expect(box(page)).to_have_attribute("data-left", "true")


async def test_who_reads_further_up_is_not_moved_and_can_jump_to_the_newest(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    made = console.ask("POST", "/conversations/import", long_talk(20))
    await tab.open(f"/chat/{made.json()['id']}")
    await expect(page.get_by_text("Answer 19")).to_be_in_viewport()
    talk = page.get_by_role("region", name="The conversation")
    will(console_model, Stalls("A beginning"))
    await say(page, "Speak")
    await expect(page.get_by_text("A beginning")).to_be_in_viewport()
    await talk.press("Home")
    await expect(page.get_by_text("Question 0", exact=True)).to_be_in_viewport()

    console_model.release()

    await expect(page.locator(".turn").last.locator(".turn-tools").last).to_be_attached()
    await expect(page.get_by_text("Question 0", exact=True)).to_be_in_viewport()
    await tab.check_accessible()
    await page.get_by_role("button", name="Jump to newest").click()
    await expect(page.get_by_text("A beginning")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Jump to newest")).to_be_hidden()


async def test_a_message_that_is_refused_for_now_is_sent_again_by_itself(tab: Tab, console: Console) -> None:
    tab.expected.append("503")
    page = tab.page
    await tab.open(begun(console))
    keys: list[str] = []

    async def refuse(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return await route.continue_()
        problem = {"status": 503, "code": "unavailable", "detail": "Not now.", "retry_after": 1}
        return await route.fulfill(status=503, json=problem, content_type="application/problem+json")

    await page.route("**/messages", refuse)
    await say(page, "say Patience")

    await expect(turn(page, 1).locator(".answer")).to_contain_text("Patience")
    assert (len(keys), len(set(keys))) == (2, 1)
    await expect(page.get_by_role("alert").filter(has_text="Not sent yet")).to_have_count(0)


def verbose_talk(pieces: int) -> dict[str, object]:
    """A conversation of one message, for which a tool was called after so many pieces of text."""
    talk = long_talk(1)
    said: list[tuple[str, dict[str, object]]] = [("turn.started", {"attempt": 1, "resumes_at": 1})]
    piece: dict[str, object] = {"text": "word ", "model_call": 1}
    said += [("text", piece)] * pieces
    said.append(("tool.called", {"call_id": "last", "tool": "look_up", "input": '{"what": "lamp"}'}))
    returned = {"call_id": "last", "tool": "look_up", "outcome": "completed", "output": "It blinks."}
    said.append(("tool.returned", dict(returned)))
    events = talk["events"]
    assert isinstance(events, list)
    events[1:1] = [{"message": 1, "at": AT, "kind": kind, "body": body} for kind, body in said]
    return talk


async def test_a_turn_of_thousands_of_events_is_shown_whole_and_one_that_is_cut_says_so(
    tab: Tab, console: Console
) -> None:
    made = console.ask("POST", "/conversations/import", verbose_talk(2_100))
    assert made.ok, made.text
    page = tab.page
    await tab.open(f"/chat/{made.json()['id']}")

    await expect(turn(page, 0).locator(".step-name")).to_have_text("look_up")
    await expect(turn(page, 0)).not_to_contain_text("more than is shown")
    message = await turn(page, 0).get_attribute("data-message")
    cut = await page.evaluate(
        "async (message) => { const app = document.querySelector('script[type=module]').src;"
        " const { courseOf } = await import(new URL('./pages/chat/course.js', app).href);"
        " const found = await courseOf(message, Infinity, new AbortController().signal, 2);"
        " return [found.isCut, found.course.parts.length]; }",
        message,
    )
    assert cut == [True, 1]


async def test_the_address_names_the_agent_and_a_wrong_one_is_told(tab: Tab, console: Console) -> None:
    made = console.ask("POST", "/agents", {"name": "Named by its address"}).json()
    page = tab.page
    for name in (made["id"], made["slug"]):
        await tab.open(f"/chat?agent={name}")
        await expect(page.get_by_role("radio", name="Named by its address")).to_be_checked()
    await tab.open("/chat?agent=nobody")
    await expect(page.get_by_role("alert").filter(has_text="The agent of this address is not there")).to_be_visible()
    await tab.check_accessible()
    await page.locator(".agent", has_text="FiberUP").click()
    assert page.url == f"{tab.address}/chat"
