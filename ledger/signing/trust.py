"""Who may sign what, judged by log index alone (docs/spec/format.md, section 4).

The state is folded over the key statements of the log in order. Pure: it sees parsed key events and nothing else. A time that a signer
wrote plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.signing.keys import PublicKey, public_from_pem
from ledger.spec.key import KeyEvent

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key and the span of log indexes at which its signatures count: first <= index < end.

    `last` is the index of the newest statement about it.
    """

    public: PublicKey
    first: int
    end: int | None
    kinds: tuple[str, ...]
    action: str = "add"
    names: tuple[str, ...] = ()
    last: int = 0

    def may_sign(self, kind: str, index: int, names: Iterable[str] = ()) -> bool:
        """Whether a statement of this kind (or artifact kind) about these names signed by this key counts at this index."""
        in_time = self.first <= index and (self.end is None or index < self.end)
        return in_time and (EVERYTHING in self.kinds or kind in self.kinds) and all(map(self.may_name, names))

    def may_name(self, name: str) -> bool:
        """Whether the key may sign for a name: one that it was given, or one that begins as it was given before a `*`."""
        return not self.names or any(name.startswith(given[:-1]) if given.endswith(EVERYTHING) else name == given for given in self.names)


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The keys that may change keys, and how many of them must sign."""

    threshold: int
    public_keys: tuple[PublicKey, ...]


@dataclass(slots=True)
class TrustState:
    """The roots and the keys as the log has them after some prefix."""

    roots: RootKeys | None = None
    keys: dict[str, TrustedKey] = field(default_factory=dict)

    def root_keys(self) -> tuple[PublicKey, ...]:
        """The root keys, or none before the first entry."""
        return self.roots.public_keys if self.roots else ()

    def apply(self, event: KeyEvent, index: int) -> None:
        """Take one key statement, whose signatures the caller has checked against the roots, into the state."""
        if event.roots is not None and self.roots is None:
            keys = tuple(public_from_pem(pem, what=f"a root key of entry {index}") for pem in event.roots.pems)
            self.roots = RootKeys(event.roots.threshold, keys)
        public = public_from_pem(event.pem, what=f"the key of entry {index}")
        keyid = public.keyid
        if event.action == "add":
            self.keys[keyid] = TrustedKey(public, index, None, event.kinds, names=event.names, last=index)
        elif keyid in self.keys:
            known = self.keys[keyid]
            self.keys[keyid] = TrustedKey(known.public, known.first, index, known.kinds, event.action, known.names, index)

    def in_turn(self, event: KeyEvent) -> bool:
        """Whether a key statement names the newest one about its key before it: one that was said before is no news."""
        known = self.keys.get(event.keyid)
        return event.after == (None if known is None else known.last)

    def knows(self, key: PublicKey) -> bool:
        """Whether it is one of the keys or roots."""
        known = self.keys.get(key.keyid)
        return (known is not None and known.public == key) or key in self.root_keys()

    def candidates(self, keyids: Iterable[str]) -> tuple[PublicKey, ...]:
        """Keys to try for an envelope: those hinted at first, then all others, roots included."""
        hinted = [self.keys[keyid].public for keyid in keyids if keyid in self.keys]
        others = [item.public for item in self.keys.values() if item.public not in hinted]
        return tuple(dict.fromkeys([*hinted, *others, *self.root_keys()]))


def allowed(
    state: TrustState, signers: Iterable[PublicKey], kinds: Iterable[str], index: int, names: Iterable[str] = ()
) -> tuple[PublicKey, ...]:
    """The signers that count for a statement of any of these kinds, about all of these names, at this index."""
    wanted, about = tuple(kinds), tuple(names)
    found = []
    for key in signers:
        known = state.keys.get(key.keyid)
        if known is not None and any(known.may_sign(kind, index, about) for kind in wanted):
            found.append(key)
    return tuple(found)


def roots_agree(state: TrustState, signers: Iterable[PublicKey]) -> bool:
    """Whether the threshold of root keys is among the signers; a threshold counts distinct public keys."""
    if state.roots is None:
        return False
    ders = {key.der for key in state.roots.public_keys}
    return len({key.der for key in signers} & ders) >= state.roots.threshold
