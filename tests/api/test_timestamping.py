"""Timestamps over the checkpoint: asked for, kept beside the log, carried in bundles, and counted in B13 and L14."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import ask
from peers import openssl
from reference.naive_bundle import verify_bundle as naive_bundle
from serving import static
from timestamping import Authority, granted, serving

from ledger import canon
from ledger.api import Ledger, LedgerError, LogTimestamps, verify_bundle_file, verify_folder

PROFILES = ["mot-2026-05"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


def check(report: Any, id: str) -> tuple[str, str]:
    return next((item.result, item.detail) for item in report.checks if item.id == id)


def text_of(ledger: Ledger) -> bytes:
    """The checkpoint's signed text, read as C2SP has it and not by the product."""
    return ledger.layout.checkpoint.read_bytes().split(b"\n\n")[0] + b"\n"


def test_attest_asks_keeps_and_packs(filled: Ledger, authority: Authority, tmp_path: Path) -> None:
    out = tmp_path / "b.json"
    with serving(authority.answer) as url:
        filled.attest("reader@1", PROFILES, out=out, tsa=url)
    (kept,) = filled.layout.timestamps.iterdir()
    assert kept.name.startswith(f"{filled.size}-") and kept.suffix == ".tsr"
    bundle = json.loads(out.read_text())
    assert [base64.b64decode(item) for item in bundle["timestamps"]] == [kept.read_bytes()]
    (tmp_path / "text").write_bytes(text_of(filled))
    assert "Verification: OK" in openssl(tmp_path, "ts", "-verify", "-in", kept, "-data", "text", "-CAfile", authority.pem)
    assert naive_bundle(out.read_bytes(), filled.log_key) == []
    result, detail = check(verify_bundle_file(out, filled.log_key, tsa_roots=[authority.pem]), "B13")
    assert result == "pass" and "says CN=tests TSA" in detail
    result, detail = check(verify_bundle_file(out, filled.log_key), "B13")
    assert result == "not_checked" and "1 timestamps and no --tsa-root PEM" in detail
    assert check(filled.verify(tsa_roots=[authority.pem]), "L14")[0] == "pass"
    assert check(filled.verify(), "L14")[0] == "not_checked"


def test_a_bundle_without_timestamps_is_as_before(filled: Ledger, tmp_path: Path, authority: Authority) -> None:
    filled.attest("reader@1", PROFILES, out=tmp_path / "b.json")
    assert "timestamps" not in json.loads((tmp_path / "b.json").read_text())
    result, detail = check(verify_bundle_file(tmp_path / "b.json", filled.log_key, tsa_roots=[authority.pem]), "B13")
    assert result == "not_checked" and detail.startswith("time unproven: no timestamp, and no witness policy; ")


def test_wrong_timestamps_fail_b13(filled: Ledger, tmp_path: Path, authority: Authority) -> None:
    filled.attest("reader@1", PROFILES, out=tmp_path / "b.json")
    bundle = json.loads((tmp_path / "b.json").read_text())
    other = Authority(tmp_path / "other")
    good = authority.stamp(text_of(filled))

    def asked(*tokens: bytes, root: Path = authority.pem) -> tuple[str, str]:
        bundle["timestamps"] = [base64.b64encode(item).decode() for item in tokens]
        (tmp_path / "x.json").write_bytes(canon.canonical(bundle))
        return check(verify_bundle_file(tmp_path / "x.json", filled.log_key, tsa_roots=[root]), "B13")

    assert asked(good)[0] == "pass"
    assert asked(authority.stamp(text_of(filled) + b"\n"))[0] == "fail"
    assert asked(good[:-5])[0] == asked(b"garbage")[0] == asked(granted(b""))[0] == "fail"
    assert asked(good, root=other.pem) == ("fail", "no timestamp is by an authority whose certificate leads to a root given")


def test_the_order_and_form_in_a_bundle_are_held_by_both_readers(filled: Ledger, tmp_path: Path, authority: Authority) -> None:
    for _ in range(2):
        with serving(authority.answer) as url:
            LogTimestamps(filled).ask(url)
    filled.attest("reader@1", PROFILES)
    with serving(authority.answer) as url:
        for _ in range(2):
            filled.attest("reader@1", PROFILES, out=tmp_path / "b.json", tsa=url)
    bundle = json.loads((tmp_path / "b.json").read_text())
    assert len(bundle["timestamps"]) == 2
    one, two = bundle["timestamps"]
    for wrong in ([two, one], [one, one], [], [""], ["AB=="], ["AAAA"] * 17, ["A" * 87388], ["AAA"], ["AAAA\n"], None, "AAAA"):
        bundle["timestamps"] = wrong
        data = canon.canonical(bundle)
        (tmp_path / "x.json").write_bytes(data)
        assert check(verify_bundle_file(tmp_path / "x.json", filled.log_key), "B1")[0] == "fail", wrong
        assert naive_bundle(data, filled.log_key)[0].startswith("B1"), wrong


def test_through_files_and_after_the_log_has_grown(filled: Ledger, tmp_path: Path, authority: Authority) -> None:
    stamps = LogTimestamps(filled, [authority.pem])
    asked = stamps.request(tmp_path / "query")
    (tmp_path / "answer").write_bytes(authority.answer((tmp_path / "query").read_bytes()))
    filled.release("small", "1", [("weights", "reader@1")])
    with pytest.raises(LedgerError) as caught:
        stamps.add(tmp_path / "answer")
    assert caught.value.code == "LG1403" and not filled.layout.timestamps.exists()
    done = stamps.add(tmp_path / "answer", asked.size)
    assert done.checked and done.path.is_file()
    result, detail = check(filled.verify(tsa_roots=[authority.pem]), "L14")
    assert result == "not_checked" and f"the first {asked.size} entries existed by {done.time}" in detail
    with pytest.raises(LedgerError) as caught:
        stamps.add(tmp_path / "answer", filled.size + 1)
    assert caught.value.code == "LG0704"


def test_what_lies_beside_the_log_is_looked_at(filled: Ledger, tmp_path: Path, authority: Authority) -> None:
    with serving(authority.answer) as url:
        path = LogTimestamps(filled).ask(url).path
    root, good = filled.layout.root, path.read_bytes()
    assert check(verify_folder(root), "L14")[0] == "not_checked"
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert "digest in its name" in check(verify_folder(root), "L14")[1]
    path.write_bytes(good)
    (path.parent / "notes.txt").write_text("x")
    assert check(verify_folder(root), "L14")[0] == "fail"
    (path.parent / "notes.txt").unlink()
    shutil.copy(path, path.with_name(path.name.replace(f"{filled.size}-", "1-")))
    assert check(verify_folder(root, tsa_roots=[authority.pem]), "L14")[0] == "fail"


def test_an_authority_that_answers_badly(filled: Ledger, authority: Authority) -> None:
    stamps = LogTimestamps(filled, [authority.pem])
    stale = authority.stamp(text_of(filled))
    for answer in (lambda _: b"garbage", lambda _: b"", lambda _: stale, lambda request: authority.answer(request)[:-1]):
        with serving(answer) as url, pytest.raises(LedgerError) as caught:
            stamps.ask(url)
        assert caught.value.code == "LG1403"
    with static(filled.layout.objects) as url, pytest.raises(LedgerError) as caught:
        stamps.ask(url)  # a web server that takes no POST
    assert caught.value.code == "LG1402"
    # By now nobody listens there.
    with pytest.raises(LedgerError) as caught:
        stamps.ask(url)
    assert caught.value.code == "LG0511"
    with pytest.raises(LedgerError) as caught:
        filled.attest("reader@1", PROFILES, tsa=url)
    assert caught.value.code == "LG0511" and not filled.layout.timestamps.exists()


def test_the_command_line(
    filled: Ledger, tmp_path: Path, authority: Authority, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    root = ("--tsa-root", str(authority.pem))
    with serving(authority.answer) as url:
        said = ask(capsys, "timestamp", "--tsa", url, *root)
        assert said.code == 0 and "says CN=tests TSA" in said.out and "NOT checked" not in said.out
        said = ask(capsys, "timestamp", "--tsa", url)
        assert said.code == 0 and "NOT checked" in said.out
        bundle = str(tmp_path / "b.json")
        assert ask(capsys, "attest", "reader@1", "--out", bundle, "--tsa", url, "--fail-on", "never").code == 0
    assert ask(capsys, "verify", "--require", "L14", *root).code == 0
    assert ask(capsys, "verify", "--require", "L14").code == 3
    assert ask(capsys, "verify", "bundle", bundle, "--log-key", filled.log_key, "--require", "B13", *root).code == 0
    assert ask(capsys, "verify", "bundle", bundle, "--log-key", filled.log_key, "--tsa-root", bundle).code == 2
    assert ask(capsys, "timestamp", "--tsa", "http://x", "--add", "y").code == 2
    assert ask(capsys, "timestamp", "--request", str(tmp_path / "q"), "--size", "3").code == 2
