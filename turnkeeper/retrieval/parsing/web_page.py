"""HTML to Markdown: find the title and the content of a page, leave its navigation and scripts."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from turnkeeper.retrieval.parsing.parsed import ParsedDocument, UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, decode, one_line, shorten_title, title_from_address
from turnkeeper.retrieval.parsing.web_text import render

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_WESTERN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "iso8859-1"}
_NEVER_CONTENT = (
    "script, style, noscript, template, svg, iframe, object, canvas, audio, video, button, select, input, textarea, "
    "nav, footer, dialog, [role=navigation], [role=search], [role=contentinfo], [role=banner], [hidden], "
    "a.headerlink, .sphinxsidebar, .sphinxsidebarwrapper, div.related, div.navheader, div.navfooter, "
    "div.toc, div.toctree-wrapper, .sidebar[role], .breadcrumb, .breadcrumbs, .skip-link"
)
_AROUND_CONTENT = "body > header, body > aside, body > div > header, aside[role=complementary]"
_CONTENT = "[role=main], main, article, div.body, div.refentry, #content, #main-content, #main"
_TAG = re.compile(rb"<(/?)([A-Za-z][^\s/>]*)([^<>]{0,500}/>)?")
_NEVER_NESTED = frozenset(
    b"a area base br col colgroup dd dt embed hr img input li link meta option p param source tbody td tfoot th thead "
    b"tr track wbr".split()
)
_DEEPEST = 1000
_MAX_BYTES = 16 * 1024 * 1024  # the tree takes some thirty times as much memory
# "Numeric types — Handbook 3.1": what follows the dash names the site, not the page.
_SITE_NAME = re.compile(r"\s+(?:—|\||·|»|::)\s+.*$")


def parse_web_page(data: bytes, address: str) -> ParsedDocument:
    """A page's main content as Markdown.

    Raises:
        UnreadableError: the page holds no text, or is too large or nested too deep to be a page.
    """
    if len(data) > _MAX_BYTES:
        raise UnreadableError(f"The page has more than {_MAX_BYTES // 2**20} MiB; split it.")
    _refuse_deep_nesting(data)
    try:
        page = LexborHTMLParser(clean(decode(data, _declared_encoding(data[:4096]))))
    except (SelectolaxError, ValueError, UnicodeError) as error:
        raise UnreadableError("The HTML could not be parsed.") from error
    page_title = _text_of(page.css_first("head > title") or page.css_first("title"))
    body = page.body
    content = _content(body) if body else None
    text = clean(render(content)) if content else ""
    if content is None or not text:
        raise UnreadableError("The page holds no text; pages that scripts fill in cannot be read from a file.")
    title = shorten_title(_title(content, text, page_title))
    return ParsedDocument(address=address, title=title or title_from_address(address), text=text)


def _refuse_deep_nesting(data: bytes) -> None:
    """The parser's time grows with the square of the depth, so that a small hostile page could hold it for minutes."""
    opened: Counter[bytes] = Counter()
    depth = 0
    for tag in _TAG.finditer(data):
        name = tag[2].lower()
        # In drawings and formulas a tag may close itself; elsewhere browsers ignore that slash.
        if name in _NEVER_NESTED or (tag[3] and (opened[b"svg"] or opened[b"math"])):
            continue
        if not tag[1]:
            opened[name] += 1
            depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > _DEEPEST:
            raise UnreadableError("The page's elements are nested too deep.")


def _declared_encoding(start: bytes) -> str:
    declared = _CHARSET.search(start)
    name = declared[1].decode("ascii").lower() if declared else ""
    try:
        known = codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
    # Browsers read these labels as Windows-1252, and so their authors mean.
    return "cp1252" if name in _WESTERN or known in _WESTERN else known


def _content(body: LexborNode) -> LexborNode:
    whole = len(one_line(body.text()))
    # Some pages are nothing but a table of contents; then it is the content.
    _remove([node for node in body.css(_NEVER_CONTENT) if len(one_line(node.text())) * 10 < whole * 9])
    _remove(body.css("script, style, noscript, template"))
    cleaned = len(one_line(body.text()))
    candidates = body.css(_CONTENT)
    articles = Counter(node.tag for node in candidates)["article"]
    for node in candidates:
        if node.tag == "article" and articles > 1:
            continue
        length = len(one_line(node.text()))
        if length >= 200 or (length and length * 3 >= cleaned):
            return node
    _remove([around for around in body.css(_AROUND_CONTENT) if not around.css("h1")])
    return body


def _remove(nodes: list[LexborNode]) -> None:
    """Take nodes out of the tree; those within another one of them go with it (touching them later is unsafe)."""
    chosen = {node.mem_id for node in nodes}
    outermost = [node for node in nodes if not any(above.mem_id in chosen for above in _ancestors(node))]
    for node in outermost:
        node.decompose()


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _title(content: LexborNode, text: str, page_title: str) -> str:
    if heading := _text_of(content.css_first("h1")):
        return heading.rstrip("¶")
    first = re.match(r"#{2,3} (.+)", text)
    return first[1].replace("`", "") if first else _SITE_NAME.sub("", page_title)


def _text_of(node: LexborNode | None) -> str:
    return one_line(node.text()) if node else ""
