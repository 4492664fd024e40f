"""Signatures by people instead of keys (Sigstore): a short-lived certificate for a sign-in, and a public log that the signature is in.

Source: sigstore/protobuf-specs (sigstore_bundle.proto, bundle v0.3) and the `sigstore` library, which does all of the cryptography: the
certificate and the time at which it was valid, its signed certificate timestamp, the log's inclusion proof and checkpoint, the identity
and its issuer, and the signature. It reads what was signed as JSON on the way, with a reader that accepts more than ours, so the exact
bytes are handed to it and compared with the bytes that come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ledger.errors import LedgerError
from ledger.signing.dsse import PAYLOAD_TYPE
from ledger.signing.model_bundle import ModelBundle, parse

T = TypeVar("T")
_ISSUER = "1.3.6.1.4.1.57264.1.1"
_OTHER_NAME = "1.3.6.1.4.1.57264.1.7"


@dataclass(frozen=True, slots=True)
class Identified:
    """Who has signed which bytes, and where in the public log that is.

    Attributes:
        names: the identities in the certificate: an address, or the URI of a workflow.
        issuer: who vouched for them when they signed in.
    """

    payload: bytes
    names: tuple[str, ...]
    issuer: str
    log_index: int


def read(data: bytes) -> ModelBundle:
    """Read a bundle of this kind strictly; nothing of it is verified. Raises LedgerError LG1301."""
    found = parse(data)
    if found.method != "sigstore":
        raise LedgerError("LG1301", "it was signed with a key or certificate of somebody's, not with a Sigstore identity")
    if found.log_entries != 1:
        raise LedgerError("LG1301", f"it has {found.log_entries} entries of transparency logs, not one")
    return found


def verify(data: bytes, identity: str, issuer: str, trust_config: bytes | None) -> Identified:
    """Verify a bundle, offline: that this identity, by the word of this issuer, signed what is in it.

    Args:
        trust_config: a Sigstore client trust configuration (JSON) of a private instance; None for the public one, as the library has it.

    Raises:
        LedgerError: LG1404 the extra is missing, LG1405 it does not hold, LG1407 the trust configuration is none.
    """
    library = _library()
    if not identity or not issuer:
        raise LedgerError("LG1405", "no identity or no issuer was named")  # the library takes an empty issuer for any
    config = _config(library, trust_config, offline=True)
    policy = library.policy.Identity(identity=identity, issuer=issuer)
    return _guarded("LG1405", "", lambda: _verified(library, config, data, policy))


def sign(payload: bytes, trust_config: bytes | None, token: str | None, *, browser: bool = False) -> tuple[bytes, Identified]:
    """Sign the exact bytes of an in-toto statement with an identity; the network is needed.

    Args:
        token: an OIDC identity token; None: that of the surroundings (a build service), or else `browser`.
        browser: let the person sign in with a web browser, which this opens.

    Returns:
        The bundle, and what it says, verified.

    Raises:
        LedgerError: LG1404, LG1407, LG1408 no identity, or a service that refuses or does not answer.
    """
    library = _library()
    config = _config(library, trust_config, offline=False)

    def work() -> bytes:
        with library.SigningContext.from_trust_config(config).signer(_token(library, config, token, browser)) as signer:
            made: str = signer.sign_dsse(library.Statement(payload)).to_json()
        return made.encode("utf-8")

    data = _guarded("LG1408", "", work)
    # The library only warns when a time-stamping authority does not answer, and believes what the log answers: so verify before keeping.
    found = _guarded("LG1408", "what came back does not verify: ", lambda: _verified(library, config, data, _Anyone()))
    if found.payload != payload or read(data).payload != payload:
        raise LedgerError("LG1408", "what came back is signed over other bytes than those that were handed over")
    return data, found


class _Anyone:
    """Accepts whoever it is; for the one who has just signed."""

    def verify(self, cert: Any) -> None:
        """Nothing to refuse."""


@dataclass(frozen=True, slots=True)
class _Library:
    """The parts of the `sigstore` library that are used."""

    Bundle: Any
    ClientTrustConfig: Any
    SigningContext: Any
    Statement: Any
    Verifier: Any
    oidc: Any
    policy: Any


def _library() -> _Library:
    try:
        import logging

        from sigstore import oidc
        from sigstore.dsse import Statement
        from sigstore.models import Bundle, ClientTrustConfig
        from sigstore.sign import SigningContext
        from sigstore.verify import Verifier, policy
    except ImportError:
        raise LedgerError("LG1404", "needs the sigstore extra: pip install 'openness-ledger[sigstore]'") from None
    logger = logging.getLogger("sigstore")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # otherwise its warnings are written to stderr, beside our own words
    return _Library(Bundle, ClientTrustConfig, SigningContext, Statement, Verifier, oidc, policy)


def _config(library: _Library, data: bytes | None, *, offline: bool) -> Any:
    if data is None:
        return _guarded(
            "LG1408", "the public instance's trust configuration: ", lambda: library.ClientTrustConfig.production(offline=offline)
        )
    return _guarded("LG1407", "", lambda: library.ClientTrustConfig.from_json(data.decode("utf-8")))


def _token(library: _Library, config: Any, token: str | None, browser: bool) -> Any:
    found = token or (None if browser else library.oidc.detect_credential())
    if found:
        return library.oidc.IdentityToken(found)
    if not browser:
        raise LedgerError("LG1408", "there is no identity token", hint="give --identity-token FILE, or --browser to sign in")
    return library.oidc.Issuer(config.signing_config.get_oidc_url()).identity_token()


def _verified(library: _Library, config: Any, data: bytes, policy: Any) -> Identified:
    bundle = library.Bundle.from_json(data)
    kind, payload = library.Verifier(trusted_root=config.trusted_root).verify_dsse(bundle, policy)
    if kind != PAYLOAD_TYPE:
        raise ValueError(f"the payload is {kind}")
    names, issuer = _who(bundle.signing_certificate)
    return Identified(bytes(payload), names, issuer, bundle.log_entry._inner.log_index)


def _who(certificate: Any) -> tuple[tuple[str, ...], str]:
    """The identities in a certificate that was verified, and their issuer."""
    from cryptography import x509

    said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = [*said.get_values_for_type(x509.RFC822Name), *said.get_values_for_type(x509.UniformResourceIdentifier)]
    for other in said.get_values_for_type(x509.OtherName):
        if other.type_id.dotted_string == _OTHER_NAME:
            names.append(other.value[2:].decode("utf-8"))  # a UTF8String below 128 bytes
    issuer = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(_ISSUER)).value.value
    return tuple(names), issuer.decode("utf-8")


def _guarded(code: str, before: str, work: Callable[[], T]) -> T:
    """Run the library on foreign bytes and services: whatever it raises becomes one error."""
    try:
        return work()
    except (LedgerError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - its own errors, those of HTTP, X.509 and JSON, and panics, which are no Exception
        said = str(error) or str(error.__cause__ or "") or type(error).__name__
        raise LedgerError(code, before + ascii(said)[1:-1][:300]) from None
