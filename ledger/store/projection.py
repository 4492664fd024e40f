"""From log entries to table rows: a pure fold, the same when entries are appended and when a verifier derives the tables again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.clock import parse_rfc3339
from ledger.ids import ArtifactId
from ledger.log.leaf import Leaf
from ledger.signing.dsse import Envelope, pae
from ledger.signing.keys import PublicKey
from ledger.signing.trust import TrustState, allowed, roots_agree
from ledger.spec.key import key_event_of
from ledger.spec.manifest import Manifest, manifest_of
from ledger.spec.release import release_of
from ledger.spec.statement import Statement
from ledger.store.index import ArtifactRow, Index, NameRow

Rows = dict[str, list[tuple[Any, ...]]]
REVIEWED = "review"
"""Where a concluded licence was read."""


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """What is known of one signature of an envelope."""

    public: PublicKey | None
    trusted: bool


@dataclass(slots=True)
class Projection:
    """Folds entries into rows, keeping the index that later entries need."""

    index: Index
    rows: Rows = field(default_factory=dict)

    def entry(
        self,
        idx: int,
        leaf_bytes: bytes,
        leaf: Leaf,
        envelope: Envelope,
        statement: Statement,
        facts: Sequence[SignatureFact] | None = None,
    ) -> None:
        """Take one entry. Its objects have been checked; its signatures are judged here.

        Args:
            facts: what `judge` says of its signatures, when that was asked already.

        Raises:
            LedgerError: LG0106, LG0105 before anything was taken; LG04xx for a key statement whose key cannot be one.
        """
        moment = parse_rfc3339(leaf.time).replace(tzinfo=None)
        payload = bytes.fromhex(leaf.payload[7:])
        if facts is None:
            facts = judge(self.index.trust, idx, envelope, statement)
        handlers = {
            "manifest": self._manifest,
            "release": self._release,
            "key": self._key,
            "attestation": self._attestation,
            "review": self._review,
        }
        handler = handlers.get(statement.kind)
        if handler is not None:
            handler(idx, statement, any(fact.trusted for fact in facts))
        self._add("entries", idx, leaf_bytes, leaf.kind, moment, bytes.fromhex(leaf.envelope[7:]), payload, leaf.predicate_type)
        self._add("statements", idx, statement.payload.decode("utf-8"))
        for position, fact in enumerate(facts):
            keyid = bytes.fromhex(fact.public.keyid) if fact.public else None
            scheme = fact.public.scheme if fact.public else None
            self._add("signatures", idx, position, keyid, scheme, fact.public is not None, fact.trusted)
        self.index.add_payload(payload, idx, frozenset(fact.public.keyid for fact in facts if fact.public))
        self.index.size, self.index.last_time = idx + 1, leaf.time

    def _add(self, table: str, *values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def _artifact(self, idx: int, row: ArtifactRow) -> ArtifactRow:
        known = self.index.artifact(row.id)
        if known is not None:
            return known
        added = self.index.add_artifact(row)
        form, _, digits = row.id.partition(":")
        what = (row.kind, row.name, row.version, row.files, row.bytes, row.first_idx, row.verified)
        self._add("artifacts", idx, added.no, bytes.fromhex(digits), form, *what)
        return added

    def _input(self, idx: int, id: ArtifactId, reference: Mapping[str, str] | None) -> ArtifactRow:
        said = reference or {}
        unseen = ArtifactRow(-1, str(id), None, said.get("name", ""), said.get("version"), None, None, None, False, idx)
        return self._artifact(idx, unseen)

    def _name(self, idx: int, row: ArtifactRow, kind: str, name: str, version: str | None, supersedes: Mapping[str, str] | None) -> None:
        reason = supersedes["reason"] if supersedes else None
        self._add("names", idx, row.no, kind, name, version, reason)
        self.index.add_name(NameRow(idx, kind, name, version, row.id, reason))

    def _manifest(self, idx: int, statement: Statement, _trusted: bool) -> None:
        manifest = manifest_of(statement)
        row = self._artifact(
            idx,
            ArtifactRow(
                -1, str(manifest.id), manifest.kind, manifest.name, manifest.version, manifest.files, manifest.bytes, idx, True, idx
            ),
        )
        self._name(idx, row, manifest.kind, manifest.name, manifest.version, manifest.supersedes)
        for position, claim in enumerate(license_claims(manifest)):
            self._add("licenses", idx, position, row.no, *claim)
        for position, edge in enumerate(manifest.inputs):
            source = self._input(idx, edge.input, edge.reference)
            self._add("edges", idx, position, row.no, source.no, edge.relation)

    def _release(self, idx: int, statement: Statement, _trusted: bool) -> None:
        release = release_of(statement)
        new = ArtifactRow(-1, statement.payload_id, "release", release.name, release.version, None, None, idx, True, idx)
        row = self._artifact(idx, new)
        self._name(idx, row, "release", release.name, release.version, release.supersedes)
        for position, component in enumerate(release.components):
            part = self._input(idx, component.artifact, component.reference or {"name": component.name})
            self._add("components", idx, position, row.no, component.role, part.no)

    def _key(self, idx: int, statement: Statement, trusted: bool) -> None:
        event = key_event_of(statement)
        self._add("keys", idx, bytes.fromhex(event.keyid), event.action, event.scheme, " ".join(event.kinds))
        if trusted:
            self.index.trust.apply(event, idx)

    def _attestation(self, idx: int, statement: Statement, _trusted: bool) -> None:
        release = self.index.artifact(statement.predicate["release"]["id"])
        if release is None:
            return
        position = 0
        for verdict in statement.predicate["verdicts"]:
            own = {"rule": "", "result": verdict["result"], "reason": ""}
            for rule in (own, *verdict["rules"]):
                self._add("verdicts", idx, position, release.no, verdict["profile"], rule["rule"], rule["result"], rule["reason"])
                position += 1

    def _review(self, idx: int, statement: Statement, _trusted: bool) -> None:
        concluded = statement.predicate.get("concluded")
        if concluded is None:
            return
        known = [self.index.artifact(subject.id) for subject in statement.subjects]
        for position, row in enumerate(row for row in known if row is not None):
            said = (concluded["expression"], concluded["normalized"], REVIEWED, None)
            self._add("licenses", idx, position, row.no, "concluded", *said)


def license_claims(manifest: Manifest) -> list[tuple[Any, ...]]:
    """(basis, expression, normalized, source, object) of each licence claim of a manifest."""
    declared = [("declared", item.expression, item.normalized, item.source, None) for item in manifest.declared]
    detected = [("detected", None, "NOASSERTION", item.path, bytes.fromhex(item.object[7:])) for item in manifest.detected]
    return [*declared, *detected]


def wanted_kinds(statement: Statement) -> tuple[str, ...]:
    """The names under which a key may have been trusted for this statement."""
    artifact_kind = statement.predicate.get("kind") if statement.kind == "manifest" else None
    return (statement.kind, artifact_kind) if isinstance(artifact_kind, str) else (statement.kind,)


def wanted_names(statement: Statement) -> tuple[str, ...]:
    """The names that a statement is about, for keys that may sign for some names only (docs/spec/format.md, section 4)."""
    said = statement.predicate
    if statement.kind in {"manifest", "release"}:
        return (str(said["name"]),)
    if statement.kind == "attestation":
        return (str(said["release"]["name"]),)
    return tuple(dict.fromkeys(subject.name.partition("@")[0] for subject in statement.subjects))


def judge(
    trust: TrustState, idx: int, envelope: Envelope, statement: Statement, signers: Sequence[PublicKey | None] | None = None
) -> list[SignatureFact]:
    """For each signature: which known key verifies it, and whether that key counts for this statement at this index."""
    state = trust
    if statement.kind == "key" and trust.roots is None:
        # The first entry brings the roots that sign it; the log's key vouches for them.
        state = TrustState(None, dict(trust.keys))
        state.apply(key_event_of(statement), idx)
    if signers is None:
        keys = state.candidates(item.keyid for item in envelope.signatures)
        message = pae(envelope.payload_type, envelope.payload)
        found = [next((key for key in keys if key.verifies(item.sig, message)), None) for item in envelope.signatures]
    else:
        found = [key if key is not None and state.knows(key) else None for key in signers]
    in_turn = statement.kind != "key" or trust.in_turn(key_event_of(statement))
    return weighed(state, idx, found, statement.kind, wanted_kinds(statement), wanted_names(statement), in_turn=in_turn)


def weighed(
    state: TrustState,
    idx: int,
    found: Sequence[PublicKey | None],
    kind: str,
    kinds: Sequence[str],
    names: Sequence[str],
    *,
    in_turn: bool = True,
) -> list[SignatureFact]:
    """Which of the keys that signed a statement count for it at this index.

    Args:
        found: for each signature the key that verifies it, or None.
        kinds: what `wanted_kinds` gives; `names` what `wanted_names` gives.
        in_turn: of a key statement, whether it is the next one about its key.
    """
    signers = [key for key in found if key is not None]
    if kind == "key":
        good = set(state.root_keys()) & set(signers) if in_turn and roots_agree(state, signers) else set()
    else:
        good = set(allowed(state, signers, kinds, idx, names))
    return [SignatureFact(key, key is not None and key in good) for key in found]
