"""Ledgers with many trees, made without files on disk: what recording would have put into the log and the tables."""

from __future__ import annotations

import hashlib
from array import array
from pathlib import Path

from conftest import MOMENT, ORIGIN

from ledger.api import Ledger
from ledger.clock import FixedClock
from ledger.ids import artifact_id
from ledger.merkle.tree import root
from ledger.spec.manifest import Manifest
from ledger.store.commit import Draft, Store
from ledger.store.fs import Fs
from ledger.store.segments import file_table

Tree = dict[str, bytes]
"""Path → content."""


def new(folder: Path) -> Ledger:
    return Ledger.init(folder, ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))


def tree_id(tree: Tree) -> str:
    """As docs/spec/format.md, section 1, has it."""
    lines = [hashlib.sha256(body).hexdigest().encode() + b"  " + path.encode() + b"\n" for path, body in sorted(tree.items())]
    return "tree:" + hashlib.sha256(b"".join(lines)).hexdigest()


def add_tree(draft: Draft, ledger: Ledger, name: str, tree: Tree) -> int:
    """Put a tree into a draft; returns its index."""
    paths = sorted(path.encode() for path in tree)
    bodies = [tree[path.decode()] for path in paths]
    digests = [hashlib.sha256(body).digest() for body in bodies]
    lines = [digest.hex().encode() + b"  " + path for path, digest in zip(paths, digests, strict=True)]
    sizes = array("q", [len(body) for body in bodies])
    said = Manifest("dataset", name, "1", artifact_id(tree_id(tree)), len(tree), sum(sizes), root(lines).hex()).to_statement()
    rows = lambda number, idx: file_table(number, idx, paths, b"".join(digests), sizes)  # noqa: E731
    return draft.add(said, [ledger._signing_key()], files=rows).index


def append(ledger: Ledger, trees: dict[str, Tree], fs: Fs | None = None) -> None:
    """Append trees by name, in one batch."""
    store = Store(ledger.layout.root, fs=fs, clock=FixedClock(MOMENT))
    store.append(lambda draft: [add_tree(draft, ledger, name, tree) for name, tree in trees.items()], ledger._log_key())


def small_tree(number: int, files: int = 2) -> Tree:
    """A tree that no other number gives, with one file that all have."""
    return {"same": b"same"} | {f"f{place}": b"%d %d" % (number, place) for place in range(files)}


def problems(ledger: Ledger) -> list[str]:
    """What `verify --deep` finds."""
    return [f"{check.id} {check.detail}" for check in ledger.verify(deep=True).checks if check.result == "fail"]
