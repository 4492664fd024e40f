"""X.509 chains of model signatures, checked by `cryptography.x509.verification` and a policy of our own for the leaf.

Source: OMS v1.0 (spec/v1.0.md, sections 4.1 and 8.2): the chain leads to a root that the verifier brings, and the leaf is within its
validity period. The leaf must be allowed to sign code (RFC 5280, section 4.2.1.12) and, where it limits the use of its key, to sign. A leaf
that calls itself a CA is accepted, because the specification's own vector is one. The system's roots are never used:
they are there for web servers.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.clock import to_rfc3339
from ledger.errors import LedgerError
from ledger.signing.model_keys import ModelKey, key_of

_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Signer:
    """Whom a chain vouches for."""

    key: ModelKey
    subject: str
    fingerprint: str


def read_roots(data: bytes, what: str) -> list[Any]:
    """The certificates of a PEM file. Raises LedgerError LG1306 when there are none."""
    from cryptography import x509

    try:
        with _strictly():
            found = x509.load_pem_x509_certificates(data)
    except (ValueError, TypeError, x509.InvalidVersion, UserWarning):
        found = []
    if not found:
        raise LedgerError("LG1306", f"{what} holds no certificates in PEM")
    return found


def check_chain(chain: Sequence[bytes], roots: Sequence[Any], now: datetime) -> Signer:
    """Who signed, by a chain (DER, leaf first) that leads to one of the roots.

    Args:
        now: at which the certificates must be valid, because nothing proves another time.

    Raises:
        LedgerError: LG1302 when the chain does not hold, LG1305 for a key that is none of a model signature.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    forms = (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)
    try:
        with _strictly():
            return _checked(chain, roots, now)
    except (ValueError, TypeError, UserWarning, UnsupportedAlgorithm, *forms) as error:
        raise _refused(f"a certificate cannot be read: {ascii(str(error))[1:-1][:200]}") from None


@contextmanager
def _strictly() -> Iterator[None]:
    """What the library reads and warns of, because a standard forbids it, is refused."""
    from cryptography.utils import CryptographyDeprecationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        yield


def _checked(chain: Sequence[bytes], roots: Sequence[Any], now: datetime) -> Signer:
    from cryptography import x509

    leaf, *others = [x509.load_der_x509_certificate(der) for der in chain]
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        span = f"{to_rfc3339(leaf.not_valid_before_utc)} to {to_rfc3339(leaf.not_valid_after_utc)}"
        raise _refused(f"the certificate is valid from {span}, which is not now, and nothing proves when it signed")
    _check_usage(leaf)
    _check_path(leaf, others, roots, now)
    key = key_of(leaf.public_key(), "the certificate's key")
    return Signer(key, ascii(leaf.subject.rfc4514_string())[1:-1][:300], hashlib.sha256(chain[0]).hexdigest())


def _refused(why: str) -> LedgerError:
    return LedgerError("LG1302", why)


def _check_usage(leaf: Any) -> None:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        purposes = list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        purposes = []
    if ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise _refused("the certificate is not for signing code (extended key usage)")
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise _refused("the certificate's key is not for signatures (key usage)")


def _check_path(leaf: Any, others: Sequence[Any], roots: Sequence[Any], now: datetime) -> None:
    from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

    if any(root == leaf for root in roots):
        return  # the verifier has named this very certificate; nothing has to vouch for it
    policy = (
        PolicyBuilder()
        .store(Store(list(roots)))
        .time(now.replace(tzinfo=None))
        .max_chain_depth(_DEPTH)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all())
    )
    try:
        policy.build_client_verifier().verify(leaf, list(others))
    except VerificationError as error:
        raise _refused(f"no chain from the certificate to the roots given holds: {ascii(str(error))[1:-1][:200]}") from None
