"""The headers under which a file goes out: saved, never shown or run as a page of ours."""

from urllib.parse import quote

_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"
"""What RFC 8187 lets stand unencoded, beside letters and digits."""


def download_headers(name: str, *, size: int, is_inline: bool = False) -> dict[str, str]:
    """Headers for a file under its name; the content type is the caller's to add. `is_inline` is for pictures only.

    Source: RFC 6266 (`filename` for old clients in plain ASCII, `filename*` for the rest).
    """
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in name
    )
    encoded = quote(name, safe=_ATTRIBUTE_CHARACTERS)
    way = "inline" if is_inline else "attachment"
    return {
        "Content-Disposition": f"{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
        "Content-Length": str(size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-site",
        "Cache-Control": "private, no-store",
    }
