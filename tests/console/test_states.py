"""What pages look like when something is open, away or wrong: as accessible as when all is well, and the way on is there."""

import re

from playwright.async_api import Route, expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.scripted import ModelThread
from tests.console.test_chat import begun, box, turn, will
from tests.fakes.demo import EMAIL
from tests.fakes.forked_commands import ran
from tests.fakes.scripted_model import Fails

pytestmark = IN_BROWSER


async def test_open_menus_and_a_failed_answer_are_accessible_in_the_dark(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    await page.emulate_media(color_scheme="dark")
    await tab.open(begun(console))
    will(console_model, Fails(400, "No such thing."))
    await box(page).fill("Fail")
    await page.keyboard.press("Enter")
    await expect(turn(page, 1).locator(".notice.bad")).to_be_visible()

    await page.get_by_role("button", name="Account:").click()
    await expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Account:")).to_be_focused()
    await (
        page.get_by_role("navigation", name="Your conversations").get_by_role("button", name="What to do").first.click()
    )
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    await tab.check_accessible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await tab.check_accessible()


async def test_a_list_that_cannot_be_read_says_so_and_is_asked_for_again(tab: Tab, console: Console) -> None:
    tab.expected.append("500")
    console.ask("POST", "/conversations", {"agent": "fiberup-support"})
    page = tab.page
    problem = {"status": 500, "code": "internal", "detail": "Something went wrong on the server."}

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, json=problem, content_type="application/problem+json")

    await page.route("**/v1/conversations?*", fail)
    await tab.open("/conversations")
    alert = page.get_by_role("alert").filter(has_text="Something went wrong on the server.")
    await expect(alert).to_be_visible()
    await tab.check_accessible()
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await page.get_by_role("button", name="Filters").click()
    await expect(page.get_by_label("Order")).to_be_visible()
    await tab.check_accessible()
    await tab.check_fits()

    await page.unroute("**/v1/conversations?*")
    await alert.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("table", name="Conversations")).to_be_visible()


async def test_a_search_that_did_not_know_all_messages_says_so(tab: Tab) -> None:
    page = tab.page
    nothing: list[object] = []
    found = {"items": nothing, "has_more": False, "next_cursor": None, "has_all_words": False}
    await page.route("**/v1/conversations?*", lambda route: route.fulfill(json=found))

    await tab.open("/conversations?search=lamp")
    await expect(page.locator(".more")).to_contain_text("not all of them were searched")
    await tab.open("/chat")
    await page.get_by_label("Search your conversations").fill("lamp")
    await expect(page.locator(".talks-foot")).to_contain_text("not all of them were searched")


async def test_a_refusal_that_no_page_waits_for_is_told(tab: Tab) -> None:
    tab.expected.append("404")
    page = tab.page
    await tab.open("/settings/account")

    await page.evaluate(
        "async () => { const app = document.querySelector('script[type=module]').src;"
        " const { get } = await import(new URL('./api.js', app).href); void get('/nothing-here'); }"
    )

    await expect(page.get_by_role("alert").filter(has_text="There is nothing at this path")).to_be_visible()


async def test_a_server_that_is_away_is_told_until_it_is_back(tab: Tab) -> None:
    tab.expected.append("ERR_INTERNET_DISCONNECTED")
    page = tab.page
    await tab.open("/settings/keys")
    await tab.context.set_offline(True)
    await page.get_by_role("link", name="Members", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="The server does not answer; trying again")).to_be_visible()
    await tab.check_accessible()

    await tab.context.set_offline(False)

    await expect(page.locator(".banner")).to_be_hidden()
    await expect(page.locator("#said")).to_have_text("The server answers again.")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Members", exact=True)).to_be_visible()


async def test_where_there_is_no_page_it_is_said(tab: Tab) -> None:
    page = tab.page
    await tab.open("/agents/a/b/c")

    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await expect(page).to_have_title(re.compile("^Not found"))
    await tab.check_accessible()


async def test_a_link_of_the_command_line_signs_in_once(stranger: Tab, console: Console) -> None:
    stranger.expected.append("401")
    printed = ran("accounts", "link", EMAIL, "--database-url", console.database_url)
    code = re.search(r"/sign-in#code=\S+", printed.stdout)
    assert code is not None, printed.stdout + printed.stderr
    page = stranger.page

    await page.goto(stranger.address + code[0])

    await page.wait_for_url(re.compile("/(chat|welcome)$"))
    await expect(page.get_by_role("button", name="Account:")).to_contain_text(EMAIL)
    await stranger.context.clear_cookies()
    await page.goto(stranger.address + code[0])
    await expect(page.get_by_role("alert").filter(has_text="used before")).to_be_visible()
