"""Verification of an attestation bundle, offline, in numbered checks B1 to B15 (docs/spec/verification.md).

The verifier brings the log's public key, and for B12 to B15 a witness policy, roots of time-stamping
authorities and a place where the log is served. Who may sign is read
from the key statements in the bundle, of which the first is the log's first entry; the log's key vouches for that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.attest import trail
from ledger.attest.attestation import same_verdicts, verdicts
from ledger.attest.bundle import Bundle, read_bundle
from ledger.attest.disk import Hasher, compare
from ledger.attest.evidence import license_lines, lineage_summary
from ledger.attest.policy import check_profiles, policy_of
from ledger.attest.policy import judge as judge_policy
from ledger.attest.trail import Found, Trail
from ledger.errors import LedgerError
from ledger.frameworks import Profile, load_profile
from ledger.ids import object_id_of
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.leaf import Leaf, leaf_problems, parse_leaf
from ledger.log.note import VerifierKey, parse_note
from ledger.merkle.proof import check_consistency, check_inclusion
from ledger.merkle.tree import leaf_hash
from ledger.signing.dsse import Envelope
from ledger.signing.trust import TrustState
from ledger.spec import attested, coherence
from ledger.spec import statement as statements_of
from ledger.spec.key import key_event_of
from ledger.spec.manifest import manifest_of
from ledger.spec.release import release_of
from ledger.spec.report import Check, not_checked, outcome
from ledger.spec.statement import Statement
from ledger.store.projection import judge

TITLES = {
    "B1": "form of the bundle",
    "B2": "checkpoint signed by the log key",
    "B3": "inclusion of every statement in the log",
    "B4": "leaf records name these envelopes",
    "B5": "statements are canonical and fit their schemas",
    "B6": "signatures by keys trusted at their index",
    "B7": "subjects of the attestation",
    "B8": "evidence is complete",
    "B9": "evaluated at a size that the log reached",
    "B10": "verdicts evaluated again",
    "B11": "bytes on disk",
    "B12": "witness quorum",
    "B13": "time",
    "B14": "consistent with the log as last seen",
    "B15": "revocation as of the log's size",
}


@dataclass(slots=True)
class BundleReport:
    """The checks, and what the attestation says (to be believed only if no check failed)."""

    checks: list[Check] = field(default_factory=list)
    predicate: Mapping[str, Any] = field(default_factory=dict)
    index: int | None = None

    def add(self, id: str, problems: Sequence[str], good: str) -> bool:
        """Add one outcome; whether it passed."""
        self.checks.append(outcome(id, TITLES[id], problems, good))
        return not problems

    def take(self, id: str, found: Found) -> None:
        """Add an outcome that may be that it was not checked."""
        if found.skipped:
            self.skip(id, why=found.skipped)
        else:
            self.add(id, found.problems, found.good)

    def skip(self, *ids: str, why: str) -> None:
        """Add checks that were not made."""
        self.checks.extend(not_checked(id, TITLES[id], why) for id in ids)


def verify_bundle(
    data: bytes, keys: Sequence[VerifierKey], artifacts: Sequence[str] = (), hasher: Hasher | None = None, brought: Trail | None = None
) -> BundleReport:
    """Verify a bundle.

    Args:
        data: the bundle's bytes.
        keys: the verifier keys that are accepted as the log's, at least one.
        artifacts: paths of files and folders to compare with what was attested.
        hasher: hashes them.
        brought: what else the verifier brings, for B12 to B15.

    Raises:
        LedgerError: LG0201 to LG0210 from the hasher, when it cannot be told what a path is.
    """
    report = BundleReport()
    try:
        bundle = read_bundle(data)
        report.add("B1", [], f"an attestation and {len(bundle.statements)} statements with their proofs")
    except LedgerError as error:
        report.add("B1", [error.message], "")
        report.skip(*list(TITLES)[1:], why="the form of the bundle is wrong")
        return report
    key = keys[0]
    try:
        key = trail.chosen_key(keys, parse_note(bundle.checkpoint, what="the bundle's checkpoint"))
        signed = open_checkpoint(bundle.checkpoint, key, what="the bundle's checkpoint")
        checkpoint = signed.checkpoint
        report.add("B2", [], f"{checkpoint.origin}, size {checkpoint.size}")
    except LedgerError as error:
        report.add("B2", [error.message], "")
        report.skip(*list(TITLES)[2:], why="without a signed checkpoint nothing else means anything")
        return report
    if not report.add("B3", _inclusion(bundle, checkpoint), f"{len(bundle.proofs)} entries are in the log"):
        report.skip(*list(TITLES)[3:], why="a statement is not in the log")
        return report
    by_index = _contents(report, bundle, checkpoint, artifacts, hasher)
    if by_index is None:
        return report
    given = brought or Trail()
    report.take("B12", trail.witnesses(signed.note, given))
    report.take("B13", trail.time(signed.note, bundle.timestamps, given, parse_leaf(bundle.proofs[0].extra or b"").time))
    report.take("B14", trail.last_seen(checkpoint, key, given))
    report.take("B15", trail.revocation(by_index, key, given))
    return report


def _inclusion(bundle: Bundle, checkpoint: Checkpoint) -> list[str]:
    problems = []
    for number, proof in enumerate(bundle.proofs):
        try:
            if proof.checkpoint != bundle.checkpoint:
                raise LedgerError("LG0506", "leads to another checkpoint")
            if proof.extra is None:
                raise LedgerError("LG0506", "has no leaf record")
            check_inclusion(proof.index, checkpoint.size, leaf_hash(proof.extra), proof.hashes, checkpoint.root)
        except LedgerError as error:
            problems.append(f"proof {number}: {error.message}")
    return problems


def _contents(
    report: BundleReport, bundle: Bundle, checkpoint: Checkpoint, artifacts: Sequence[str], hasher: Hasher | None
) -> dict[int, tuple[Envelope, Statement]] | None:
    """B4 to B11; the statements by index, or None when there is nothing more to check."""
    leaves, problems = _leaves(bundle)
    if not report.add("B4", problems, "each leaf record commits to its envelope and payload"):
        report.skip(*list(TITLES)[4:], why="an envelope is not the one in the log")
        return None
    found, problems = _statements(bundle, leaves)
    if not report.add("B5", problems, f"{len(found)} statements"):
        report.skip(*list(TITLES)[5:], why="a statement cannot be read, or does not agree with itself")
        return None
    indexes = [proof.index for proof in bundle.proofs]
    by_index = dict(zip(indexes, zip(bundle.envelopes, found, strict=True), strict=True))
    report.add("B6", _trust(by_index, bundle), "every statement is signed by a key that the key statements here trust at its index")
    attestation = found[0]
    report.predicate, report.index = attestation.predicate, indexes[0]
    if attestation.kind != "attestation":
        report.add("B7", [f"the attestation is a {attestation.kind} statement"], "")
        report.skip(*list(TITLES)[7:], why="there is no attestation")
        return None
    statements = {index: item for index, (_, item) in by_index.items()}
    _attestation(report, statements, indexes[0], bundle, checkpoint)
    _disk(report, statements, attestation, artifacts, hasher)
    return by_index


def _leaves(bundle: Bundle) -> tuple[list[Leaf], list[str]]:
    leaves, problems = [], []
    for number, (envelope, proof) in enumerate(zip(bundle.envelopes, bundle.proofs, strict=True)):
        try:
            leaf = parse_leaf(proof.extra or b"", what=f"leaf record {number}")
        except LedgerError as error:
            problems.append(error.message)
            continue
        leaves.append(leaf)
        if object_id_of(bundle.stored[number]) != leaf.envelope or object_id_of(envelope.payload) != leaf.payload:
            problems.append(f"envelope {number} is not the one that entry {proof.index} commits to")
    if len({proof.index for proof in bundle.proofs}) != len(bundle.proofs):
        problems.append("an entry appears twice")
    later = [proof.index for proof in bundle.proofs[1:]]
    if later != sorted(later):
        problems.append("the statements do not ascend by index")
    return leaves, problems


def _statements(bundle: Bundle, leaves: Sequence[Leaf]) -> tuple[list[Statement], list[str]]:
    found, problems = [], []
    for number, (envelope, leaf) in enumerate(zip(bundle.envelopes, leaves, strict=True)):
        try:
            item = statements_of.parse(envelope.payload, what=f"statement of entry {bundle.proofs[number].index}")
        except LedgerError as error:
            problems.append(error.message)
            continue
        found.append(item)
        texts = (*leaf_problems(leaf, item, [one.keyid for one in envelope.signatures]), *coherence.problems(item))
        problems += [f"entry {bundle.proofs[number].index}: {text}" for text in texts]
    return found, problems


def _trust(by_index: Mapping[int, tuple[Envelope, Statement]], bundle: Bundle) -> list[str]:
    """Fold the key statements in log order and judge each statement where it stands."""
    trust = TrustState()
    problems = []
    for index in sorted(by_index):
        envelope, item = by_index[index]
        if item.kind == "key" and trust.roots is None and index != 0:
            problems.append("the log's first entry, which states the root keys, is not in the bundle")
            break
        try:
            trusted = any(fact.trusted for fact in judge(trust, index, envelope, item))
            if trusted and item.kind == "key":
                trust.apply(key_event_of(item), index)
        except LedgerError as error:
            problems.append(f"entry {index}: {error.message}")
            continue
        if not trusted:
            problems.append(f"entry {index}: no signature by a key that was trusted for it")
    known = [{"keyid": keyid, "scheme": item.public.scheme, "public": item.public.pem} for keyid, item in sorted(trust.keys.items())]
    if list(bundle.keys) != known:
        problems.append("the list of keys is not what the key statements say")
    return problems


def _attestation(report: BundleReport, statements: Mapping[int, Statement], at: int, bundle: Bundle, checkpoint: Checkpoint) -> None:
    said = statements[at].predicate
    release_index = said["release"]["index"]
    problems = attested.release_problems(statements[at], statements.get)
    name = f"{said['release']['name']}@{said['release']['version']}"
    report.add("B7", _of(at, problems), f"{name} and its {len(statements[at].subjects) - 1} artifacts")
    if release_index not in statements or statements[release_index].kind != "release":
        report.skip("B8", "B9", "B10", why="there is no release")
        return
    problems = attested.evidence_problems(statements[at], statements.get) + _beside(statements, at)
    complete = report.add("B8", _of(at, problems), f"all {len(said['statements'])} statements that the verdicts rest on are here")
    report.add("B9", _of(at, _evaluated_at(said["checkpoint"], at, bundle, checkpoint)), _size_words(said, at))
    if complete:
        _evaluate_again(report, said, statements, release_index)
    else:
        report.skip("B10", why="evidence is missing")


def _of(index: int, texts: Sequence[str]) -> list[str]:
    return [f"entry {index}: {text}" for text in texts]


def _size_words(said: Mapping[str, Any], at: int) -> str:
    return f"size {said['checkpoint']['size']}, with which the log of the checkpoint begins; logged as entry {at}"


def _beside(statements: Mapping[int, Statement], at: int) -> list[str]:
    """What is in the bundle and neither evidence nor a key statement before the attestation has no business there."""
    listed = {item["index"] for item in statements[at].predicate["statements"]}
    others = [index for index in statements if index not in listed and index != at]
    return [f"entry {index} is here, and is no evidence" for index in others if statements[index].kind != "key" or index > at]


def _evaluated_at(seen: Mapping[str, Any], at: int, bundle: Bundle, checkpoint: Checkpoint) -> list[str]:
    problems = []
    if seen["origin"] != checkpoint.origin:
        problems.append("it was evaluated in a log of another origin")
    if seen["size"] > at:
        return [*problems, f"it was evaluated at size {seen['size']}, which the log had after it"]
    try:
        check_consistency(seen["size"], checkpoint.size, bytes.fromhex(seen["root"]), checkpoint.root, bundle.consistency)
    except LedgerError as error:
        problems.append(f"the log of the checkpoint does not begin as it was evaluated: {error.message}")
    return problems


def _evaluate_again(report: BundleReport, said: Mapping[str, Any], statements: Mapping[int, Statement], release_index: int) -> None:
    profiles = [(item["profile"], item["digest"]) for item in said["verdicts"]]
    evidence = {item["index"]: statements[item["index"]] for item in said["statements"]}
    try:
        loaded = [load_profile(name) for name, _ in profiles]
        unknown = [name for (name, digest), known in zip(profiles, loaded, strict=True) if known.digest != digest]
    except LedgerError as error:
        report.skip("B10", why=f"{error.message}: the verdicts stand as signed")
        return
    if unknown:
        report.skip("B10", why=f"this version has another text of {', '.join(unknown)}: the verdicts stand as signed")
        return
    again = {
        **said,
        "verdicts": verdicts(release_index, evidence, loaded, texts_of(said)),
        "licenses": license_lines(release_of(evidence[release_index]), evidence),
        "lineage": lineage_summary(evidence[index] for index in sorted(evidence)),
    }
    problems = [] if same_verdicts(said, again) else ["evaluating the profiles again gives other verdicts"]
    if not problems and "policy" in said:
        problems += _policy_again(said, {profile.id: profile for profile in loaded})
    report.add("B10", problems, f"{len(profiles)} profiles give the same{' and so does the policy' if 'policy' in said else ''}")


def _policy_again(said: Mapping[str, Any], profiles: Mapping[str, Profile]) -> list[str]:
    """What a policy comes to, judged again by its content; licence findings rest on more than the evidence, and stand as signed."""
    stated = said["policy"]
    try:
        policy = policy_of(stated["document"], stated["digest"])
        check_profiles(policy, profiles)
        outcome = judge_policy(policy, profiles, said["verdicts"], said["licenses"], stated["findings"])
    except (LedgerError, KeyError, TypeError) as error:
        return [f"its policy cannot be judged again: {error}"]
    return [] if outcome == stated["outcome"] else ["judging the policy again gives another outcome"]


def texts_of(said: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What an attestation says of licence texts; their bytes are not in a bundle, so this stands as signed."""
    return {item["object"]: {"method": item["method"], "ids": item["ids"]} for item in said.get("texts", ())}


def _disk(
    report: BundleReport, statements: Mapping[int, Statement], attestation: Statement, artifacts: Sequence[str], hasher: Hasher | None
) -> None:
    if not artifacts or hasher is None:
        why = "no --artifact PATH was given" if not artifacts else "there is nobody to hash it"
        report.skip("B11", why=f"{why}: nothing on disk was looked at")
        return
    listed = [item["index"] for item in attestation.predicate["statements"]]
    evidence = {index: statements[index] for index in listed if index in statements}
    manifests = {index: manifest_of(item) for index, item in evidence.items() if item.kind == "manifest"}
    problems, good = compare(list(dict.fromkeys(artifacts)), manifests, hasher)
    report.add("B11", problems, f"{'; '.join(good)}; byte for byte")
