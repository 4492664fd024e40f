"""Timestamps that lie beside the log: `timestamps/<size>-<16 hex of its SHA-256>.tsr` (docs/spec/format.md, section 6).

They are evidence of when a checkpoint existed, published with the ledger, and never the truth: without them the ledger is the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.clock import posix_words
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.checkpoint import Checkpoint, SignedCheckpoint
from ledger.log.cosignature import cosigners
from ledger.merkle.tree import EMPTY_ROOT, range_hash
from ledger.signing.timestamps import judge
from ledger.store.fs import TEMPORARY, read_file
from ledger.store.layout import Layout
from ledger.store.reader import Reader

_NAME = re.compile(r"(0|[1-9][0-9]{0,18})-([0-9a-f]{16})\.tsr", re.ASCII)
MOST_IN_BUNDLE = 16


@dataclass(frozen=True, slots=True)
class TimeFound:
    """The outcome of L14."""

    problems: tuple[str, ...] = ()
    good: str = ""
    skipped: str = ""


def text_at(reader: Reader, size: int) -> bytes:
    """The text of this log's checkpoint of a size, which is what tokens are over. Raises LedgerError LG0704 beyond the published size."""
    head = reader.head()
    if size == head.checkpoint.size:
        return head.note.text.encode("utf-8")
    if size > head.checkpoint.size:
        raise LedgerError("LG0704", f"the log has {head.checkpoint.size} entries, not {size}")
    root = range_hash(reader.tree(head.checkpoint.size).node, 0, size) if size else EMPTY_ROOT
    return Checkpoint(head.checkpoint.origin, size, root).to_text().encode("utf-8")


def keep(reader: Reader, size: int, data: bytes) -> Path:
    """Keep a token durably. Raises LedgerError LG0605, LG0606, LG0618."""
    path = reader.layout.timestamps / f"{size}-{hashlib.sha256(data).hexdigest()[:16]}.tsr"
    reader.fs.write(path, data)
    reader.fs.sync_folders()
    return path


def kept(layout: Layout) -> tuple[dict[int, list[bytes]], list[str]]:
    """The tokens by size, each size's in the order of their SHA-256, and what is wrong with files that should be tokens."""
    found: dict[int, list[bytes]] = {}
    problems = []
    for path in sorted(layout.timestamps.iterdir()) if layout.timestamps.is_dir() else ():
        if path.name.startswith(TEMPORARY):
            continue  # of a writer that ended early
        match = _NAME.fullmatch(path.name)
        shown = f"`timestamps/{ascii(path.name)[1:-1]}`"
        if match is None:
            problems.append(f"{shown} is not the name of a timestamp")
            continue
        data = read_file(path) or b""
        if hashlib.sha256(data).hexdigest()[:16] != match[2] or len(data) > LIMITS.timestamp_bytes:
            problems.append(f"{shown} does not have the digest in its name")
            continue
        found.setdefault(int(match[1]), []).append(data)
    for tokens in found.values():
        tokens.sort(key=lambda item: hashlib.sha256(item).digest())
    return found, problems


def for_bundle(layout: Layout, size: int) -> list[bytes]:
    """The tokens over the checkpoint of exactly this size, as many as a bundle takes."""
    return kept(layout)[0].get(size, [])[:MOST_IN_BUNDLE]


def time_of(reader: Reader, head: SignedCheckpoint, roots: Sequence[Any], now: int | None) -> TimeFound:
    """L14: by when all entries existed, from a quorum of witnesses or from a timestamp over the published checkpoint."""
    tokens, problems = kept(reader.layout)
    said, whys, older = [], [], ""
    size = head.checkpoint.size
    for at in sorted(tokens) if roots else ():
        try:
            judged = judge(tokens[at], text_at(reader, at), roots, now)
        except LedgerError as error:
            problems.append(f"timestamp of size {at}: {error.message}")
            continue
        problems += [f"size {at}: {text}" for text in judged.problems]
        if judged.earliest is not None and at == size:
            said.append(judged.earliest.words())
        elif judged.earliest is not None:
            older = f"the first {at} entries existed by {judged.earliest.words()}"
        elif judged.why:
            whys.append(judged.why)
    if tokens and not roots:
        whys.append(f"{sum(map(len, tokens.values()))} timestamps and no --tsa-root PEM to check them with")
    seconds = _quorum_time(reader, head)
    if seconds is not None:
        said.append(f"{posix_words(seconds)}, say a quorum of witnesses")
    if problems:
        return TimeFound(tuple(problems))
    if said:
        return TimeFound(good=f"all entries existed by {'; and by '.join(said)}")
    why = "; ".join([*dict.fromkeys(whys), *([older] if older else [])]) or "no timestamp"
    return TimeFound(
        skipped=f"time unproven: {why}, and no quorum of cosignatures with a time; when entries were made is the operator's word"
    )


def _quorum_time(reader: Reader, head: SignedCheckpoint) -> int | None:
    policy = reader.config.policy
    try:
        return policy.quorum_time(cosigners(head.note, policy.keys))
    except LedgerError:
        return None
