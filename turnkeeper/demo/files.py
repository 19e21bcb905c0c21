"""Where the demo data set lies, in a checkout and in an installed wheel alike."""

from importlib.resources import files
from pathlib import Path


def telecom_folder() -> Path:
    """The folder to import: Markdown, HTML, text, one CSV price list and `products.jsonl`."""
    return Path(str(files("turnkeeper.demo"))) / "telecom"


def questions_file() -> Path:
    """JSON Lines of `question`, `addresses` (each of them answers it; none when nothing does) and `fact`.

    Addresses are those of an import of `telecom_folder()`; a product's is `products/<entry_id>`.
    """
    return Path(str(files("turnkeeper.demo"))) / "questions.jsonl"
