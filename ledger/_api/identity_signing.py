"""Signatures by identities (Sigstore) on attestations: made beside those of keys, for people who know the identity and not the key."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger.attest.bundle import read_bundle
from ledger.attest.identity import IdentityReport, verify
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.signing import identities
from ledger.spec import coherence, statement

PathLike = str | os.PathLike[str]
_TOKEN_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class IdentitySigned:
    """A bundle that was written: by whom, over which statement."""

    path: Path
    digest: str
    names: tuple[str, ...]
    issuer: str
    log_index: int
    statement: str

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "path": os.fspath(self.path),
            "sha256": self.digest,
            "identity": list(self.names),
            "issuer": self.issuer,
            "log_index": self.log_index,
            "statement": self.statement,
        }


def sign_with_identity(
    file: PathLike, out: PathLike, *, trust_config: PathLike | None = None, identity_token: PathLike | None = None, browser: bool = False
) -> IdentitySigned:
    """Sign the statement of an attestation bundle with the caller's identity, and write a Sigstore bundle.

    The identity and the signature become public, in a log that forgets nothing (of the public instance, or a private one).

    Args:
        trust_config: Sigstore client trust configuration of a private instance; None: the public instance.
        identity_token: file with an OIDC token; None: that of the surroundings.
        browser: sign in with a web browser.

    Raises:
        LedgerError: LG1101 and those of statements when the bundle is none, LG1103 when `out` cannot be written, LG1404, LG1407, LG1408.
    """
    payload = read_bundle(read_input(Path(file), LIMITS.bundle_bytes, "the bundle")).attestation.payload
    item = statement.parse(payload, what="the attestation")
    problems = coherence.problems(item)
    if problems or item.kind != "attestation":
        why = problems[0] if problems else f"it is a {item.kind} statement"
        raise LedgerError("LG1101", f"the attestation in `{os.fspath(file)}` is nothing to sign: {why}")
    config = _config(trust_config)
    token = None if identity_token is None else _token(Path(identity_token))
    with Output(Path(out), "the signature is in the public log") as output:
        data, found = identities.sign(payload, config, token, browser=browser)
        output.write(data)
    return IdentitySigned(Path(out), hashlib.sha256(data).hexdigest(), found.names, found.issuer, found.log_index, item.payload_id)


def verify_identity_file(
    file: PathLike, identity: str, issuer: str, *, trust_config: PathLike | None = None, bundle: PathLike | None = None
) -> IdentityReport:
    """Verify a Sigstore bundle over a statement, offline, with no ledger at hand.

    Args:
        identity: the address or URI that must have signed; `issuer`: the URL of whoever must have vouched for it.
        trust_config: of a private instance; None: the public instance, as the library came with it or last fetched it.
        bundle: the attestation bundle whose statement it must be.

    Raises:
        LedgerError: LG0201 when a file is not there, LG1407, LG1408 when what the verifier trusts cannot be read.
    """
    data = read_input(Path(file), LIMITS.model_bundle_bytes, "the Sigstore bundle")
    attested = None if bundle is None else read_input(Path(bundle), LIMITS.bundle_bytes, "the attestation bundle")
    return verify(data, identity, issuer, _config(trust_config), attested)


def _config(file: PathLike | None) -> bytes | None:
    return None if file is None else read_input(Path(file), LIMITS.pipeline_bytes, "the trust configuration")


def _token(file: Path) -> str:
    text = read_input(file, _TOKEN_BYTES, "the identity token").decode("ascii", "replace").strip()
    if not text:
        raise LedgerError("LG1408", f"the identity token in `{file}` is empty")
    return text
