"""Making an attestation: evaluate, sign, log, and pack it with its proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger._api import corrections
from ledger._api.resolve import resolve_release
from ledger._api.results import Attested
from ledger._api.reviewing import reviews
from ledger.attest.attestation import attestation_statement, predicate, same_verdicts
from ledger.attest.bundle import write_bundle
from ledger.attest.evidence import license_texts
from ledger.attest.policy import ReleasePolicy, judge
from ledger.errors import LedgerError
from ledger.frameworks import Profile
from ledger.log.checkpoint import Checkpoint
from ledger.log.proof import TlogProof
from ledger.merkle.tree import consistency_path
from ledger.signing.keys import PrivateKey
from ledger.spec.attested import closure, reviewed, subjects_of, walk
from ledger.spec.coherence import problems
from ledger.spec.statement import Statement
from ledger.store.commit import Draft, Store
from ledger.store.index import Index
from ledger.store.reader import Reader
from ledger.store.stamps import for_bundle


@dataclass(frozen=True, slots=True)
class Gate:
    """A policy, and how licence findings are asked for when it has a stance: a function that gives `{stance, unresolved, waived}`."""

    policy: ReleasePolicy
    findings: Callable[[], Mapping[str, Any]] | None = None

    def outcome(self, profiles: Sequence[Profile], said: Mapping[str, Any]) -> dict[str, Any]:
        """What goes into the attestation: the policy's content and digest, the findings, and what its requirements come to."""
        by_id = {profile.id: profile for profile in profiles}
        found = None if self.findings is None else dict(self.findings())
        return {
            "digest": self.policy.digest,
            "document": dict(self.policy.document),
            "findings": found,
            "outcome": judge(self.policy, by_id, said["verdicts"], said["licenses"], found),
        }


def attest(
    store: Store,
    text: str,
    profiles: Sequence[Profile],
    key: PrivateKey,
    log_key: PrivateKey | None,
    stamp: Callable[[], object] | None = None,
    gate: Gate | None = None,
) -> Attested:
    """Evaluate the profiles over a release as the ledger stands, log the attestation, and make its bundle.

    The same verdicts on the same evidence are logged once; the bundle is made anew, with proofs to the newest checkpoint.

    Args:
        log_key: None for a dry run: everything but logging and the bundle.
        gate: a policy that is judged too, and whose outcome goes into the attestation.
        stamp: has the published checkpoint timestamped, before the bundle is made with whatever timestamps there are over it.

    Raises:
        LedgerError: LG0901, LG0902, LG1102 for the reference, LG1001, LG1002 for profiles, LG0408 for the key, LG0616 when the
            evidence is such that no verifier would accept it.
    """

    def build(draft: Draft) -> tuple[int, bool, Statement]:
        # The published size: a batch-mate's entry has no proof yet.
        size = store.head().checkpoint.size
        release = resolve_release(draft.index, text)
        assert release.index is not None
        if release.index >= size:
            raise LedgerError("LG0901", f"`{text}` is being recorded at this moment", hint="attest again when it is published")
        evidence = gather(store, release.index, size)
        check(release.index, evidence)
        row = draft.index.artifact(release.id)
        assert row is not None
        checkpoint = Checkpoint(store.config.origin, size, store.tree(size).root())
        said = predicate(release.index, evidence, checkpoint, profiles, identified(store, evidence))
        if gate is not None:
            said["policy"] = gate.outcome(profiles, said)
        before = previous(store, row.no, size, key.public.keyid, said)
        if before is not None:
            return before[0], True, before[1]
        statement = attestation_statement(said, evidence[release.index])
        return draft.add(statement, [key]).index, False, statement

    if log_key is None:
        return _attested(store, *build(store.draft()), dry_run=True)
    index, existing, statement = store.append(build, log_key)
    if stamp is not None:
        stamp()
    return replace(_attested(store, index, existing, statement), bundle=bundle_of(store, index))


def _attested(store: Store, index: int, existing: bool, statement: Statement, *, dry_run: bool = False) -> Attested:
    said = statement.predicate
    return Attested(
        index,
        existing,
        b"",
        tuple(said["verdicts"]),
        tuple(said["licenses"]),
        said["lineage"],
        said["checkpoint"]["size"],
        id=statement.payload_id,
        dry_run=dry_run,
        corrections=_corrections(store.index(), said),
        policy=said.get("policy"),
    )


def _corrections(index: Index, said: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """What has to be known of corrections to read the verdicts: of the statements that they rest on, as the ledger stands now."""
    rows = corrections.namings(index, (item["index"] for item in said["statements"]))
    known = corrections.Corrections(index)
    return tuple(
        {"statement": number, "since": item.index > number, **item.to_json()}
        for number, row in sorted(rows.items())
        for item in known.of_statement(row)
    )


def gather(store: Store, release_index: int, size: int) -> dict[int, Statement]:
    """The statements that verdicts over a release rest on: its lineage, and the reviews of it by keys that were trusted for them."""
    found: dict[int, Statement] = {}

    def at(index: int) -> Statement:
        if index not in found:
            found[index] = store.one(index, size).statement
        return found[index]

    lineage = {index: at(index) for index in closure(release_index, at)}
    about = subjects_of(release_index, lineage)
    # A log of which somebody else wrote a review without being trusted for it is damaged; its word counts for nothing in any case.
    trusted = {row["idx"] for row in store.rows("signatures", size, ("idx", "trusted")) if row["trusted"]}
    for entry in reviews(store, size):
        if entry.index in trusted and any(id in about for id in reviewed(entry.statement)):
            lineage[entry.index] = entry.statement
    return dict(sorted(lineage.items()))


def identified(store: Store, evidence: Mapping[int, Statement]) -> dict[str, dict[str, Any]]:
    """What the licence texts of the evidence are; `unread` where the ledger does not have the bytes."""
    return {object: identified_text(store, object) for object in license_texts(evidence.values())}


def identified_text(store: Reader, object: str) -> dict[str, Any]:
    """What one licence text is; `unread` when the ledger does not have the bytes."""
    from ledger.licenses.textid import identify_bytes

    try:
        said = identify_bytes(store.objects.get(object))
    except LedgerError as error:
        if error.code not in ("LG0608", "LG0103", "LG0104"):
            raise
        return {"method": "unread", "ids": []}
    return {"method": said.method, "ids": list(said.ids) if said.kind == "license" else []}


def check(release_index: int, evidence: Mapping[int, Statement]) -> None:
    """Refuse to sign verdicts over statements that do not agree with themselves or each other. Raises LedgerError LG0616."""
    _, wrong = walk(release_index, evidence.get)
    wrong += [f"entry {index}: {text}" for index, item in evidence.items() for text in problems(item)]
    if wrong:
        raise LedgerError("LG0616", f"the evidence of the release does not hold: {wrong[0]}", hint="ledger verify --deep")


def previous(store: Store, release_no: int, size: int, keyid: str, said: Mapping[str, Any]) -> tuple[int, Statement] | None:
    """The newest attestation by this key that says the same of a release, if any."""
    rows = store.rows("verdicts", size, ("idx", "release_no"))
    for index in sorted({row["idx"] for row in rows if row["release_no"] == release_no}, reverse=True):
        entry = store.one(index, size)
        if keyid in entry.leaf.keyids and same_verdicts(entry.statement.predicate, said):
            return index, entry.statement
    return None


def bundle_of(store: Store, index: int) -> bytes:
    """The bundle of a logged attestation, with proofs to the published checkpoint."""
    head = store.head()
    size = head.checkpoint.size
    tree = store.tree(size)
    said = store.one(index, size).statement.predicate
    wanted = {item["index"] for item in said["statements"]} | set(_key_entries(store, size, index))
    order = [index, *sorted(wanted)]
    entries = [store.one(number, size) for number in order]
    envelopes = [store.objects.get(entry.leaf.envelope) for entry in entries]
    proofs = [TlogProof(entry.index, tuple(tree.inclusion(entry.index)), head.to_bytes(), entry.leaf_bytes) for entry in entries]
    seen = said["checkpoint"]["size"]
    # An attestation that somebody else signed may name a size that never was: then there is no proof, and no verifier accepts it.
    consistency = consistency_path(tree.node, seen, size) if seen <= size else []
    timestamps = for_bundle(store.layout, size)
    return write_bundle(envelopes[0], envelopes[1:], proofs, head.to_bytes(), consistency, _keys(store.index(index)), timestamps)


def _key_entries(store: Store, size: int, before: int) -> list[int]:
    return [row["idx"] for row in store.rows("keys", size, ("idx",)) if row["idx"] < before]


def _keys(index: Index) -> list[dict[str, str]]:
    found = [{"keyid": keyid, "scheme": item.public.scheme, "public": item.public.pem} for keyid, item in index.trust.keys.items()]
    return sorted(found, key=lambda item: item["keyid"])
