"""Many Ed25519 checks in half the time: libsodium says yes first, and whatever it does not accept is asked of `cryptography`.

What a valid signature is stays one definition, that of `schemes/ed25519.py`: the cofactorless equation of RFC 8032 section 5.1.7 with
canonical S, under keys of prime order. Under such keys a libsodium that checks the same equation accepts nothing else, and it may refuse
more. One that checks the cofactored equation would accept more, so each process asks it about signatures that tell the two apart before
it is believed (docs/adr/0021-libsodium.md).
"""

from __future__ import annotations

from collections.abc import Callable

Opens = Callable[[bytes, bytes, bytes], bool]
"""Whether a 64-byte signature over a message is valid under a raw public key, in that order."""

# RFC 8032 section 7.1, TEST 2: public key, message, signature.
_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
_MESSAGE = b"\x72"
_GOOD = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
_ORDER = 2**252 + 27742317777372353535851937790883648493
# Of the same key, with a point of order 8 and of order 2 added to R: only the cofactored equation holds (tests/signing/test_sodium.py).
_COFACTORED = tuple(
    bytes.fromhex(text)
    for text in (
        "418d9007fc8274a2cf65672c2b484b1951dee66f347f79ba67297357d8b6675e5a63b07fc6f56012b38d5530fe99198dd1d724aaad674b2c1611f2493f776d09",
        "68fba4c9c1aeb984d388ac507eace591d2831c4093ba284a09f2c26631dabbfbe8bd74609ef912bf956fb010a7e22123d5df0f3d3caa03289e014a1bc79c040e",
    )
)


def load() -> Opens | None:
    """libsodium's check, or None when it is not there or accepts what is not valid here."""
    try:
        from nacl.bindings import crypto_sign_open
        from nacl.exceptions import BadSignatureError
    except (ImportError, OSError):
        return None

    def opens(key: bytes, signature: bytes, message: bytes) -> bool:
        if len(signature) != 64:
            return False
        try:
            crypto_sign_open(signature + message, key)
        except BadSignatureError:
            return False
        return True

    return opens if _agrees(opens) else None


def _agrees(opens: Opens) -> bool:
    large = _GOOD[:32] + (int.from_bytes(_GOOD[32:], "little") + _ORDER).to_bytes(32, "little")
    wrong = (bytes(64), _GOOD[:-1] + b"\x01", large, *_COFACTORED)
    return opens(_KEY, _GOOD, _MESSAGE) and not any(opens(_KEY, signature, _MESSAGE) for signature in wrong)
