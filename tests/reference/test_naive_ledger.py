"""The product and the naive second reader agree: on good ledgers, on size and root, and that a changed byte is a problem."""

from __future__ import annotations

import hashlib
import random
import re
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs
from reference.naive_ledger import Report, tile_name, verify_ledger

from ledger.api import KeySources, Ledger, make_key, verify_folder
from ledger.clock import FixedClock
from ledger.errors import LedgerError
from ledger.ids import artifact_id
from ledger.spec.manifest import Manifest

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGES = 150


def failing(root: Path) -> list[str]:
    """The product's failing checks of a deep verification; a refusal to look at the folder counts as one."""
    try:
        return [f"{check.id} {check.detail}" for check in verify_folder(root, deep=True).checks if check.result == "fail"]
    except LedgerError as error:
        return [error.message]


def agree(ledger: Ledger) -> Report:
    """Both readers find nothing wrong, the same size and the same root."""
    root = ledger.layout.root
    naive = verify_ledger(root)
    assert naive.problems == []
    assert failing(root) == []
    assert (naive.size, naive.root) == (ledger.checkpoint.size, ledger.checkpoint.root)
    assert verify_folder(root).size == naive.size
    return naive


def append_many(ledger: Ledger, count: int) -> None:
    """Manifests of made-up files, in one commit."""

    def said(number: int):
        digest = hashlib.sha256(b"%d" % number).hexdigest()
        root = hashlib.sha256(f"\0{digest}  {number}".encode()).hexdigest()
        return Manifest("dataset", f"set-{number}", "1", artifact_id(f"file:{digest}"), 1, 3, root).to_statement()

    key, log_key = ledger._signing_key(), ledger._log_key()
    ledger._store.append(lambda draft: [draft.add(said(number), [key]) for number in range(count)], log_key)


def test_a_new_ledger(empty: Ledger) -> None:
    naive = agree(empty)
    assert naive.size == 1
    assert naive.root == hashlib.sha256(b"\0" + naive.leaves[0]).digest()


def test_a_small_release_with_its_attestation(filled: Ledger) -> None:
    assert agree(filled).size == 6
    filled.attest("reader@1")
    assert [entry.leaf["kind"] for entry in agree(filled).entries] == ["key", *["manifest"] * 4, "release", "attestation"]


def test_objects_lie_where_the_format_says(filled: Ledger) -> None:
    said = re.search(r"^(objects/(?:[a-z0-9]+/)*)ab/cd/<hex> ", (ROOT / "docs/spec/format.md").read_text("utf-8"), re.MULTILINE)
    assert said is not None
    root = filled.layout.root
    stored = {path for path in (root / "objects").rglob("*") if path.is_file()}
    assert stored
    assert stored == {root / said[1] / path.name[:2] / path.name[2:4] / path.name for path in stored}


@pytest.mark.parametrize("count", [254, 255, 256, 300, 515])
def test_sizes_about_full_tiles(empty: Ledger, count: int) -> None:
    append_many(empty, count)
    size = count + 1
    assert agree(empty).size == size
    tiles = empty.layout.root / "log/tile"
    assert (tiles / tile_name("entries", 0)).is_file() == (size >= 256)
    assert (tiles / tile_name("0", 0)).is_file() == (size >= 256)
    assert (tiles / tile_name("1", 0, size // 256)).is_file() == (size >= 256)


def test_appends_one_by_one_over_a_tile_boundary(empty: Ledger, inputs: Path) -> None:
    append_many(empty, 254)
    for number in range(3):
        empty.record("document", inputs / "CARD.md", name=f"card-{number}")
        agree(empty)


def test_a_second_key_a_correction_and_names_of_all_kinds(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    for name, kinds in (("any", ["*"]), ("data", ["dataset", "key"]), ("more", ["manifest", "review"])):
        make_key(tmp_path / f"{name}.pem", "ed25519", None)
        filled.trust_key(tmp_path / f"{name}.pem.pub", kinds)
        other = Ledger.open(filled.layout.root, keys=KeySources(signing=tmp_path / f"{name}.pem"), clock=FixedClock(MOMENT))
        other.record("dataset", inputs / "data", name=f"by-{name}", version="1")
    (inputs / "data/test.csv").write_text("7,8\n")
    filled.record("dataset", inputs / "data", name="figures", version="1", supersedes="the test rows were wrong")
    for number, name in enumerate(("größe", "数字", "e\u0301", "\u00e9", "a b", "😀", "-", "a/b", "x'\"\\y")):
        folder = tmp_path / "names" / str(number)
        folder.mkdir(parents=True)
        (folder / (name.replace("/", "-").replace("\\", "-") + ".txt")).write_text(name)
        filled.record("dataset", folder, name=name, version=name.replace("/", "-"), fields={name: [1.5, 1e21, 1e-7, -0.0, None, True]})
    naive = agree(filled)
    assert {"größe", "数字", "😀"} <= {entry.said.get("name") for entry in naive.entries}


def test_a_pipeline_file(empty: Ledger, inputs: Path) -> None:
    (inputs / "pipeline.yaml").write_text(
        "ledger: 1\n"
        "artifacts:\n"
        "  - {kind: weights, name: m, version: '1', path: model, license: Apache-2.0, from: {trained-on: [d@1], built-by: [c]}}\n"
        "  - {kind: dataset, name: d, version: '1', path: data, license: CC-BY-4.0 OR MIT}\n"
        "  - {kind: code, name: c, path: code, license: no such licence}\n"
        "releases:\n"
        "  - {name: m, version: '1', components: {weights: m@1, datasets: [d@1], training-code: c}}\n"
    )
    empty.record_file(inputs / "pipeline.yaml")
    empty.attest("m@1")
    assert agree(empty).size == 6


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger with every kind of published file in it."""
    folder = tmp_path_factory.mktemp("naive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(ledger, make_inputs(folder / "in"))
        ledger.attest("reader@1")
    return ledger


def test_a_changed_byte_is_a_problem_to_both(small: Ledger) -> None:
    root = small.layout.root
    agree(small)
    chosen = random.Random(20261124)
    files = {name: sorted(path for path in (root / name).rglob("*") if path.is_file()) for name in ("log", "objects", "tables")}
    missed = []
    for number in range(CHANGES):
        path = chosen.choice(files[("log", "objects", "tables")[number % 3]])
        data, mode = path.read_bytes(), path.stat().st_mode
        changed = bytearray(data)
        at = chosen.randrange(len(data))
        changed[at] ^= chosen.randrange(1, 256)
        path.chmod(0o600)
        path.write_bytes(changed)
        try:
            found = bool(failing(root)), bool(verify_ledger(root).problems)
        finally:
            path.write_bytes(data)
            path.chmod(mode)
        if found != (True, True):
            missed.append((str(path.relative_to(root)), at, data[at], changed[at], found))
    assert missed == []
    agree(small)


def test_a_missing_file_that_the_size_needs_is_a_problem_to_both(small: Ledger, tmp_path: Path) -> None:
    root, size = small.layout.root, small.size
    needed = [root / "ledger.toml", root / "log/checkpoint", *(root / "log/tile" / tile_name(level, 0, size) for level in ("entries", "0"))]
    naive = verify_ledger(root)
    needed += [path for entry in naive.entries for path in (root / "objects").rglob(entry.leaf["envelope"][7:])]
    assert len(needed) == 4 + size
    for path in needed:
        path.rename(tmp_path / "away")
        try:
            assert failing(root), path
            assert verify_ledger(root).problems, path
        finally:
            (tmp_path / "away").rename(path)
    agree(small)
