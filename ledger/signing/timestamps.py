"""RFC 3161 timestamps over a checkpoint's text: asking for them, and what one proves to whoever brings an authority's root.

Source: RFC 3161, sections 2.3 to 2.4.2; docs/spec/format.md, section 6. The CMS signature and the chain of certificates, at the time that
the token states, are checked by `rfc3161-client`; what that library leaves to its caller is here: one token in the file and nothing more,
SHA-256 and no other hash, exactly one signer with exactly one certificate, which is no CA and may do nothing but sign timestamps, and no
SHA-1 or MD5 on the way. Certificates in a token are hints: only those that the verifier brings are anchors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ledger.clock import to_rfc3339
from ledger.errors import LedgerError
from ledger.limits import LIMITS

T = TypeVar("T")
_SHA256 = "2.16.840.1.101.3.4.2.1"
_DIGESTS = frozenset({_SHA256, "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"})
_MOST_CERTIFICATES = 16
_AHEAD_SECONDS = 300
"""How far a stated time may be ahead of the verifier's clock, as for witnesses."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an authority (DER), and the number that its answer must repeat."""

    data: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says: the text existed by `time` (the stated time and its accuracy), says the authority."""

    time: datetime
    authority: str

    def words(self) -> str:
        """For a report."""
        return f"{to_rfc3339(self.time)}, says {self.authority}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What tokens over one text prove: what is wrong, what holds, and, when none counts, why."""

    problems: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    why: str = ""

    @property
    def earliest(self) -> Stamp | None:
        """The one that proves most."""
        return min(self.stamps, key=lambda item: item.time, default=None)


@dataclass(frozen=True, slots=True)
class _Token:
    response: Any
    signer: Any
    others: tuple[Any, ...]
    stamp: Stamp


def make_request(text: bytes) -> Request:
    """A request for a token over SHA-256 of a text, with a nonce, that asks for the signer's certificate. Raises LedgerError LG1401."""
    library = _library()
    made = library.TimestampRequestBuilder().data(text).hash_algorithm(library.HashAlgorithm.SHA256).cert_request(cert_request=True).build()
    return Request(made.as_bytes(), made.nonce)


def examine(data: bytes, text: bytes, nonce: int | None = None) -> Stamp:
    """What a token over a text says, checked as far as that goes without the authority's root.

    Args:
        data: a DER TimeStampResp.
        nonce: what the request had, when that is known.

    Raises:
        LedgerError: LG1401, LG1403.
    """
    return _guarded(lambda: _examined(data, text, nonce)).stamp


def check(data: bytes, text: bytes, roots: Sequence[Any], nonce: int | None = None) -> Stamp | None:
    """What a token proves of a text, or None when its signer's certificate leads to none of the roots.

    Raises:
        LedgerError: LG1401, LG1403 when anything else is wrong.
    """

    def work() -> Stamp | None:
        token = _examined(data, text, nonce)
        if not _leads_to(token, roots):
            return None
        builder = _library().VerifierBuilder(roots=list(roots), nonce=nonce)
        builder.build().verify(token.response, hashlib.sha256(text).digest())
        return token.stamp

    return _guarded(work)


def judge(tokens: Sequence[bytes], text: bytes, roots: Sequence[Any], now: int | None = None) -> Judged:
    """What tokens over a text prove.

    A token of an authority that the verifier has no root of counts for nothing, unless there are no others: then nobody who is trusted
    has said anything, and the verifier who brought a root expects that somebody has.

    Args:
        now: the verifier's clock, POSIX seconds; a token from the future proves nothing.
    """
    if not tokens:
        return Judged(why="no timestamp")
    if not roots:
        return Judged(why=f"{len(tokens)} timestamps and no --tsa-root PEM to check them with")
    problems, stamps, unknown, why = [], [], 0, ""
    for number, data in enumerate(tokens):
        try:
            stamp = check(data, text, roots)
        except LedgerError as error:
            if error.code == "LG1401":
                return Judged(why=error.message)
            problems.append(f"timestamp {number}: {error.message}")
            continue
        if stamp is None:
            unknown += 1
        elif now is not None and stamp.time.timestamp() > now + _AHEAD_SECONDS:
            why = f"the timestamp's {to_rfc3339(stamp.time)} is still to come by this machine's clock"
        else:
            stamps.append(stamp)
    if unknown and unknown == len(tokens):
        problems.append("no timestamp is by an authority whose certificate leads to a root given")
    return Judged(tuple(problems), tuple(stamps), why)


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise LedgerError("LG1401", "needs the timestamps extra: pip install 'openness-ledger[timestamps]'") from None
    return rfc3161_client


def _guarded(work: Callable[[], T]) -> T:
    """Run what reads foreign bytes with a foreign library: whatever that raises means that the bytes are no good token."""
    try:
        return work()
    except LedgerError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - ValueError, KeyError, OverflowError, and a panic of its Rust part is no Exception
        raise _refused(_reason(error)) from None


def _reason(error: BaseException) -> str:
    text = str(error)
    marker = "Verify error: "  # what OpenSSL says of a chain, after the place in its source where it says so
    if marker in text:
        text = text[text.index(marker) + len(marker) :].split('"')[0]
    elif "Unable to verify pkcs7 signature" in text:
        text = "its signature is wrong"
    return f"it does not hold: {ascii(text)[1:-1][:200]}"


def _refused(why: str) -> LedgerError:
    return LedgerError("LG1403", why)


def _examined(data: bytes, text: bytes, nonce: int | None) -> _Token:
    if len(data) > LIMITS.timestamp_bytes:
        raise _refused(f"it has more than {LIMITS.timestamp_bytes} bytes")
    response = _library().decode_timestamp_response(data)
    if response.status != 0:
        said = "; ".join(response.status_string)
        raise _refused(f"the authority did not grant it: status {response.status} {ascii(said)[1:-1][:200]}".rstrip())
    said = response.tst_info
    imprint = said.message_imprint
    if said.version != 1:
        raise _refused(f"it has version {said.version}")
    if imprint.hash_algorithm.dotted_string != _SHA256 or bytes(imprint.message) != hashlib.sha256(text).digest():
        raise _refused("it is over something else than SHA-256 of the checkpoint's text")
    if nonce is not None and said.nonce != nonce:
        raise _refused("it does not have the nonce that was asked for: it answers another request")
    signed = response.signed_data
    if not {item.dotted_string for item in signed.digest_algorithms} <= _DIGESTS:
        raise _refused("its signature is over a hash that is not accepted")
    signer, others = _certificates(signed)
    _check_signer(signer)
    _check_hashes([signer, *others])
    return _Token(response, signer, others, Stamp(_latest(said), ascii(signer.subject.rfc4514_string())[1:-1][:300]))


def _latest(said: Any) -> datetime:
    """The last moment that the token may mean: its time and accuracy, rounded up to the second."""
    accuracy = said.accuracy
    more = timedelta(0)
    if accuracy is not None:
        more = timedelta(seconds=accuracy.seconds or 0, milliseconds=accuracy.millis or 0, microseconds=accuracy.micros or 0)
    moment: datetime = said.gen_time.astimezone(UTC) + more
    return moment.replace(microsecond=0) + timedelta(seconds=1 if moment.microsecond else 0)


def _certificates(signed: Any) -> tuple[Any, tuple[Any, ...]]:
    """The certificate of the one who signed, and the others that came with it."""
    from cryptography import x509

    if len(signed.certificates) > _MOST_CERTIFICATES:
        raise _refused(f"it holds more than {_MOST_CERTIFICATES} certificates")
    found = [x509.load_der_x509_certificate(der) for der in sorted(signed.certificates)]
    who = list(signed.signer_infos)
    if len(who) != 1:
        raise _refused(f"it has {len(who)} signers, not one")
    signers = [item for item in found if item.issuer == who[0].issuer and item.serial_number == who[0].serial_number]
    if len(signers) != 1:
        raise _refused(f"it holds {len(signers)} certificates of its signer, not one")
    return signers[0], tuple(item for item in found if item != signers[0])


def _check_signer(signer: Any) -> None:
    """RFC 3161, section 2.3: a certificate whose only purpose, marked critical, is timestamps; and no CA."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    extensions = {type(item.value): item for item in signer.extensions}
    purposes = extensions.get(x509.ExtendedKeyUsage)
    if purposes is None or not purposes.critical or list(purposes.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise _refused("its signer's certificate is not for timestamps, critically and alone (extended key usage)")
    basic = extensions.get(x509.BasicConstraints)
    if basic is not None and basic.value.ca:
        raise _refused("its signer's certificate is that of a certificate authority")
    usage = extensions.get(x509.KeyUsage)
    if usage is not None and (usage.value.key_cert_sign or not (usage.value.digital_signature or usage.value.content_commitment)):
        raise _refused("its signer's key is not for signatures, or for certificates too (key usage)")


def _check_hashes(certificates: Sequence[Any]) -> None:
    """No certificate but a root, which nothing vouches for, is signed over a hash in which collisions are known."""
    for item in certificates:
        used = item.signature_hash_algorithm
        if item.issuer != item.subject and used is not None and used.name in {"md5", "sha1"}:
            raise _refused(f"a certificate in it is signed over {used.name}")


def _leads_to(token: _Token, roots: Sequence[Any]) -> bool:
    """Whether the signer's certificate is signed by a root, directly or through others in the token; validity is not asked here."""
    reached, left = [token.signer], list(token.others)
    while reached:
        current = reached.pop()
        if any(current == root or _signed_by(current, root) for root in roots):
            return True
        above = [item for item in left if _signed_by(current, item)]
        left = [item for item in left if item not in above]
        reached += above
    return False


def _signed_by(certificate: Any, issuer: Any) -> bool:
    from cryptography.exceptions import InvalidSignature

    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
