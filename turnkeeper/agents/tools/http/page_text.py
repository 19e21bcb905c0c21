"""The words of a web page, for a model: no scripts, no styles, links with their addresses."""

from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
_BLOCK_NAMES = """
address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav
ol p pre section table tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}


def page_text(markup: str) -> str:
    """The text of an HTML page: its title first, one line a block, headings with #, list items with -."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects words; never fails, whatever the markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[list[str]] = [[]]
        self._title: list[str] = []
        self._silent = 0
        self._in_title = False
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "title":
            self._in_title = True
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        elif tag in _BLOCKS:
            self._lines.append([f"{_HEADINGS[tag]} "] if tag in _HEADINGS else ["- "] if tag == "li" else [])
        elif tag in {"td", "th"}:
            self._lines[-1].append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "title":
            self._in_title = False
        elif tag == "a" and self._links:
            address = self._links.pop()
            if address.startswith(("http://", "https://", "/")) and not self._silent:
                self._lines[-1].append(f" ({address})")
        elif tag in _BLOCKS:
            self._lines.append([])

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        elif not self._silent:
            self._lines[-1].append(data)

    def text(self) -> str:
        """All that was read."""
        lines = (" ".join("".join(line).split()) for line in [self._title, *self._lines])
        return "\n".join(line for line in lines if line.strip("#-| "))
