"""Key statements: a key is added, retired or revoked (docs/spec/format.md, sections 3 and 4).

The first entry of a log is a key statement that also states the root keys and their threshold, so that whoever
trusts the log's key needs nothing else to know who may sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.spec.coherence import checked
from ledger.spec.statement import Statement, Subject, build


@dataclass(frozen=True, slots=True)
class Roots:
    """The keys that may change keys, as PEM, and how many of them must sign."""

    threshold: int
    pems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One change of who may sign.

    Attributes:
        action: `add`, `retire` (good until now) or `revoke` (with a reason).
        kinds: kinds of statement or of artifact that the key may sign; `*` is everything.
        names: names, or beginnings of names that end in `*`, that it may sign for; none is every name.
        after: log index of the newest statement about the same key, none for the first one: so that nobody can say it a second time.
    """

    action: str
    keyid: str
    scheme: str
    pem: str
    kinds: tuple[str, ...] = ("*",)
    reason: str | None = None
    roots: Roots | None = None
    names: tuple[str, ...] = ()
    after: int | None = None

    def to_statement(self) -> Statement:
        """The statement; its subject is the key. Raises LedgerError LG0304, LG0308."""
        predicate: dict[str, Any] = {
            "action": self.action,
            "key": {"keyid": self.keyid, "scheme": self.scheme, "public": self.pem},
            "for": list(self.kinds),
        }
        if self.after is not None:
            predicate["after"] = self.after
        if self.names:
            predicate["names"] = list(self.names)
        if self.reason is not None:
            predicate["reason"] = self.reason
        if self.roots is not None:
            predicate["roots"] = {"threshold": self.roots.threshold, "keys": list(self.roots.pems)}
        return checked(build("key", [Subject(f"{self.scheme} key", f"sha256:{self.keyid}")], predicate))


def key_event_of(statement: Statement) -> KeyEvent:
    """Read a key statement that has passed its schema."""
    said = statement.predicate
    roots = said.get("roots")
    return KeyEvent(
        action=said["action"],
        keyid=said["key"]["keyid"],
        scheme=said["key"]["scheme"],
        pem=said["key"]["public"],
        kinds=tuple(said["for"]),
        names=tuple(said.get("names", ())),
        after=said.get("after"),
        reason=said.get("reason"),
        roots=Roots(roots["threshold"], tuple(roots["keys"])) if roots else None,
    )
