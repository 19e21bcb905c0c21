"""An HTTP answer as a model reads it: a line about it, then its text."""

from turnkeeper.agents.tools.http.client import Fetched
from turnkeeper.agents.tools.http.page_text import page_text
from turnkeeper.core.sentences import counted

_TEXTS = frozenset(
    {
        "application/json",
        "application/xml",
        "application/javascript",
        "application/x-ndjson",
        "application/yaml",
        "application/x-www-form-urlencoded",
    }
)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def printed(fetched: Fetched, *, as_text: bool) -> str:
    """Status, type and body; of a web page only its words, when `as_text`. What is no text is named, not shown."""
    head = f"HTTP {fetched.status} {fetched.reason}".strip() + f" · {fetched.content_type}"
    if fetched.location:
        head += f"\nLocation: {fetched.location}"
    if not fetched.body:
        return head
    if not _is_text(fetched.content_type):
        size = counted(len(fetched.body), "byte")
        size = size if fetched.is_whole else f"more than {size}"
        return f"{head}\n[The body is not text ({size}) and is not shown.]"
    text = _decoded(fetched)
    if as_text and fetched.content_type in _PAGES:
        text = page_text(text)
    notice = "" if fetched.is_whole else f"\n\n[Cut: only the first {len(fetched.body):,} bytes of the body were read.]"
    return f"{head}\n\n{text}{notice}"


def _is_text(content_type: str) -> bool:
    return content_type.startswith("text/") or content_type in _TEXTS or content_type.endswith(("+json", "+xml"))


def _decoded(fetched: Fetched) -> str:
    try:
        return fetched.body.decode(fetched.charset or "utf-8", "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or one that is no charset of text
        return fetched.body.decode("utf-8", "replace")
