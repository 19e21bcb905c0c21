"""Chat when it lasts: a server that dies in mid-answer, a conversation of a thousand messages."""

import re

import pytest
from playwright.async_api import Browser, expect

from bench.ports import free_port
from tests.console.browser import IN_BROWSER, Console, Tab, closed_tab, copied_console, model_flags
from tests.console.scripted import ModelThread
from tests.fakes.demo import made_demo
from tests.fakes.postgres import TestPostgres
from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PROCESS_PATIENCE
from tests.server_process import started_server

pytestmark = IN_BROWSER

AT = "2026-04-12T18:45:12.120Z"


async def test_a_server_that_dies_in_mid_answer_loses_and_repeats_nothing(
    browser: "Browser", test_postgres: TestPostgres
) -> None:
    demo, port = made_demo(test_postgres), str(free_port())
    url = test_postgres.make_database(demo.database_url)
    with ModelThread() as model:
        with copied_console(demo, url, "--port", port, model_address=model.base_url) as console:
            tab = await console.open_tab(browser)
            tab.expected += ["ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "50[0-9]"]
            page = tab.page
            await tab.open("/chat")
            model.does(lambda scripted: scripted.will(Stalls("The first words"), Says("The first words and the last.")))
            await page.get_by_role("textbox", name="Your message").fill("Speak")
            await page.keyboard.press("Enter")
            await expect(page.locator(".turn")).to_contain_text("The first words")
            console.server.process.kill()
            await expect(page.locator(".banner")).to_be_visible()
            await page.get_by_role("textbox", name="Your message").fill("say Meanwhile")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("alert").filter(has_text="Not sent yet")).to_be_visible()
        with started_server("--database-url", url, *model_flags(model.base_url), "--port", port):
            await expect(page.locator(".turn").nth(1).locator(".answer")).to_contain_text(
                "Meanwhile", timeout=1_000 * PROCESS_PATIENCE
            )
            await expect(page.locator(".turn").nth(0).locator(".answer")).to_contain_text(
                "The first words and the last."
            )
            await expect(page.get_by_text("The first words")).to_have_count(1)
            await expect(page.locator(".turn")).to_have_count(2)
            await expect(page.locator(".banner")).to_be_hidden()
        await closed_tab(tab)
        tab.check()
    test_postgres.drop(url)


def long_talk(count: int) -> dict[str, object]:
    """A transcript of so many messages and as many replies."""
    nothing: list[object] = []
    common: dict[str, object] = {
        "status": "completed",
        "usage": None,
        "model": None,
        "citations": nothing,
        "rounds": nothing,
        "overlap": None,
        "answered_with": None,
        "joined_call": None,
        "left_out": None,
        "feedback": nothing,
        "created_at": AT,
        "updated_at": AT,
        "files": nothing,
        "answers": None,
    }
    tokens = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "unpriced_calls")
    usage: dict[str, object] = {**dict.fromkeys(tokens, 0), "cost_usd": None}
    messages: list[object] = []
    events: list[object] = []
    for number in range(count):
        messages.append({**common, "role": "user", "text": f"Question {number}"})
        messages.append({**common, "role": "assistant", "text": f"Answer {number}", "answers": 2 * number + 1})
        about_it = {"message": 2 * number + 1, "at": AT}
        events.append({**about_it, "kind": "message.queued", "body": {}})
        events.append({**about_it, "kind": "message.completed", "body": {"model": "extractive", "usage": usage}})
    about: dict[str, object] = {
        "agent": "fiberup-support",
        "data_set": None,
        "mode": "execute",
        "origin": "api",
        "status": "active",
        "title": "A long one",
        "tags": nothing,
        "metadata": {},
        "usage": None,
        "memory": None,
        "created_at": AT,
        "updated_at": AT,
        "archived_at": None,
    }
    return {
        "format": "turnkeeper.conversation",
        "version": 1,
        "conversation": about,
        "messages": messages,
        "events": events,
    }


async def test_a_thousand_messages_come_as_far_back_as_they_are_asked_for(tab: Tab, console: Console) -> None:
    made = console.ask("POST", "/conversations/import", long_talk(500))
    assert made.ok, made.text
    page = tab.page
    await tab.open(f"/chat/{made.json()['id']}")
    await expect(page.get_by_text("Answer 499")).to_be_in_viewport()
    assert await page.locator(".turn").count() == 30

    for count in (50, 100, 150):
        await page.get_by_role("button", name="Show earlier messages").click()
        await expect(page.locator(".turn")).to_have_count(count)
    await expect(page.get_by_text("Question 350", exact=True)).to_have_count(1)
    await expect(page.get_by_text("Question 499", exact=True)).to_have_count(1)
    texts = await page.locator(".bubble-text").all_text_contents()
    assert [int(re.findall(r"\d+", text)[0]) for text in texts] == list(range(350, 500))
    await page.get_by_role("region", name="The conversation").press("End")
    await expect(page.get_by_text("Answer 499")).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/chat/conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A"])
async def test_a_conversation_that_is_not_there_is_told(tab: Tab, path: str) -> None:
    tab.expected.append("404")
    await tab.page.goto(tab.address + path)

    await expect(tab.page.get_by_role("alert")).to_contain_text("conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A")
    await tab.check_accessible()
