"""Chat: a talk from its first word on, over reloads, second tabs and lost answers."""

import base64
import re

from playwright.async_api import Locator, Page, Route, expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.scripted import ModelThread
from tests.fakes.scripted_model import Call, CallsTools, Reply, Says, Stalls

pytestmark = IN_BROWSER

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC"
)
HOSTILE = (
    'Look <img src=x onerror="alert(1)"> <script>alert(2)</script> [run](javascript:alert(3)) '
    "![pixel](https://tracker.example/p.png)\n\n```html\n<script>alert(4)</script>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
)


def box(page: "Page") -> "Locator":
    """Where one writes."""
    return page.get_by_role("textbox", name="Your message", exact=True)


def turn(page: "Page", number: int) -> "Locator":
    """One turn of the talk, from 0."""
    return page.locator(".turn").nth(number)


def will(model: ModelThread, *replies: Reply) -> None:
    """What the model says next."""
    model.does(lambda scripted: scripted.will(*replies))


def begun(console: Console, text: str = "say Hello", agent: str = "fiberup-support") -> str:
    """The path of a conversation in which one message was answered."""
    made = console.ask("POST", "/conversations", {"agent": agent, "message": {"text": text}}).json()
    message = made["message"]["id"]
    console.ask("GET", f"/messages/{message}", wait=30)
    return f"/chat/{made['conversation']['id']}"


async def test_a_whole_talk_by_keyboard_alone(tab: Tab, console_model: ModelThread) -> None:
    page = tab.page
    await tab.open("/agents")
    await page.keyboard.press("n")
    await expect(box(page)).to_be_focused()
    await tab.check_accessible()

    will(console_model, Says("**Bold** answer", thinking="Let me think."), Says("Second answer"))
    await page.keyboard.type("First line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second line")
    await page.keyboard.press("Enter")
    await expect(turn(page, 0).locator("strong")).to_have_text("Bold")
    await expect(page).to_have_title(re.compile("^First line second line"))
    await expect(page.get_by_role("navigation", name="Your conversations")).to_contain_text("First line second line")
    await expect(turn(page, 0).locator(".bubble-text")).to_have_text("First line\nsecond line")
    await expect(box(page)).to_be_focused()
    await page.keyboard.type("More")
    await page.keyboard.press("Enter")
    await expect(turn(page, 1).locator(".answer")).to_contain_text("Second answer")
    await expect(page.locator("#said")).to_have_text("The answer is there.")

    await turn(page, 0).locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(turn(page, 0).locator(".thought")).to_have_text("Let me think.")
    await turn(page, 1).get_by_role("button", name="Good answer").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("A note").focus()
    await page.keyboard.type("Just so.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(turn(page, 1).get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    await turn(page, 1).get_by_role("button", name="Edit and ask anew").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("say Otherwise")
    await page.keyboard.press("Enter")
    await expect(turn(page, 1).locator(".answer")).to_contain_text("Otherwise")
    await expect(page.locator(".turn")).to_have_count(2)
    await tab.check_accessible()
    await page.reload()
    await expect(turn(page, 0).locator(".step")).to_have_count(1)
    await expect(page.locator(".turn")).to_have_count(2)
    await expect(turn(page, 1).locator(".answer")).to_contain_text("Otherwise")


async def test_an_answer_goes_on_in_two_tabs_and_over_a_reload(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    await tab.open(begun(console))
    will(console_model, Stalls("Counting one two three"))
    await box(page).fill("Count")
    await page.keyboard.press("Enter")
    await expect(turn(page, 1)).to_contain_text("Counting one two three")
    second = await tab.context.new_page()
    await second.goto(page.url)
    await expect(turn(second, 1)).to_contain_text("Counting one two three")
    await page.reload()
    await expect(turn(page, 1)).to_contain_text("Counting one two three")
    await expect(turn(page, 1).locator(".waiting")).to_be_visible()

    await box(page).fill("say Next")
    await page.keyboard.press("Enter")
    await expect(turn(second, 2).locator(".waiting")).to_contain_text("one message of this conversation before it")
    await page.get_by_role("button", name="Stop", exact=True).click()

    for each in (page, second):
        await expect(turn(each, 1)).to_contain_text("Stopped here.")
        await expect(turn(each, 2).locator(".answer")).to_contain_text("Next")
        await expect(each.get_by_text("Counting one two three")).to_have_count(1)
        await expect(each.locator(".turn")).to_have_count(3)


async def test_a_message_whose_answer_was_lost_is_sent_again_and_counted_once(tab: Tab, console: Console) -> None:
    tab.expected += ["ERR_FAILED", "ERR_CONNECTION"]
    page = tab.page
    await tab.open(begun(console))
    keys: list[str] = []

    async def lose(route: "Route") -> None:
        keys.append(route.request.headers["idempotency-key"])
        await route.fetch()
        await route.abort()

    await page.route("**/messages", lose)
    await box(page).fill("say Only once")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Not sent yet")).to_be_visible()
    await page.unroute("**/messages")
    await page.reload()

    await expect(turn(page, 1).locator(".answer")).to_contain_text("Only once")
    await expect(box(page)).to_have_value("")
    await expect(page.locator(".turn")).to_have_count(2)
    assert len(set(keys)) == 1


async def test_a_draft_is_kept_for_each_conversation(tab: Tab, console: Console) -> None:
    page = tab.page
    first, second = begun(console, "say One"), begun(console, "say Two")
    await tab.open(first)
    await box(page).fill("Not finished")
    await page.goto(tab.address + second)
    await expect(box(page)).to_have_value("")
    await page.goto(tab.address + first)

    await expect(box(page)).to_have_value("Not finished")


async def test_what_a_model_says_is_shown_and_does_nothing(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    page.on("dialog", lambda _: tab.complaints.append("a dialog of the page"))
    await tab.open("/chat")
    will(console_model, Says(HOSTILE))
    await box(page).fill("<img src=x onerror=alert(5)>")
    await page.keyboard.press("Enter")

    answer = turn(page, 0).locator(".answer .prose")
    await expect(answer.locator("table")).to_be_visible()
    bad = "script, img, iframe, [onerror], a[href^='javascript']"
    await expect(page.locator(".turns").locator(bad)).to_have_count(0)
    await expect(turn(page, 0).locator(".bubble-text")).to_have_text("<img src=x onerror=alert(5)>")
    await expect(answer.get_by_role("button", name="Copy the code")).to_be_visible()


async def test_marks_open_the_passage_in_its_document(tab: Tab, console_model: ModelThread) -> None:
    page = tab.page
    await tab.open("/chat")
    await page.locator(".agent", has_text="FiberUP").click()
    search = CallsTools((Call(tool="search_documents", arguments='{"query": "router reset"}', call_id="search"),))
    will(console_model, search, Says('Hold the reset button [1]. It says "nowhere to be found" [2].'))
    await box(page).fill("How do I reset it?")
    await page.keyboard.press("Enter")

    mark = turn(page, 0).locator(".prose").get_by_role("button", name=re.compile("^Source 1"))
    await mark.click()
    panel = page.get_by_role("complementary", name="Source")
    await expect(panel.locator("mark")).to_contain_text(re.compile("reset", re.IGNORECASE))
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await expect(mark).to_be_focused()
    await turn(page, 0).get_by_role("button", name="quote not found").first.click()
    await expect(panel).to_contain_text("Unverified")
    await expect(panel.locator("blockquote")).to_have_text("nowhere to be found")
    await page.keyboard.press("Escape")
    await turn(page, 0).locator("summary").click()
    await expect(turn(page, 0).get_by_role("region", name="Input")).to_contain_text('"query": "router reset"')
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()
    await page.get_by_role("button", name="Your conversations").click()
    await expect(page.get_by_label("Search your conversations")).to_be_visible()
    await tab.check_accessible()


async def test_files_go_up_and_come_back(tab: Tab, console: Console, console_model: ModelThread, clerk: str) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open(begun(console, agent=clerk))
    name = "<img src=x onerror=alert(1)>.png"
    await page.locator("input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "image/png", "buffer": PIXEL},
            {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Notes."},
            {"name": "program.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00" + bytes(200)},
        ]
    )
    tray = page.get_by_role("list", name="Files to be sent")
    await expect(tray.locator(".failed")).to_contain_text("program.exe")
    await expect(tray.locator("progress")).to_have_count(0)
    await tab.check_accessible()
    await page.get_by_role("button", name="Take out program.exe").click()
    await page.reload()
    await expect(tray.get_by_role("listitem")).to_have_count(2)
    await page.get_by_role("button", name="Take out notes.txt").click()
    await page.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['Pasted.'], 'pasted.txt', {type: 'text/plain'}));"
        " const stage = document.querySelector('.chat-stage');"
        " stage.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); }"
    )
    await expect(tray).to_contain_text("pasted.txt")
    await expect(tray.locator("progress")).to_have_count(0)

    wish = '{"name": "report.md", "content": "# Report"}'
    will(console_model, CallsTools((Call(tool="write_file", arguments=wish, call_id="write"),)), Says("It is written."))
    await box(page).fill("Write a report")
    await page.keyboard.press("Enter")

    question = turn(page, 1).get_by_role("region", name="A question to you")
    await expect(question).to_contain_text("report.md")
    await expect(question.get_by_role("timer")).to_contain_text("Expires in 59 min")
    await tab.check_accessible()
    await expect(turn(page, 1).get_by_role("img", name=name)).to_be_visible()
    await page.reload()
    await question.get_by_role("button", name="Approve").click()
    await expect(turn(page, 1).locator(".answer")).to_contain_text("It is written.")
    await expect(question).to_contain_text("By you")
    async with page.expect_download() as download:
        await turn(page, 1).get_by_role("link", name=re.compile("report.md")).click()
    assert (await download.value).suggested_filename == "report.md"


async def test_a_call_is_denied_with_a_reason(
    tab: Tab, console: Console, console_model: ModelThread, clerk: str
) -> None:
    page = tab.page
    await tab.open(begun(console, agent=clerk))
    wish = '{"name": "x.md", "content": "x"}'
    will(console_model, CallsTools((Call(tool="write_file", arguments=wish, call_id="write"),)), Says("So I did not."))
    await box(page).fill("Write")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Deny …").click()
    await page.get_by_label("Why").fill("Not today.")
    await page.get_by_role("dialog").get_by_role("button", name="Deny").click()

    await expect(turn(page, 1).locator(".answer")).to_contain_text("So I did not.")
    await expect(turn(page, 1).locator("blockquote")).to_have_text("Not today.")


async def test_a_message_interrupts_as_its_agent_is_set(
    tab: Tab, console: Console, console_model: ModelThread, clerk: str
) -> None:
    page = tab.page
    await tab.open(begun(console, agent=clerk))
    will(console_model, Stalls("Slowly now"), Says("Quickly."))
    await box(page).fill("Slowly")
    await page.keyboard.press("Enter")
    await expect(turn(page, 1)).to_contain_text("Slowly now")
    choice = page.get_by_label("While it answers:")
    await expect(choice.locator("option").first).to_have_text(
        "Stop the answer, keep what was said (as the agent is set)"
    )
    await box(page).fill("Quickly")
    await page.keyboard.press("Enter")

    await expect(turn(page, 2).locator(".answer")).to_contain_text("Quickly.")
    await expect(turn(page, 1)).to_contain_text("Stopped here.")


async def test_an_answer_is_made_once_more_and_the_talk_forked(tab: Tab, console: Console) -> None:
    page = tab.page
    path = begun(console, "say Once")
    await tab.open(path)
    old = await turn(page, 0).get_attribute("data-message")
    await turn(page, 0).get_by_role("button", name="Answer once more").click()
    await expect(page.locator(f'[data-message="{old}"]')).to_have_count(0)
    await expect(turn(page, 0).locator(".answer")).to_contain_text("Once")

    await turn(page, 0).get_by_role("button", name="Fork the conversation from here").click()

    await expect(page).not_to_have_url(tab.address + path)
    await expect(turn(page, 0).locator(".answer")).to_contain_text("Once")


async def test_talks_are_found_renamed_archived_and_deleted(tab: Tab, console: Console) -> None:
    page = tab.page
    await tab.open(begun(console, "say Zanzibar"))
    talks = page.get_by_role("navigation", name="Your conversations")
    await page.get_by_label("Search your conversations").fill("Zanzibar")
    await expect(talks.get_by_role("listitem")).to_have_count(1)
    await expect(talks.locator("mark").first).to_have_text("Zanzibar")

    await talks.get_by_role("button", name="What to do with").click()
    await page.get_by_role("menuitem", name="Rename").click()
    await page.get_by_label("Title").fill("An <b>island</b>")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("An <b>island</b>")
    await talks.get_by_role("button", name="What to do with").click()
    await page.get_by_role("menuitem", name="Archive").click()
    await expect(talks.get_by_text("Nothing was found.")).to_be_visible()
    await talks.get_by_role("button", name="Archived").click()
    await talks.get_by_role("button", name="What to do with").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await page.wait_for_url("**/chat")
