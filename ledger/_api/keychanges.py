"""Who may sign, over time: keys are trusted, retired and revoked by statements that a threshold of root keys signs.

Root keys are seldom on one machine. A change can be written to a file, signed there by one holder after another, and logged when enough
have; and whoever agrees with a statement that is logged can put a signature of their own beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger._api.keyring import KeySources, added
from ledger._api.outputs import Output
from ledger._api.results import Recorded
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.signing import dsse, files
from ledger.signing.dsse import Envelope
from ledger.signing.keys import PrivateKey, PublicKey
from ledger.signing.trust import TrustedKey, TrustState
from ledger.spec import coherence
from ledger.spec import statement as statements
from ledger.spec.key import KeyEvent, key_event_of
from ledger.spec.names import check_name
from ledger.spec.statement import Statement
from ledger.spec.vocabulary import ARTIFACT_KINDS, STATEMENT_KINDS
from ledger.store.commit import Appended, Draft, Store

PathLike = str | os.PathLike[str]
Writer = Callable[[Callable[[Draft], Any], bool], Any]
_SHORTEST_PREFIX = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """An envelope in a file: what it says, who has signed it, and whether that is enough to log it here."""

    path: Path
    kind: str
    says: str
    signers: tuple[str, ...]
    missing: int

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"path": str(self.path), "kind": self.kind, "says": self.says, "signers": list(self.signers), "missing": self.missing}


class KeyChanges:
    """Changes of who may sign one ledger's statements.

    Args:
        write: runs a function on a draft, for real or as a dry run.
        more: further private keys that sign beside the signing key.
    """

    def __init__(self, store: Store, keys: KeySources, write: Writer, more: Sequence[Path] = ()) -> None:
        self._store = store
        self._keys = keys
        self._write = write
        self._more = tuple(more)

    def trust(
        self, pub: PathLike, kinds: Sequence[str] = ("*",), names: Sequence[str] = (), *, out: PathLike | None = None, dry_run: bool = False
    ) -> Recorded | Proposal:
        """A public key may sign statements of these kinds (`*`: all) about these names (none: all) from now on.

        Args:
            names: names, or beginnings of names followed by `*`.
            out: write the statement there for others to sign, and log nothing.

        Raises:
            LedgerError: LG0301 for an unknown kind, LG0306 for what is no name, LG0401, LG0405, LG0410 for the key, LG0415 when too few
                root keys sign.
        """
        known = ("*", *STATEMENT_KINDS, *ARTIFACT_KINDS)
        unknown = [kind for kind in kinds if kind not in known]
        if unknown:
            raise LedgerError("LG0301", f"unknown kind `{unknown[0]}`; known: {', '.join(known)}")
        for name in names:
            if name.removesuffix("*"):
                check_name(name.removesuffix("*"))
            if "*" in name[:-1]:
                raise LedgerError("LG0306", f"`{ascii(name)[1:-1]}` has a `*` that is not at its end", hint="such as granite-*")
        public = files.read_public(Path(pub))
        before = self._trust().keys.get(public.keyid)
        last = before.last if before is not None else None
        event = replace(added(public, tuple(dict.fromkeys(kinds))), names=tuple(dict.fromkeys(names)), after=last)
        return self._change(event, out, dry_run)

    def retire(self, keyid: str, *, out: PathLike | None = None, dry_run: bool = False) -> Recorded | Proposal:
        """A key signs no more; what it has signed stays good. Raises LedgerError LG0901, LG0902 for the key, LG0415, LG0416."""
        return self._end("retire", keyid, None, out, dry_run)

    def revoke(self, keyid: str, reason: str, *, out: PathLike | None = None, dry_run: bool = False) -> Recorded | Proposal:
        """A key signs no more, for a reason that all can read; entries before this one stay as they were judged."""
        if not reason.strip():
            raise LedgerError("LG1201", "a revocation has a reason that others can read")
        return self._end("revoke", keyid, reason, out, dry_run)

    def _end(self, action: str, keyid: str, reason: str | None, out: PathLike | None, dry_run: bool) -> Recorded | Proposal:
        known = self.find(keyid)
        if known.end is not None:
            raise LedgerError("LG0416", f"key {known.public.keyid[:16]}… was {_past(known.action)} at entry {known.end}")
        public = known.public
        event = KeyEvent(action, public.keyid, public.scheme, public.pem, known.kinds, reason, None, known.names, known.last)
        return self._change(event, out, dry_run)

    def find(self, keyid: str) -> TrustedKey:
        """The trusted key with an id, of which 8 digits are enough. Raises LedgerError LG0901, LG0902."""
        wanted = keyid.removeprefix("sha256:").lower()
        found = [item for id, item in self._trust().keys.items() if id.startswith(wanted)] if len(wanted) >= _SHORTEST_PREFIX else []
        if not found:
            raise LedgerError(
                "LG0901", f"no key `{ascii(keyid)[1:-1][:80]}` here", hint="`ledger key list` shows the keys; give 8 digits or more"
            )
        if len(found) > 1:
            raise LedgerError("LG0902", f"{len(found)} keys begin with `{wanted}`", hint="give more digits")
        return found[0]

    def _trust(self) -> TrustState:
        return self._store.index().trust

    def _signers(self) -> list[PrivateKey]:
        """The signing key and the further ones, each once."""
        keys = [self._keys.signing_key(self._store.layout)]
        keys += [files.read_private(path, self._keys.passphrase) for path in self._more]
        return list({key.public.keyid: key for key in keys}.values())

    def _change(self, event: KeyEvent, out: PathLike | None, dry_run: bool) -> Recorded | Proposal:
        statement = event.to_statement()
        keys = self._signers()
        if out is not None:
            envelope = dsse.sign(statement.payload, keys)
            with Output(Path(out)) as file:
                file.write(envelope.to_bytes() + b"\n")
            return self.proposal(Path(out))
        trust = self._trust()
        known = trust.keys.get(event.keyid)
        if event.action == "add" and known is not None and known.end is None and (known.kinds, known.names) == (event.kinds, event.names):
            return Recorded("key", f"sha256:{event.keyid}", event.keyid, None, known.first, True, dry_run=dry_run)
        self._check_threshold(trust, [key.public for key in keys])
        appended: Appended = self._write(lambda draft: draft.add(statement, keys), dry_run)
        return Recorded("key", f"sha256:{event.keyid}", event.keyid, None, appended.index, appended.existing, dry_run=dry_run)

    def _check_threshold(self, trust: TrustState, signers: Sequence[PublicKey]) -> None:
        missing = _missing(trust, signers)
        if missing:
            roots = trust.roots
            needed, count = (roots.threshold, len(roots.public_keys)) if roots else (1, 0)
            raise LedgerError(
                "LG0415",
                f"{needed} of {count} root keys must sign this, and {needed - missing} would",
                hint="name more keys with --key FILE, or write it with --out FILE and let their holders run `ledger sign FILE --key FILE`",
            )

    # --- envelopes in files ----------------------------------------------------------------------

    def proposal(self, path: Path) -> Proposal:
        """What an envelope in a file says and who has signed it. Raises LedgerError LG0406, LG0307, LG0304, LG0308."""
        envelope, statement = _read(path)
        trust = self._trust()
        signers = dsse.valid_signers(envelope, trust.candidates(item.keyid for item in envelope.signatures))
        missing = _missing(trust, signers) if statement.kind == "key" else 0 if signers else 1
        return Proposal(path, statement.kind, _says(statement), tuple(key.keyid for key in signers), missing)

    def sign(self, path: Path) -> Proposal:
        """Put the signing key's signature on an envelope in a file; others' signatures stay. Raises LedgerError as `proposal`, LG0416."""
        envelope, _statement = _read(path)
        have = {key.keyid for key in dsse.valid_signers(envelope, [key.public for key in self._signers()])}
        new = [key for key in self._signers() if key.public.keyid not in have]
        if not new:
            raise LedgerError("LG0416", f"`{path}` has this key's signature already")
        with Output(path) as file:
            file.write(with_signatures(envelope, new).to_bytes() + b"\n")
        return self.proposal(path)

    def submit(self, path: Path, *, dry_run: bool = False) -> Recorded:
        """Log an envelope from a file: a key statement, or a statement that is logged already, with further signatures.

        Raises:
            LedgerError: LG0416 for a new statement of another kind, LG0415, LG0417, LG0408.
        """
        envelope, statement = _read(path)
        if statement.kind == "key":
            trust = self._trust()
            if not trust.in_turn(key_event_of(statement)):
                raise LedgerError("LG0416", f"`{path}` was made before the newest change of this key: it says nothing any more")
            self._check_threshold(trust, dsse.valid_signers(envelope, trust.root_keys()))
        return self._log(envelope, statement, dry_run)

    def countersign(self, index: int, *, dry_run: bool = False) -> Recorded:
        """Put a signature beside those of a logged statement: one new entry, with the same payload and all signatures."""
        entry = self._entry(index)
        have = {key.keyid for key in dsse.valid_signers(entry.envelope, [key.public for key in self._signers()])}
        new = [key for key in self._signers() if key.public.keyid not in have]
        if not new:
            return self._recorded(entry.statement, Appended(index, True, entry.statement.payload_id), dry_run)
        return self._log(with_signatures(entry.envelope, new), entry.statement, dry_run)

    def export(self, index: int, out: PathLike) -> Proposal:
        """Write the envelope of a logged statement to a file, for others to sign."""
        with Output(Path(out)) as file:
            file.write(self._entry(index).envelope.to_bytes() + b"\n")
        return self.proposal(Path(out))

    def _entry(self, index: int) -> Any:
        size = self._store.head().checkpoint.size
        if not 0 <= index < size:
            raise LedgerError("LG0704", f"there is no entry {index}: the log has {size}")
        return self._store.one(index, size)

    def _log(self, envelope: Envelope, statement: Statement, dry_run: bool) -> Recorded:
        appended: Appended = self._write(lambda draft: draft.add_envelope(envelope, statement), dry_run)
        return self._recorded(statement, appended, dry_run)

    def _recorded(self, statement: Statement, appended: Appended, dry_run: bool) -> Recorded:
        subject = statement.subjects[0]
        return Recorded(statement.kind, subject.id, _says(statement), None, appended.index, appended.existing, dry_run=dry_run)


def with_signatures(envelope: Envelope, keys: Sequence[PrivateKey]) -> Envelope:
    """The envelope with one more signature by each key, over the same bytes."""
    more = dsse.sign(envelope.payload, keys, payload_type=envelope.payload_type).signatures
    return Envelope(envelope.payload_type, envelope.payload, (*envelope.signatures, *more))


def _read(path: Path) -> tuple[Envelope, Statement]:
    envelope = dsse.parse(read_input(path, 2 * LIMITS.json_bytes, "the envelope"), what=f"`{path}`")
    statement = statements.parse(envelope.payload, what=f"the statement in `{path}`")
    return envelope, coherence.checked(statement)


def _missing(trust: TrustState, signers: Sequence[PublicKey]) -> int:
    """How many root keys have still to sign."""
    if trust.roots is None:
        return 1
    ders = {key.der for key in trust.roots.public_keys}
    return max(0, trust.roots.threshold - len({key.der for key in signers} & ders))


def _past(action: str) -> str:
    return {"retire": "retired", "revoke": "revoked"}.get(action, action)


def _says(statement: Statement) -> str:
    """A statement in one line, for whoever is to sign it."""
    said = statement.predicate
    if statement.kind != "key":
        return f"{statement.kind} {', '.join(subject.name for subject in statement.subjects[:3])}"
    about = f" about {' '.join(said['names'])}" if said.get("names") else ""
    key = f"{said['key']['scheme']} key {said['key']['keyid'][:16]}…"
    if said["action"] == "add":
        return f"trust the {key} for {' '.join(said['for'])}{about}"
    return f"{said['action']} the {key}{': ' + said['reason'] if said.get('reason') else ''}"
