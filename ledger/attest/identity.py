"""Verifies a signature by an identity on a statement, offline, in numbered checks I1 to I4 (docs/spec/verification.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ledger.attest.bundle import read_bundle
from ledger.errors import LedgerError
from ledger.signing import identities
from ledger.signing.identities import Identified
from ledger.spec import coherence, statement
from ledger.spec.report import FAIL, NOT_CHECKED, Check, not_checked, outcome
from ledger.spec.statement import Statement

TITLES = {"I1": "form of the bundle", "I2": "signed by the identity", "I3": "the statement", "I4": "the attestation bundle's statement"}


@dataclass(slots=True)
class IdentityReport:
    """The checks, who has signed, and what; the last two only when nothing before them failed."""

    checks: list[Check] = field(default_factory=list)
    signer: Identified | None = None
    statement: Statement | None = None

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [item for item in self.checks if item.result == FAIL]

    @property
    def untold(self) -> list[Check]:
        """The checks that could not be made; I4 needs a bundle that nobody has to bring."""
        return [item for item in self.checks if item.result == NOT_CHECKED and item.id != "I4"]

    def error(self) -> LedgerError | None:
        """What a command ends with: LG1405 for a check that failed, LG1406 for one that could not be made, None when all hold."""
        for code, found, how in (("LG1405", self.failed, "failed"), ("LG1406", self.untold, "could not be made")):
            if found:
                return LedgerError(code, f"check {found[0].id} {how}: {found[0].detail}", check=found[0].id)
        return None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        who, what = (None, None) if self.error() is not None else (self.signer, self.statement)
        return {
            "checks": [item.to_json() for item in self.checks],
            "identity": None if who is None else list(who.names),
            "issuer": None if who is None else who.issuer,
            "log_index": None if who is None else who.log_index,
            "statement": None if what is None else {"id": what.payload_id, "kind": what.kind, "name": what.subjects[0].name},
        }

    def _take(self, id: str, good: str) -> None:
        self.checks.append(outcome(id, TITLES[id], [], good))

    def _refuse(self, id: str, why: str, rest: str) -> None:
        self.checks.append(outcome(id, TITLES[id], [why], ""))
        self.skip(list(TITLES)[list(TITLES).index(id) + 1 :], rest)

    def skip(self, ids: Iterable[str], why: str) -> None:
        """Checks that were not made."""
        self.checks += [not_checked(id, TITLES[id], why) for id in ids]


def verify(data: bytes, identity: str, issuer: str, trust_config: bytes | None, bundle: bytes | None) -> IdentityReport:
    """Verify a signature by an identity.

    Args:
        identity: the address or URI that must have signed.
        issuer: the URL of whoever must have vouched for it.
        trust_config: of a private Sigstore instance; None for the public one.
        bundle: the attestation bundle whose statement it must be. That bundle itself is for `verify_bundle`.

    Raises:
        LedgerError: LG1407, LG1408 when what the verifier trusts cannot be read.
    """
    report = IdentityReport()
    try:
        said = identities.read(data)
    except LedgerError as error:
        report._refuse("I1", error.message, "the form of the bundle is wrong")
        return report
    report._take("I1", "a Sigstore bundle with one signature and one entry of a transparency log")
    try:
        found = identities.verify(data, identity, issuer, trust_config)
    except LedgerError as error:
        if error.code == "LG1404":
            report.skip(list(TITLES)[1:], error.message)
        elif error.code == "LG1405":
            report._refuse("I2", error.message, "nobody is known to have signed it")
        else:
            raise
        return report
    report._take("I2", f"{', '.join(found.names)}, says {found.issuer}; entry {found.log_index} of the transparency log")
    _statement(report, said.payload, found)
    if report.statement is not None:
        _same(report, found.payload, bundle)
    return report


def _statement(report: IdentityReport, payload: bytes, found: Identified) -> None:
    problems: list[str] = []
    try:
        if payload != found.payload:
            raise LedgerError("LG1405", "two readers of the bundle find different statements in it")
        item = statement.parse(found.payload, what="the statement")
        problems += coherence.problems(item)
    except LedgerError as error:
        problems.append(error.message)
    if problems:
        report._refuse("I3", "; ".join(problems), "the statement cannot be read, or does not agree with itself")
        return
    report.signer, report.statement = found, item
    report._take("I3", f"{item.kind} of {item.subjects[0].name}, {item.payload_id}")


def _same(report: IdentityReport, payload: bytes, bundle: bytes | None) -> None:
    if bundle is None:
        report.skip(["I4"], "no --bundle FILE was given: whether a ledger has this statement was not looked at")
        return
    try:
        same = read_bundle(bundle).attestation.payload == payload
    except LedgerError as error:
        report._refuse("I4", error.message, "")
        return
    if same:
        report._take("I4", "byte for byte; whether that bundle holds is for `ledger verify bundle`")
    else:
        report._refuse("I4", "it signs another statement than that of the attestation bundle", "")
