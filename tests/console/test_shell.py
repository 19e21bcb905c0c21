"""The frame of the console: signing in and out, the way around, themes, keys of the keyboard, narrow windows."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.painted import PAINTED
from tests.fakes.demo import EMAIL, PASSWORD

pytestmark = IN_BROWSER
PLACES = ("/chat", "/conversations", "/agents", "/data-sets", "/overview", "/settings/account", "/settings/keys")
BLOCKING = """
performance.getEntriesByType("resource").filter((each) => each.renderBlockingStatus === "blocking")
  .map((each) => [each.initiatorType, new URL(each.name).pathname.split("/").at(-1)])
"""
"""What the browser had to have before it painted anything."""
LATE = """
performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
  .filter((path) => path.endsWith(".js") && !document.querySelector(`[href="${path}"], [src="${path}"]`))
"""
"""Modules that the page did not name, so that the browser learned of them from others."""


async def test_who_is_not_signed_in_signs_in_and_comes_back(stranger: Tab) -> None:
    page = stranger.page
    await page.goto(f"{stranger.address}/settings/keys")
    await expect(page).to_have_title("Sign in · Turnkeeper")
    await stranger.check_accessible()

    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    assert page.url == f"{stranger.address}/settings/keys"


async def test_a_wrong_password_is_told_beside_the_form(stranger: Tab) -> None:
    stranger.expected.append("401")
    page = stranger.page
    await page.goto(f"{stranger.address}/sign-in")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill("wrong horse")

    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert").filter(has_text="no such name")).to_be_visible()


async def test_the_way_back_after_signing_in_never_leads_away(stranger: Tab) -> None:
    page = stranger.page
    await page.goto(f"{stranger.address}/sign-in?next=//evil.example/")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)

    await page.get_by_role("button", name="Sign in").click()

    await page.wait_for_url(f"{stranger.address}/chat")


@pytest.mark.parametrize("path", PLACES)
async def test_every_place_is_reached_by_its_address_and_accessible(tab: Tab, path: str) -> None:
    await tab.open(path)

    assert await tab.page.evaluate(LATE) == []
    await tab.check_accessible()
    await tab.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()


async def test_the_navigation_moves_name_focus_and_address(tab: Tab) -> None:
    page = tab.page
    await tab.open("/chat")

    await page.get_by_role("link", name="Agents").click()

    await expect(page).to_have_title("Agents · Turnkeeper")
    await expect(page.locator("main")).to_be_focused()
    await expect(page.locator("#said")).to_have_text("Agents")
    assert page.url.endswith("/agents")
    await page.go_back()
    await expect(page).to_have_title("Chat · Turnkeeper")


async def test_keys_of_the_keyboard_lead_around(tab: Tab) -> None:
    page = tab.page
    await tab.open("/agents")

    await page.keyboard.press("g")
    await page.keyboard.press("d")
    await expect(page).to_have_title("Data sets · Turnkeeper")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.reload()
    await page.locator("main h1").first.wait_for()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="To the content")).to_be_focused()


async def test_the_theme_is_chosen_and_kept(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/keys")

    await page.get_by_role("button", name="Account:").click()
    await page.get_by_role("menuitem", name="Dark").click()
    await page.reload()
    await expect(page.get_by_role("heading", name="Keys")).to_be_visible()

    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    await tab.check_accessible()


async def test_signing_out_shows_the_front_page_and_nothing_else(stranger: Tab) -> None:
    page = stranger.page
    await page.goto(f"{stranger.address}/sign-in?next=/settings/account")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")

    await page.get_by_role("button", name="Sign out").first.click()

    await expect(page.get_by_role("link", name="Sign in to the console")).to_be_visible()
    await page.goto(f"{stranger.address}/chat")
    assert "/sign-in?next=%2Fchat" in page.url


async def test_a_session_that_ends_leads_to_signing_in(tab: Tab, console: Console) -> None:
    tab.expected.append("401")
    page = tab.page
    await tab.open("/settings/account")
    await tab.context.clear_cookies()

    await page.get_by_role("link", name="Keys").click()

    await page.wait_for_url(re.compile(r"/sign-in\?next=%2Fsettings%2Fkeys"))


async def test_a_link_with_a_code_signs_in_once_and_leaves_no_code_behind(
    stranger: Tab, browser: "Browser", console: Console
) -> None:
    stranger.expected.append("401")
    page = stranger.page
    await page.goto(f"{stranger.address}/sign-in?next=/agents#code=tkc_wrong")

    await expect(page.get_by_role("alert").filter(has_text="used before")).to_be_visible()
    assert "code" not in page.url


async def test_the_first_paint_waits_for_one_stylesheet_and_the_script_that_sets_the_theme(tab: Tab) -> None:
    await tab.open("/chat")

    # How long it takes is measured by `python -m tests.console.painted`: that is a matter of the machine, too.
    assert await tab.page.evaluate(PAINTED) > 0
    assert sorted(await tab.page.evaluate(BLOCKING)) == [["link", "console.css"], ["script", "early.js"]]
