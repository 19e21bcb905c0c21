"""How the dialect reads the fields of a form: which values count as an integer, a text, a boolean, and what it says.

Clients show these sentences to people, so they are kept to the letter.

Source: reference, section 2 (messages of DRF 3.16); observed on the running server.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

Problem = list[str] | dict[str, list[str]]
"""What is wrong with a field: sentences, or for a list of values the sentences for each index."""

REQUIRED = "This field is required."
NULL = "This field may not be null."
NO_INTEGER = "A valid integer is required."

LARGEST_ID = 2**63 - 1
_LONGEST_NUMBER = 1_000
_FRACTION_OF_ZEROS = re.compile(r"\.0*\s*$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TRUE = frozenset({"t", "y", "yes", "true", "on", "1"})
_FALSE = frozenset({"f", "n", "no", "false", "off", "0"})


class Absent:
    """The value of a field that did not come; `None` is JSON's null."""


ABSENT = Absent()


class FormError(Exception):
    """Fields of the form are wrong: all that was found, by field."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(f"Wrong fields: {', '.join(problems)}.")
        self.problems = problems


class FieldError(Exception):
    """One field is wrong."""

    def __init__(self, problem: str | Problem) -> None:
        super().__init__(str(problem))
        self.problem: Problem = [problem] if isinstance(problem, str) else problem


class Fields:
    """Reads the fields of one form and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values
        self.problems: dict[str, Problem] = {}

    def required(self, name: str, rule: Callable[[Json], T], default: T, *, null: str = NULL) -> T:
        """The value of a field; `default` stands for it when it is wrong or missing, which is noted."""
        return self._read(name, rule, default, missing=REQUIRED, null=null)

    def optional(self, name: str, rule: Callable[[Json], T], default: T, *, null: str = NULL) -> T:
        """The value of a field, or `default` when it did not come; a wrong one is noted."""
        return self._read(name, rule, default, missing=None, null=null)

    def check(self) -> None:
        """Do nothing when all fields were right.

        Raises:
            FormError: some were not.
        """
        if self.problems:
            raise FormError(self.problems)

    def _read(self, name: str, rule: Callable[[Json], T], default: T, *, missing: str | None, null: str) -> T:
        value = self._values.get(name, ABSENT)
        if isinstance(value, Absent):
            if missing is not None:
                self.problems[name] = [missing]
        elif value is None:
            self.problems[name] = [null]
        else:
            try:
                return rule(value)
            except FieldError as error:
                self.problems[name] = error.problem
        return default


def integer(value: Json) -> int:
    """An integer, also when it is written as text or as `5.0`.

    Raises:
        FieldError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(NO_INTEGER)
    if isinstance(value, int):
        return value
    text = str(value)
    if len(text) > _LONGEST_NUMBER:
        raise FieldError("String value too large.")
    try:
        return int(_FRACTION_OF_ZEROS.sub("", text))
    except ValueError as error:
        raise FieldError(NO_INTEGER) from error


def text(value: Json, *, blank: str, most: int) -> str:
    """A text without the white space around it; `blank` is what is said when nothing is left, `most` counts characters.

    Raises:
        FieldError: it is none, blank, too long, or has characters that cannot be stored.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError("Not a valid string.")
    stripped = str(value).strip()
    if not stripped:
        raise FieldError(blank)
    problems: list[str] = []
    if len(stripped) > most:
        problems.append(f"Ensure this field has no more than {most} characters.")
    if "\x00" in stripped:
        problems.append("Null characters are not allowed.")
    if (surrogate := _SURROGATE.search(stripped)) is not None:
        problems.append(f"Surrogate characters are not allowed: U+{ord(surrogate[0]):X}.")
    if problems:
        raise FieldError(problems)
    return stripped


def boolean(value: Json) -> bool:
    """A boolean, also when it is written as `"yes"`, `"on"`, `1` …

    Raises:
        FieldError: it is none.
    """
    if isinstance(value, bool | int | float | str):
        word = str(value).strip().lower().removesuffix(".0")
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    raise FieldError("Must be a valid boolean.")


def integers(value: Json) -> list[int]:
    """A list of integers.

    Raises:
        FieldError: it is no list, or some of its items are no integers: those are told by index.
    """
    if not isinstance(value, list):
        raise FieldError(f'Expected a list of items but got type "{type_name(value)}".')
    found: list[int] = []
    problems: dict[str, list[str]] = {}
    for index, item in enumerate(value):
        try:
            found.append(integer(item))
        except FieldError as error:
            problems[str(index)] = [NULL] if item is None else list(error.problem)
    if problems:
        raise FieldError(problems)
    return found


def type_name(value: Json) -> str:
    """The name of a value's type as the dialect says it."""
    return type(value).__name__
