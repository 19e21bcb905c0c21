"""The keys of the vault: from the settings, or from a file in the data folder of the embedded database.

The file holds one key a line in base64; the first seals, all of them open.
"""

import base64
import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from turnkeeper.core.errors import RefusedError
from turnkeeper.store.data_folder import make_data_dir
from turnkeeper.store.sealing import WHO, Keyring, key_from_text, new_key

KEY_FILE = "vault.key"
_NO_KEY = (
    "The vault has no key; set TURNKEEPER_VAULT_KEY to 32 random bytes in base64, for example from: "
    "openssl rand -base64 32"
)


class VaultKeys:
    """Reads the keys when they are wanted, and again when one is missing. All methods block: call them in a thread."""

    def __init__(self, *, key: str | None, old_keys: Sequence[str], key_file: Path | None) -> None:
        """`key` and `old_keys` are the settings, checked before; `key_file` is None when there is no data folder."""
        self._given = [made for text in (key or "", *old_keys) if (made := key_from_text(text)) is not None]
        self._has_own = key is not None
        self._file = key_file
        self._lock = threading.Lock()
        self._keyring = Keyring(())

    @property
    def is_in_file(self) -> bool:
        """Whether new secrets are sealed with a key that Turnkeeper keeps itself."""
        return not self._has_own and self._file is not None

    def to_open(self, key_id: str) -> Keyring:
        """The keys, read anew when the one with this id is not among those read before.

        Raises:
            RefusedError: the key file cannot be read.
        """
        with self._lock:
            if not self._keyring.knows(key_id):
                self._keyring = self._read()
            return self._keyring

    def to_seal(self) -> Keyring:
        """The keys as they are now; a key file is made when it is the only place for a key.

        Raises:
            RefusedError: there is no key, and no place to make one; or the file cannot be read or written.
        """
        with self._lock:
            if self.is_in_file and not self._keys_in_file():
                self._write([new_key()], replace=False)
            if not self._has_own and self._file is None:
                raise RefusedError(WHO, _NO_KEY, code="vault_key_missing")
            self._keyring = self._read()
            return self._keyring

    def renew(self) -> None:
        """Put a new key before those in the file; does nothing when the settings give the key."""
        with self._lock:
            if self.is_in_file:
                self._write([new_key(), *self._keys_in_file()], replace=True)

    def drop_old(self) -> None:
        """Leave only the first key in the file; does nothing when the settings give the key."""
        with self._lock:
            if self.is_in_file:
                self._write(self._keys_in_file()[:1], replace=True)

    def _read(self) -> Keyring:
        in_file = self._keys_in_file()
        return Keyring([*self._given, *in_file] if self._has_own else [*in_file, *self._given])

    def _keys_in_file(self) -> list[bytes]:
        if self._file is None:
            return []
        try:
            lines = self._file.read_text("ascii").split()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(self._file, "cannot be read") from error
        keys = [key for line in lines if (key := key_from_text(line)) is not None]
        if len(keys) < len(lines) or not keys:
            raise _unusable(self._file, "is damaged")
        return keys

    def _write(self, keys: Sequence[bytes], *, replace: bool) -> None:
        """Write the file in one step. Without `replace`, who came first keeps it."""
        assert self._file is not None
        try:
            make_data_dir(self._file.parent)
            handle, name = tempfile.mkstemp(prefix=f"{self._file.name}.", dir=self._file.parent)  # with mode 600
            beside = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            if replace:
                beside.replace(self._file)
            else:
                _link(beside, self._file)
            _make_lasting(self._file.parent)
        except OSError as error:
            raise _unusable(self._file, f"cannot be written ({error.strerror})") from error


def _link(beside: Path, file: Path) -> None:
    try:
        file.hardlink_to(beside)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _make_lasting(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unusable(file: Path, what: str) -> RefusedError:
    message = f"The vault's key file {str(file)!r} {what}; put it back from your backup, or correct its owner and mode."
    return RefusedError(WHO, message, code="vault_key_missing")
