"""Settings: keys from their making to their end, and one's own account."""

import re

import requests
from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, Tab
from tests.patience import PATIENCE

pytestmark = IN_BROWSER


async def test_a_key_is_made_used_rotated_and_revoked(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/keys")

    await page.get_by_role("button", name="New key").click()
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.locator('[data-field="name"] .fault')).not_to_be_empty()
    await tab.check_accessible()
    await page.get_by_label("Name", exact=True).fill("<b>dash</b>board")
    await page.get_by_role("button", name="Make the key").click()
    secret = await page.get_by_label("The secret of").input_value()
    await tab.check_accessible()
    await page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="<b>dash</b>board")
    await expect(row).to_be_visible()
    assert status(tab, secret) == 200

    await row.get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Rotate").click()
    await page.get_by_label("When the old secret ends").select_option("0")
    await page.get_by_role("button", name="Rotate").click()
    rotated = await page.get_by_label("The secret of").input_value()
    await page.get_by_role("button", name="I have it").click()
    assert (status(tab, secret), status(tab, rotated)) == (401, 200)

    await row.get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)
    await expect(page.get_by_role("status").filter(has_text="is revoked")).to_be_visible()
    assert status(tab, rotated) == 401
    tab.expected.append("400")


async def test_an_account_shows_where_one_is_signed_in(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/account")

    await expect(page.get_by_text("this one")).to_be_visible()
    await expect(page.get_by_text(re.compile("Chrome on Linux|A browser")).first).to_be_visible()
    await tab.check_accessible()


async def test_a_wrong_current_password_is_told_beside_its_field(tab: Tab) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/settings/account")
    if await page.get_by_label("Current password").count():
        await page.get_by_label("Current password").fill("wrong horse")
    await page.get_by_label("New password").fill("short")

    await page.get_by_role("button", name=re.compile("(Set|Change) the password")).click()

    await expect(page.locator('[data-field="new_password"] .fault')).to_contain_text("8 characters")


def status(tab: Tab, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{tab.address}/v1/agents", headers=headers, timeout=PATIENCE).status_code
