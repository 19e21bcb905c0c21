"""What is never worth reading in a folder or an archive, by its name."""

from pathlib import Path

# fmt: off
_SKIPPED_SUFFIXES = frozenset({
    ".apng", ".avif", ".bmp", ".gif", ".heic", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp",
    ".css", ".js", ".mjs", ".map", ".wasm", ".eot", ".otf", ".ttf", ".woff", ".woff2",
    ".aac", ".avi", ".flac", ".m4a", ".mkv", ".mov", ".mp3", ".mp4", ".ogg", ".wav", ".webm", ".inv", ".pyc",
})
# fmt: on
_SKIPPED_FOLDERS = frozenset({"__macosx", "_static", "_sources", "__pycache__", "node_modules"})
_SKIPPED_NAMES = frozenset({"thumbs.db", "desktop.ini"})
_INDEX_PAGES = frozenset({"search.html", "py-modindex.html", "np-modindex.html", "bookindex.html"})
_SIGNS_OF_A_HANDBOOK = frozenset({"genindex.html", "objects.inv", "searchindex.js", "_static", "bookindex.html"})


def is_noise_folder(name: str) -> bool:
    """Whether nothing in a folder of this name is worth reading."""
    return name.startswith(".") or name.lower() in _SKIPPED_FOLDERS


def is_noise(name: str, beside: frozenset[str]) -> bool:
    """Hidden files, pictures and code of web pages, and in a generated handbook its index and search pages."""
    lowered = name.lower()
    if name.startswith((".", "~$")) or lowered in _SKIPPED_NAMES or Path(lowered).suffix in _SKIPPED_SUFFIXES:
        return True
    is_index_page = lowered in _INDEX_PAGES or (lowered.startswith("genindex") and lowered.endswith(".html"))
    return is_index_page and not _SIGNS_OF_A_HANDBOOK.isdisjoint(beside)
