"""Witnesses, from the log's side: cosignatures are asked for before a checkpoint is published, and below the quorum it is not.

A checkpoint that was signed and waits for its quorum stays in `state/checkpoint`; the next writer, or `ledger cosign add`, goes on from
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint
from ledger.log.cosignature import cosigners
from ledger.log.note import Note, NoteSignature
from ledger.log.policy import Policy, shown
from ledger.log.submit import Asked, ask_all
from ledger.log.tiles import TiledTree
from ledger.merkle.tree import consistency_path


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint with the cosignatures that were found, and why others are missing."""

    signed: SignedCheckpoint
    asked: Asked


def with_lines(signed: SignedCheckpoint, lines: Sequence[NoteSignature]) -> SignedCheckpoint:
    """The checkpoint with more signature lines; a key that is there already gets its newer line."""
    new = {(line.name, line.key_id): line for line in lines}
    kept = [line for line in signed.note.signatures if (line.name, line.key_id) not in new]
    return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, (*kept, *new.values())))


def gather(
    signed: SignedCheckpoint, policy: Policy, old: int, tree: TiledTree, timeout_seconds: float, *, everyone: bool = False
) -> Cosigned:
    """Ask the witnesses that have a URL and have not cosigned yet.

    Args:
        old: the size that they probably have.
        everyone: ask those who have cosigned, too: they may have seen more since.

    Raises:
        LedgerError: LG0505 when one of them has cosigned something that this log is not a part of; LG0508 when a line that is there
            already is wrong.
    """
    there = {} if everyone else cosigners(signed.note, policy.keys)
    missing = [witness for name, witness in policy.witnesses.items() if name not in there]
    asked = ask_all(missing, signed, old, lambda first, last: consistency_path(tree.node, first, last), timeout_seconds)
    for name, words in asked.other.items():
        message = f"the log has {signed.checkpoint.size} entries, but witness `{shown(name)}` {words}"
        raise LedgerError("LG0505", message, hint="bring the newer copy back")
    return Cosigned(with_lines(signed, asked.lines), asked)


def check_quorum(cosigned: Cosigned, policy: Policy) -> None:
    """Raise LedgerError LG0510 unless a quorum has cosigned."""
    there = cosigners(cosigned.signed.note, policy.keys)
    if policy.satisfied(there):
        return
    why = "; ".join(f"`{shown(name)}`: {text}" for name, text in cosigned.asked.why.items())
    size = cosigned.signed.checkpoint.size
    raise LedgerError("LG0510", f"the checkpoint of size {size} waits for witnesses: {policy.words(there)}{'; ' + why if why else ''}")
