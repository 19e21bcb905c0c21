"""Files that an agent wrote, saved on this machine: under a harmless name, and never in place of another file."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from turnkeeper.core.errors import CallerError
from turnkeeper.terminal.shapes import File

_HARMFUL = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*\\]')
_LONGEST_NAME = 200


def wanted_file(words: str, files: Mapping[str, File]) -> tuple[File, Path | None]:
    """Which file `NAME [PATH]` means, and where it is to go. A name with blanks may stand alone, or in quotes.

    Raises:
        CallerError: there is no such file; the sentence names those that there are.
    """
    if words.strip() in files:
        return files[words.strip()], None
    try:
        parts = shlex.split(words)
    except ValueError as error:
        raise CallerError("A quote is not closed; nothing was written.") from error
    if parts and parts[0] in files and len(parts) <= 2:
        return files[parts[0]], Path(parts[1]).expanduser() if len(parts) == 2 else None
    there = ", ".join(repr(name) for name in files) or "none yet"
    raise CallerError(f"Write /save NAME [PATH]. Files of the agent: {there}.")


def safe_name(name: str) -> str:
    """The last part of the name, without what acts on a terminal or a file system, and not hidden."""
    plain = _HARMFUL.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip().lstrip(".")
    return plain[:_LONGEST_NAME] or "file"


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises: CallerError."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise CallerError(f"There is a file {str(path)!r} already; nothing was written. Name another PATH.") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no path"
        raise CallerError(f"{str(path)!r} cannot be written: {why}.") from error
