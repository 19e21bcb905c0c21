"""Links between the pages of this repository lead somewhere, and its chapters have the names that links give them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "clients/python", "clients/typescript", "examples", "deploy", "bench", "fuzz")
PAGES = sorted({*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))})
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:")


def places_in(page: Path) -> set[str]:
    """The names by which links reach the chapters of a page, as code hosts make them."""
    places: set[str] = set()
    for title in re.findall(r"^#+ (.*)", _FENCED.sub("", page.read_text()), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", str(title)).strip().lower()
        name = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        number = 0
        while (place := f"{name}-{number}" if number else name) in places:
            number += 1
        places.add(place)
    return places


def links_of(page: Path) -> Iterator[str]:
    """What a page links to within the repository."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text()))
    return (link for link in _LINK.findall(text) if not _ELSEWHERE.match(link))


def is_alive(page: Path, link: str) -> bool:
    path, _, place = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not place or target.suffix != ".md" or place in places_in(target))


def test_every_link_between_pages_leads_somewhere() -> None:
    links = [(page, link) for page in PAGES if "node_modules" not in page.parts for link in links_of(page)]

    assert len(links) > 100
    assert [(str(page.relative_to(ROOT)), link) for page, link in links if not is_alive(page, link)] == []
