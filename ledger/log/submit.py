"""Asking witnesses to cosign a checkpoint, over HTTP (C2SP tlog-witness, add-checkpoint)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint
from ledger.log.cosignature import cosigned_at
from ledger.log.note import Note, NoteSignature, parse_signatures
from ledger.log.policy import DEFAULT_TIMEOUT_SECONDS, Witness, shown
from ledger.log.transport import Response, request
from ledger.log.witness import Request

Prover = Callable[[int, int], Sequence[bytes]]
"""The consistency proof between two sizes of the log."""

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n", re.ASCII)
_TRIES = 3


@dataclass(slots=True)
class Asked:
    """What the witnesses answered.

    Attributes:
        lines: valid cosignature lines.
        why: for each witness that did not cosign, why not.
        other: witnesses that have cosigned what this log is not a part of, in words: this copy of the log is an old one, or another.
    """

    lines: list[NoteSignature] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)


def ask_all(
    witnesses: Sequence[Witness], signed: SignedCheckpoint, old: int, prove: Prover, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
) -> Asked:
    """Ask every witness that has a URL, all at once; what one of them does never stops the others.

    Args:
        old: the size that they probably have.
        prove: called in this thread only.
    """
    asked = Asked()
    reachable = [witness for witness in witnesses if witness.url is not None]
    sizes = dict.fromkeys((witness.name for witness in reachable), min(old, signed.checkpoint.size))
    with ThreadPoolExecutor(max_workers=max(1, len(reachable))) as pool:
        for _ in range(_TRIES):
            bodies = {name: _body(signed, size, prove) for name, size in sizes.items()}
            todo = [witness for witness in reachable if witness.name in bodies]
            answers = list(pool.map(_post, todo, [bodies[item.name] for item in todo], [timeout_seconds] * len(todo)))
            sent, sizes = sizes, {}
            for witness, answer in zip(todo, answers, strict=True):
                again = _take(asked, witness, signed, sent[witness.name], answer)
                if again is not None:
                    sizes[witness.name] = again
    for name in sizes:
        asked.why[name] = "it names another size every time"
    return asked


def _body(signed: SignedCheckpoint, old: int, prove: Prover) -> bytes:
    size = signed.checkpoint.size
    proof = tuple(prove(old, size)) if 0 < old < size else ()
    return Request(old, proof, signed.to_bytes()).to_bytes()


def _post(witness: Witness, body: bytes, timeout_seconds: float) -> Response | LedgerError:
    try:
        return request(f"{(witness.url or '').rstrip('/')}/add-checkpoint", body, timeout_seconds=timeout_seconds)
    except LedgerError as error:
        return error


def _take(asked: Asked, witness: Witness, signed: SignedCheckpoint, sent: int, answer: Response | LedgerError) -> int | None:
    """Note one answer; the size to try again with, if the witness named one."""
    if isinstance(answer, LedgerError):
        asked.why[witness.name] = answer.message
        return None
    if answer.status == 200:
        try:
            asked.lines += lines_of(answer.body, witness, signed.note)
        except LedgerError as error:
            asked.why[witness.name] = error.message
        return None
    if answer.status == 422:
        # The proof that it was sent is made from this log's own tiles: it has cosigned something else.
        asked.other[witness.name] = f"does not accept that this log extends the {sent} entries that it has cosigned"
        return None
    match = _SIZE.fullmatch(answer.body) if answer.status == 409 else None
    if match is None:
        asked.why[witness.name] = f"it answers {answer.status}: {ascii(answer.body[:200].decode('utf-8', 'replace').strip())[1:-1]}"
        return None
    size = int(match[1])
    if size > signed.checkpoint.size:
        asked.other[witness.name] = f"has cosigned {size} entries of this log"
        return None
    if size == sent:
        # It agrees about the size, so what it refuses is the root.
        asked.other[witness.name] = f"has cosigned another root of size {size}"
        return None
    return size


def lines_of(data: bytes, witness: Witness, note: Note) -> list[NoteSignature]:
    """The cosignatures of this witness in its answer, each checked; lines of keys that are not known are ignored.

    Raises:
        LedgerError: LG0501 not signature lines, LG0508 a cosignature that is wrong, or none by this witness.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise LedgerError("LG0501", f"the answer of witness `{shown(witness.name)}` is not UTF-8") from None
    found = parse_signatures(text, what=f"the answer of witness `{shown(witness.name)}`")
    mine = [line for line in found if line.name == witness.key.name and line.key_id == witness.key.key_id]
    if cosigned_at(Note(note.text, tuple(mine)), witness.key) is None:
        raise LedgerError("LG0508", f"the answer of witness `{shown(witness.name)}` has no cosignature by its key")
    return mine
