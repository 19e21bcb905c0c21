"""Data sets: filled by files, browsed, searched with reasons; and an empty server's way to its first cited answer."""

import json
import re
import time
from pathlib import Path
from uuid import uuid4

import requests
from playwright.async_api import FilePayload, expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.scripted import EMBEDDING_MODEL, ModelThread
from tests.patience import PATIENCE

pytestmark = IN_BROWSER
HOSTILE = "<img src=x onerror=alert(1)>.md"


def made(console: Console, **members: object) -> str:
    """A data set with one document; its id."""
    body = {"name": f"Set {uuid4().hex[:8]}", **members}
    data_set = str(console.ask("POST", "/data-sets", body).json()["id"])
    text = "# Router R5\n\nThe lamp blinks red when the line is down.\n\n## Ports\n\nIt has four ports 🙂 and a slot."
    answer = requests.post(
        f"{console.address}/v1/data-sets/{data_set}/documents",
        json={"address": "r5.md", "markdown": text},
        headers={"Authorization": f"Bearer {console.server.key}", "Prefer": "wait=30"},
        timeout=2 * PATIENCE,
    )
    assert answer.json()["state"] == "completed", answer.text
    return data_set


def file(name: str, content: str) -> FilePayload:
    """A file to drop."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}


async def test_a_data_set_is_made_and_filled_and_each_file_says_what_became_of_it(tab: Tab, console: Console) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/data-sets")
    await page.get_by_role("button", name="New data set").first.click()
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator('[data-field="name"] .fault')).not_to_be_empty()
    await page.get_by_label("Name", exact=True).fill(f"Uploads {uuid4().hex[:8]}")
    await tab.check_accessible()
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("Drop files or folders here")).to_be_visible()

    await page.get_by_test_id("files").set_input_files(
        [file(HOSTILE, "# Lamp\n\nIt blinks red."), file("broken.pdf", "no PDF")]
    )

    files = page.get_by_role("list", name="Files").get_by_role("listitem")
    await expect(page.get_by_text("1 of 2 files were read.").first).to_be_visible()
    await expect(files.filter(has_text=HOSTILE)).to_contain_text("read")
    await expect(files.filter(has_text="broken.pdf")).to_contain_text("not one")
    await expect(page.get_by_role("link", name="Lamp")).to_be_visible()
    await expect(page.get_by_text("1 documents")).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("link", name="Runs").click()
    await page.get_by_role("button", name="1 unreadable").click()
    await expect(page.get_by_role("dialog").get_by_text("broken.pdf")).to_be_visible()
    await tab.check_accessible()


async def test_a_search_says_why_and_leads_to_the_passage_in_its_document(tab: Tab, console: Console) -> None:
    page = tab.page
    data_set = made(console)
    await tab.open(f"/data-sets/{data_set}?part=search")
    await page.get_by_label("Question or words").fill("blinking lamp")
    await page.get_by_role("button", name="Search").click()

    hit = page.locator(".hit").first
    await expect(hit.get_by_role("link", name="Router R5")).to_be_visible()
    await expect(hit.get_by_role("row", name=re.compile("Words"))).to_contain_text("lamp")
    await expect(hit.get_by_text("lamp", exact=True)).to_have_js_property("tagName", "MARK")
    await tab.check_accessible()
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()
    await hit.get_by_role("link", name="Router R5").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Router R5")
    await expect(page.locator("mark").first).to_be_visible()
    await tab.check_accessible()


async def test_a_cited_stretch_is_marked_by_characters_whatever_stands_before_it(tab: Tab, console: Console) -> None:
    data_set = made(console)
    page_of = console.ask("GET", f"/data-sets/{data_set}/documents").json()["items"]
    document = page_of[0]["id"]
    text = str(console.ask("GET", f"/data-sets/{data_set}/documents/{document}").json()["text"])
    start = text.index("and a slot")

    await tab.open(f"/data-sets/{data_set}/documents/{document}?start={start}&end={start + 10}")

    await expect(tab.page.locator("mark")).to_have_text("and a slot")


async def test_products_are_a_table_that_is_filtered(tab: Tab, console: Console) -> None:
    page = tab.page
    sets = console.ask("GET", "/data-sets").json()["items"]
    demo = next(each["id"] for each in sets if "demo" in each["name"])
    await tab.open(f"/data-sets/{demo}?part=products")
    await expect(page.get_by_role("table")).to_be_visible()
    await tab.check_accessible()

    await page.get_by_label("Words or SKU").fill("FU-DUPLEX-PRO")

    await expect(page.get_by_role("table").locator("tbody tr")).to_have_count(1)
    await expect(page.get_by_role("link", name="FiberUP Business Duplex Pro")).to_be_visible()
    assert "q=FU-DUPLEX-PRO" in page.url


async def test_a_data_set_is_renamed_opened_to_somebody_and_deleted(tab: Tab, console: Console) -> None:
    page = tab.page
    data_set, name = made(console), f"Renamed {uuid4().hex[:8]}"
    console.ask("POST", "/members", {"kind": "service", "name": f"Robot {name}"})
    await tab.open(f"/data-sets/{data_set}?part=members")
    await page.get_by_role("button", name="Open it to somebody").click()
    await page.get_by_label("Account", exact=True).fill(f"Robot {name}")
    await page.get_by_role("button", name="Open it", exact=True).click()
    await expect(page.get_by_role("row").filter(has_text=f"Robot {name}")).to_be_visible()
    await tab.check_accessible()

    await page.get_by_role("link", name="Settings").last.click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("button", name="Delete the data set").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    await page.wait_for_url(f"{tab.address}/data-sets")
    assert console.ask("GET", f"/data-sets/{data_set}").status_code == 404


async def test_a_folder_is_dropped_with_what_is_below_it(tab: Tab, console: Console, tmp_path: Path) -> None:
    page = tab.page
    below = tmp_path / "manuals" / "routers"
    below.mkdir(parents=True)
    (below / "r5.md").write_text("# Router R5\n\nThe lamp blinks.")
    (below.parent / "plans.md").write_text("# Plans\n\nThere are two.")
    (below.parent / ".hidden.md").write_text("# Hidden")
    with (below / "large.md").open("wb") as large:
        large.truncate(26_000_000)
    data_set = str(console.ask("POST", "/data-sets", {"name": f"Dropped {uuid4().hex[:8]}"}).json()["id"])
    await tab.open(f"/data-sets/{data_set}")
    zone = await page.locator(".drop").bounding_box()
    assert zone is not None

    for kind in ("dragEnter", "dragOver", "drop"):
        nothing: list[object] = []
        data: dict[str, object] = {"items": nothing, "files": [str(below.parent)], "dragOperationsMask": 1}
        at = {"x": zone["x"] + 20, "y": zone["y"] + 20}
        await tab.as_browser("Input.dispatchDragEvent", type=kind, data=data, **at)

    files = page.get_by_role("list", name="Files").get_by_role("listitem")
    await expect(page.get_by_text("2 of 3 files were read.").first).to_be_visible()
    await expect(files).to_have_count(3)
    for name, words in (
        ("plans.md", "read"),
        ("routers/r5.md", "read"),
        ("routers/large.md", "It has 26 MB; a file may"),
    ):
        await expect(files.filter(has_text=f"manuals/{name}")).to_contain_text(words)
    await expect(page.get_by_role("link", name="Router R5")).to_be_visible()


async def test_another_embedding_model_is_told_of_until_its_vectors_are_there(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    page = tab.page
    data_set = made(console)
    other = {"address": "r9.md", "markdown": "# Router R9\n\nIt has eight ports."}
    console.ask("POST", f"/data-sets/{data_set}/documents", other, wait=30)
    console_model.holds_vectors(now=True)
    await tab.open(f"/data-sets/{data_set}?part=settings")

    await page.get_by_label("Embedding model").select_option(f"ollama:{EMBEDDING_MODEL}")
    await page.get_by_role("button", name="Save").click()

    told = re.compile(f"0 of 2 passages have vectors of ollama:{EMBEDDING_MODEL}")
    await expect(page.get_by_text(told)).to_be_visible()
    bar = page.get_by_role("progressbar", name="Vectors of the new model")
    await expect(bar).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("link", name="Data sets").first.click()
    row = page.get_by_role("row").filter(has=page.locator(f'a[href$="{data_set}"]'))
    await expect(row.locator(".tag")).to_have_text("another model: 0 of 2")
    await row.get_by_role("link").click()
    await expect(bar).to_be_visible()
    console_model.holds_vectors(now=False)
    await expect(bar).to_have_count(0)
    await expect(page.locator(".set-facts")).to_contain_text(f"ollama:{EMBEDDING_MODEL}")


async def test_files_lead_to_a_cited_answer_in_two_steps_and_less_than_a_minute(tab: Tab, console: Console) -> None:
    page = tab.page
    await tab.open("/welcome")
    await tab.check_accessible()
    began = time.monotonic()

    name = f"Handbook {uuid4().hex[:6]}"
    await page.get_by_test_id("files").set_input_files(
        [file(f"{name}.md", "# Lamp\n\nThe lamp blinks red when the line is down.")]
    )
    question = page.get_by_label("Your question")
    await expect(question).to_be_focused()
    await question.fill("tool search_documents " + json.dumps({"query": "lamp"}))
    await page.keyboard.press("Enter")

    answer = page.get_by_role("log")
    await expect(answer.locator(".try-sources")).to_contain_text("Lamp")
    assert time.monotonic() - began < 60
    await tab.check_accessible()
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()
