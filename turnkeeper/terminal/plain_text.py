"""Text from models, tools and files made harmless: nothing in it acts on the terminal or hides on the screen."""

import re

_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """The text with what a terminal would act on, or what turns writing round, spelled out; lines and tabs stay."""
    return _ACTS.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def spelled_out(text: str) -> str:
    """The text with everything spelled out that is not plainly seen: what is decided must look like what is done."""
    return "".join(letter if letter.isprintable() or letter == "\n" else f"\\u{ord(letter):04x}" for letter in text)


def on_one_line(text: str, width: int) -> str:
    """The start of the text, on one line of so many columns."""
    line = spelled_out(" ".join(text[: width * 8].split()))
    return line if len(line) <= width else f"{line[: max(width - 1, 0)]}…"
