"""Refusal of Office files and archives that would unpack to more than memory, or time, should hold."""

from collections.abc import Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - the library's own name is in lower case

from turnkeeper.retrieval.parsing.parsed import MAX_UNPACKED_BYTES, UnreadableError

ZIP_ERRORS = (BadZipFile, ZlibError, EOFError, ValueError, NotImplementedError, RuntimeError, OSError)
"""What `zipfile` raises for an archive that is damaged, cut short, encrypted, or packed as it does not know. It has no error
of its own for most of this: names that are no text, sizes below zero and passwords come as Python's."""
_MAX_MEMBERS = 10_000
_PIECE = 256 * 1024


def refuse_bombs(data: bytes, *, max_xml_bytes: int) -> None:
    """Check what an Office file says it holds, then what it really unpacks to, a piece at a time.

    `max_xml_bytes` is what its parser can hold in memory, which is several times the text.

    Raises:
        UnreadableError: too large, damaged, encrypted, or with XML that declares entities of its own.
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check_declared(members, max_xml_bytes)
            _check_real(archive, members)
    except ZIP_ERRORS as error:
        raise UnreadableError("It is a damaged or encrypted Office file; save it again without a password.") from error


def refuse_many(members: Sequence[ZipInfo], *, max_bytes: int) -> None:
    """Check what an archive says it holds. A member never yields more than it says.

    Raises:
        UnreadableError: too many members, or too large together.
    """
    if len(members) > _MAX_MEMBERS:
        raise UnreadableError(f"It holds more than {_MAX_MEMBERS:,} parts.")
    if sum(member.file_size for member in members) > max_bytes:
        raise UnreadableError(f"It unpacks to more than {max_bytes // 2**20} MiB.")


def _check_declared(members: list[ZipInfo], max_xml_bytes: int) -> None:
    refuse_many(members, max_bytes=MAX_UNPACKED_BYTES)
    if sum(member.file_size for member in members if _is_xml(member)) > max_xml_bytes:
        raise UnreadableError(f"Its text unpacks to more than {max_xml_bytes // 2**20} MiB.")


def _check_real(archive: ZipFile, members: list[ZipInfo]) -> None:
    unpacked = 0
    for member in members:
        with archive.open(member) as part:
            first = True
            while piece := part.read(_PIECE):
                unpacked += len(piece)
                if unpacked > MAX_UNPACKED_BYTES:
                    raise UnreadableError(f"It unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB.")
                # Office writes no document type; one that is there only serves to blow up or to fetch files.
                if first and _is_xml(member) and b"<!DOCTYPE" in piece:
                    raise UnreadableError("Its XML declares a document type, which Office files never do.")
                first = False


def _is_xml(member: ZipInfo) -> bool:
    return member.filename.endswith((".xml", ".rels", ".vml"))
