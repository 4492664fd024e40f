"""Signing keys that never leave where they are: a PKCS#11 token (`hsm:`), or a key service (`awskms:`, `gcpkms:`, `azurekms:`).

Source: securesystemslib's signers, which speak to the devices; its URIs are taken as they are. The public key is read from the device,
and every signature is verified with it before it is used. Whether that key counts is decided by the log's key statements, as for any.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlparse

from ledger.errors import LedgerError
from ledger.signing.files import PassphraseSource, no_passphrase
from ledger.signing.keys import PrivateKey, PublicKey, Scheme, public_from_object, schemes

T = TypeVar("T")
PLACES = ("hsm", "awskms", "gcpkms", "azurekms")
_AZURE = ".vault.azure.net"


def is_held(text: str) -> bool:
    """Whether a text names a key that is held elsewhere, and no file."""
    return text.partition(":")[0] in PLACES and ":" in text


def read(uri: str, secret: PassphraseSource = no_passphrase) -> PrivateKey:
    """A key that signs where it is.

    Args:
        uri: such as ``hsm:2?label=team``; the PKCS#11 module is named by PYKCS11LIB.
        secret: asked once, with the URI, for the PIN of a token.

    Raises:
        LedgerError: LG0404 no PIN was given, LG0405 for a kind of key that is not accepted, LG0418 the extra is missing, LG0419 the
            device refuses or is not there.
    """
    pin = _asked_once(uri, secret)
    library = _library()
    if uri.startswith("hsm:"):
        pin("pin")  # now, and not while others wait for the ledger's lock
    held = _guarded(uri, lambda: _import(library, uri, pin))
    public = _guarded(uri, lambda: public_from_object(held._crypto_key()))
    if held.scheme != public.scheme:
        raise LedgerError(
            "LG0405", f"`{_shown(uri)}` signs by {ascii(held.scheme)[1:-1][:60]}, which is no scheme for a {public.scheme} key"
        )
    signer = _guarded(uri, lambda: library.Signer.from_priv_key_uri(uri, held, pin))
    return PrivateKey(public, signer, _Elsewhere(uri, public, schemes()[public.scheme]))


class _Elsewhere:
    """A scheme whose signing is done by the device."""

    def __init__(self, uri: str, public: PublicKey, real: Scheme) -> None:
        self.NAME = real.NAME
        self._uri = uri
        self._public = public
        self._real = real

    def load_public(self, key: object) -> bytes | None:
        """As the scheme itself."""
        return self._real.load_public(key)

    def verify(self, key: object, signature: bytes, message: bytes) -> bool:
        """As the scheme itself."""
        return self._real.verify(key, signature, message)

    def sign(self, key: Any, message: bytes) -> bytes:
        """Have the device sign. Raises LedgerError LG0404, LG0419."""
        made = _guarded(self._uri, lambda: bytes.fromhex(key.sign(message).signature))
        if not self._public.verifies(made, message):
            raise LedgerError("LG0419", f"what `{_shown(self._uri)}` signed is no signature by its own public key")
        return made

    def generate(self) -> object:
        """Nothing is made there."""
        raise LedgerError("LG0419", f"`{_shown(self._uri)}` names a key that is there, and makes none")


def _asked_once(uri: str, secret: PassphraseSource) -> Callable[[str], str]:
    found: list[str] = []

    def ask(_what: str) -> str:
        if not found:
            given = secret(uri)
            if given is None:
                raise LedgerError("LG0404", f"`{_shown(uri)}` needs its PIN and none was given", hint="give --passphrase-file FILE")
            found.append(given.decode("utf-8", "surrogateescape"))
        return found[0]

    return ask


def _library() -> Any:
    try:
        import securesystemslib.signer as library
    except ImportError:
        raise _missing("securesystemslib") from None
    return library


def _missing(what: str) -> LedgerError:
    return LedgerError("LG0418", f"keys on devices and in key services need an extra that is not installed: {ascii(what)[1:-1][:200]}")


def _import(library: Any, uri: str, pin: Callable[[str], str]) -> Any:
    """The public half, from the device."""
    said = urlparse(uri)
    if said.scheme == "hsm":
        if not os.environ.get("PYKCS11LIB"):
            raise ValueError("PYKCS11LIB does not name the PKCS#11 module of the token")
        label = dict(parse_qsl(said.query)).get("label")
        return library.HSMSigner.import_(int(said.path) if said.path else None, label, pin)[1]
    if said.scheme == "awskms":
        return library.AWSSigner.import_(said.path)[1]
    if said.scheme == "gcpkms":
        return library.GCPSigner.import_(said.path)[1]
    vault, parts = said.netloc.removesuffix(_AZURE), said.path.strip("/").split("/")
    if not vault or parts[0] != "keys" or len(parts) not in (2, 3):
        raise ValueError("it looks like azurekms://VAULT.vault.azure.net/keys/NAME/VERSION")
    return library.AzureSigner.import_(vault, parts[1])[1]


def _shown(uri: str) -> str:
    return ascii(uri)[1:-1][:200]


def _guarded(uri: str, work: Callable[[], T]) -> T:
    """Run what speaks to a device: whatever it raises becomes one error."""
    try:
        return work()
    except (LedgerError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - each kind of device has its own exceptions, some of them without words
        if type(error).__name__ == "UnsupportedLibraryError":
            raise _missing(str(error)) from None
        words = str(error) or type(error).__name__
        raise LedgerError("LG0419", f"`{_shown(uri)}`: {ascii(words)[1:-1][:200]}") from None
