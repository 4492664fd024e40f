"""Key files: PKCS#8 PEM at rest, encrypted by default, mode 0600, refused when others can read them."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from ledger.errors import LedgerError
from ledger.signing.keys import PrivateKey, PublicKey, private_from_object, public_from_pem

PassphraseSource = Callable[[str], bytes | None]
"""Asked with a name for the key when a key turns out to be encrypted; None when there is no way to know."""

_MAX_KEY_BYTES = 64 << 10
_ENCRYPTED = b"ENCRYPTED"
_PKCS8 = re.compile(rb"-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----")
_CONVERT = "write it again: openssl pkcs8 -topk8 -in FILE -out NEW"


def preload() -> None:
    """Import what reading keys needs, ahead of its use."""
    import cryptography.hazmat.primitives.asymmetric.ed25519
    import cryptography.hazmat.primitives.serialization  # noqa: F401


def no_passphrase(_name: str) -> bytes | None:
    """A source that never knows."""
    return None


def write_private(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a new key file, never over an old one.

    Raises:
        LedgerError: LG0409 when the file exists, LG0606 when it cannot be written.
    """
    _create(path, key.pkcs8(passphrase), 0o600)


def write_public(path: Path, key: PublicKey) -> None:
    """Write a new public key file (SubjectPublicKeyInfo PEM)."""
    _create(path, key.pem.encode("ascii"), 0o644)


def write_text(path: Path, text: str) -> None:
    """Write what is beside a key, such as its verifier key, never over an old file. Raises LedgerError LG0409, LG0606."""
    _create(path, text.encode("utf-8"), 0o644)


def _create(path: Path, data: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise LedgerError("LG0409", f"file exists: `{path}`", hint="choose another name, or move the old key away first") from None
    except OSError as error:
        raise _unwritten(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> LedgerError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return LedgerError("LG0605", f"no space left: cannot write `{path}`")
    return LedgerError("LG0606", f"cannot write `{path}`: {error.strerror}")


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise LedgerError("LG0401", f"no key file at `{path}`", hint="`ledger key new FILE` makes a key") from None
    except OSError as error:
        raise LedgerError("LG0401", f"cannot read the key file `{path}`: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise LedgerError("LG0401", f"not a regular file: `{path}`")
        return os.read(handle, _MAX_KEY_BYTES), status
    except OSError as error:
        raise LedgerError("LG0401", f"cannot read the key file `{path}`: {error.strerror}") from None
    finally:
        os.close(handle)


def read_bytes(path: Path) -> bytes:
    """What a key file holds, at most 64 KiB of it. Raises LedgerError LG0401."""
    return _read(path)[0]


def read_public(path: Path) -> PublicKey:
    """Read a public key file. Raises LedgerError LG0401, LG0405, LG0410."""
    data, _ = _read(path)
    return public_from_pem(data, what=f"`{path}`")


def _private_bytes(path: Path) -> bytes:
    data, status = _read(path)
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise LedgerError(
            "LG0402", f"`{path}` has mode {stat.S_IMODE(status.st_mode):04o}: others can read the private key", hint=f"chmod 600 {path}"
        )
    return data


def is_encrypted(path: Path) -> bool:
    """Whether a private key needs a passphrase. Raises LedgerError LG0401, LG0402, so that these are found before long work."""
    return _ENCRYPTED in _private_bytes(path)


def read_private(path: Path, passphrase: PassphraseSource = no_passphrase) -> PrivateKey:
    """Read a private key file, asking for its passphrase when it is encrypted.

    Raises:
        LedgerError: LG0401 no such key, LG0402 readable by others, LG0403 wrong passphrase, LG0404 none given, LG0405 scheme.
    """
    if not _PKCS8.search(_private_bytes(path)):
        raise LedgerError("LG0401", f"`{path}` is not a PKCS#8 private key in PEM", hint=_CONVERT)
    return private_from_object(read_private_object(path, passphrase))


def read_private_object(path: Path, passphrase: PassphraseSource = no_passphrase) -> object:
    """The library's key of a private key file, of whatever kind it is; also in the older form of elliptic curve keys (RFC 5915).

    Raises:
        LedgerError: LG0401 to LG0404. The older form is refused when it is encrypted: what turns its passphrase into a key is MD5.
    """
    data = _private_bytes(path)
    if b"Proc-Type:" in data:
        raise LedgerError("LG0401", f"`{path}` is encrypted in a form that is too weak", hint=_CONVERT)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    secret: bytes | None = None
    if _ENCRYPTED in data:
        secret = passphrase(str(path))
        if secret is None:
            raise LedgerError("LG0404", f"`{path}` is encrypted and no passphrase was given", hint="give --passphrase-file FILE")
    try:
        return load_pem_private_key(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # One wrong passphrase in some hundreds decrypts to something that looks well padded and is no key.
        if secret is not None and ("password" in str(error).lower() or b"-----END ENCRYPTED PRIVATE KEY-----" in data):
            raise LedgerError("LG0403", f"the passphrase does not open `{path}`") from None
        raise LedgerError("LG0401", f"`{path}` is not a PKCS#8 private key in PEM") from None
