"""`ledger export oms`, `verify oms` and `import oms`: answers, exit codes, and that what does not hold is not recorded."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commands import ask, contents
from oms import making

from ledger.api import Ledger, LedgerError, export_oms, import_oms, verify_folder


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A model, its signature by hand, and keys, as the paths that commands take."""
    other = making.ec.generate_private_key(making.ec.SECP256R1())
    paths = {
        "model": making.model(tmp_path / "model"),
        "sig": making.write(tmp_path / "model.sig", making.bundle(making.statement())),
        "key": making.write(tmp_path / "key.pub", making.pem()),
        "other": making.write(tmp_path / "other.pub", making.pem(other)),
        "private": making.private(tmp_path / "key.pem", making.KEY),
    }
    return {name: str(path) for name, path in paths.items()}


def test_verify(given: dict[str, str], capsys: Any) -> None:
    asked = ("verify", "oms", given["sig"], "--model", given["model"])
    shown = ask(capsys, *asked, "--public-key", given["key"])
    assert (shown.code, shown.out.splitlines()[-1]) == (0, "the model signature holds")
    good = ask(capsys, *asked, "--public-key", given["key"], "--json").json()["result"]
    root = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _, data in sorted(making.CONTENT.items()))).hexdigest()
    assert good["model"] == {"name": "model", "root": root, "files": 3, "hash_type": "sha256", "method": "files"}
    wrong = ask(capsys, *asked, "--public-key", given["other"], "--json")
    assert (wrong.code, wrong.json()["error"]["check"], wrong.json()["result"]["signer"]) == (1, "O2", None)
    open_ = ask(capsys, *asked, "--json")
    assert (open_.code, open_.json()["error"]["code"]) == (3, "LG1303")
    assert "could NOT tell" in ask(capsys, *asked).out
    Path(given["model"], "new\u202e.bin").write_bytes(b"x")
    extra = ask(capsys, *asked, "--public-key", given["key"])
    assert (extra.code, "\u202e" in extra.out + extra.err) == (1, False)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--public-key", "KEY", "--certificate-roots", "KEY"), "LG1201"),
        (("--public-key", "NOWHERE"), "LG0401"),
        (("--public-key", "SIG"), "LG0401"),
        (("--certificate-roots", "KEY"), "LG1306"),
        (("--certificate-roots", "NOWHERE"), "LG0201"),
        (("--symlinks", "follow"), "LG1201"),
        (("--ignore", "../x"), "LG0209"),
        (("--ignore", "/x"), "LG0209"),
    ],
)
def test_words_that_cannot_be(more: tuple[str, ...], code: str, given: dict[str, str], tmp_path: Path, capsys: Any) -> None:
    words = {"KEY": given["key"], "SIG": given["sig"], "NOWHERE": str(tmp_path / "nowhere")}
    shown = ask(capsys, "verify", "oms", given["sig"], "--model", given["model"], *(words.get(word, word) for word in more), "--json")
    assert (shown.code, shown.json()["error"]["code"]) == (2, code)


def test_a_key_of_another_kind_is_called_so(given: dict[str, str], empty: Ledger, capsys: Any) -> None:
    pub = str(empty.layout.root / "state/keys/signing.pem.pub")
    shown = ask(capsys, "verify", "oms", given["sig"], "--model", given["model"], "--public-key", pub, "--json")
    assert (shown.code, shown.json()["error"]["code"]) == (2, "LG1305")
    empty.record("weights", given["model"], name="m")
    with pytest.raises(LedgerError) as caught:
        export_oms(empty, "m", given["sig"], key=empty.layout.root / "state/keys/signing.pem")
    assert caught.value.code == "LG1305"


def test_export_gives_the_same_bytes_and_needs_none_of_the_model(given: dict[str, str], empty: Ledger, tmp_path: Path, capsys: Any) -> None:
    empty.record("weights", given["model"], name="team/reader", version="1")
    for path in sorted(Path(given["model"]).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    asked = ("export", "oms", "team/reader@1", "--key", given["private"], "--ledger", str(empty.layout.root))
    one, two = str(tmp_path / "1.sig"), str(tmp_path / "2.sig")
    result = ask(capsys, *asked, "--out", one, "--json").json()["result"]
    assert ask(capsys, *asked, "--out", two).code == 0
    assert Path(one).read_bytes() == Path(two).read_bytes()
    assert result["sha256"] == hashlib.sha256(Path(one).read_bytes()).hexdigest()
    making.model(Path(given["model"]))
    assert ask(capsys, "verify", "oms", one, "--model", given["model"], "--public-key", given["key"]).code == 0
    named = ask(capsys, *asked, "--out", one, "--model-name", "other", "--json").json()["result"]
    assert (result["name"], named["name"]) == ("reader", "other")


def test_what_cannot_be_exported(given: dict[str, str], filled: Ledger, tmp_path: Path, capsys: Any) -> None:
    making.model(tmp_path / "git", {".gitignore": b"x", ".github/a": b"y"})
    filled.record("code", tmp_path / "git", name="nothing-else")
    out = tmp_path / "out.sig"
    for ref, code in (("release/reader@1", "LG0901"), ("base", "LG1304"), ("nobody", "LG0901"), ("nothing-else", "LG1304")):
        shown = ask(
            capsys, "export", "oms", ref, "--out", str(out), "--key", given["private"], "--ledger", str(filled.layout.root), "--json"
        )
        assert (ref, shown.code, shown.json()["error"]["code"]) == (ref, 2, code)
        assert not out.exists()


def test_import_records_what_holds(given: dict[str, str], empty: Ledger, capsys: Any) -> None:
    asked = ("import", "oms", given["sig"], "--model", given["model"], "--public-key", given["key"], "--name", "reader", "--version", "1")
    more = ("--license", "Apache-2.0", "--ledger", str(empty.layout.root), "--json")
    before = contents(empty.layout.root)
    dry = ask(capsys, *asked, *more, "--dry-run").json()["result"]
    assert contents(empty.layout.root) == before
    done = ask(capsys, *asked, *more).json()["result"]
    assert {**done, "dry_run": True} == dry
    assert (done["kind"], done["files"], done["hashed_bytes"]) == ("weights", 3, sum(map(len, making.CONTENT.values())))
    assert ask(capsys, *asked, *more).json()["result"]["already_recorded"] is True
    said = empty.show("reader@1")["predicate"]["fields"]["model-signature"]
    assert said["bundle"] == "sha256:" + hashlib.sha256(Path(given["sig"]).read_bytes()).hexdigest()
    key = making.KEY.public_key().public_bytes(making.ser.Encoding.DER, making.ser.PublicFormat.SubjectPublicKeyInfo)
    assert said["signer"] == {"keyid": hashlib.sha256(key).hexdigest()}
    assert [item for item in verify_folder(empty.layout.root, deep=True).checks if item.result == "fail"] == []
    # The model is an artifact like any other: what was recorded without a signature has the same id.
    assert empty.record("weights", given["model"], name="unsigned").id == done["id"]


def test_import_leaves_out_what_is_not_covered(given: dict[str, str], empty: Ledger) -> None:
    model = Path(given["model"])
    inside = making.write(model / "model.sig", json.loads(Path(given["sig"]).read_bytes()))
    making.model(model, {".git/config": b"x", "sub/note[1].txt": b"y", "sub/deep/z": b"z"})
    ignore = [".git", "sub/note[1].txt", "sub/deep/"]
    done = import_oms(empty, inside, model, name="m", public_key=given["key"], ignore=ignore)
    row = empty._index().artifact(done.recorded.id)
    assert sorted(empty._store.tree_files(row.no, row.first_idx)) == sorted(making.CONTENT)
    plain = empty.record("weights", making.model(model.parent / "plain"), name="plain")
    assert plain.id == done.recorded.id


@pytest.mark.parametrize("fault", ["another key", "a changed file", "a planted file", "no key", "another time"])
def test_import_records_nothing_of_what_does_not_hold(fault: str, given: dict[str, str], empty: Ledger, capsys: Any) -> None:
    key: tuple[str, ...] = ("--public-key", given["other" if fault == "another key" else "key"])
    if fault == "a changed file":
        Path(given["model"], "config.json").write_text("[]")
    elif fault == "a planted file":
        making.model(Path(given["model"]), {".github/evil.py": b"x"})
    elif fault == "no key":
        key = ()
    elif fault == "another time":
        ended = making.certificate("leaf", making.KEY, begins=datetime(2026, 1, 1, tzinfo=UTC), ends=datetime(2026, 1, 2, tzinfo=UTC))
        making.write(Path(given["sig"]), making.bundle(making.statement(), making.KEY, making.chain_material(ended)))
        making.write(Path(given["other"]), making.pem_of(ended))
        key = ("--certificate-roots", given["other"])
    before = contents(empty.layout.root)
    asked = ("import", "oms", given["sig"], "--model", given["model"], "--name", "m", "--ledger", str(empty.layout.root), "--json")
    shown = ask(capsys, *asked, *key)
    number = {"another key": "O2", "a changed file": "O6", "a planted file": "O8", "no key": "O2", "another time": "O2"}[fault]
    assert (shown.code, shown.json()["error"]["check"]) == (3 if fault == "no key" else 1, number)
    assert contents(empty.layout.root) == before
