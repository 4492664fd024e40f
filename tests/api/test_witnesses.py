"""A ledger and its witnesses, over HTTP and through files: nothing below the quorum is published, and nothing is lost."""

from __future__ import annotations

import base64
import http.client
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from serving import policy_file, served, static, witness_of

from ledger.api import Ledger, LedgerError, Witness, follow, read_policy, verify_bundle_file
from ledger.log.note import VerifierKey
from ledger.log.witness import origin_id, parse_request

BOTH = "group G all a b\nquorum G\n"


def check(checks: list, id: str) -> str:
    return next(item.result for item in checks if item.id == id)


def reopened(ledger: Ledger) -> Ledger:
    return Ledger.open(ledger.layout.root)


def test_a_quorum_over_http(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    b, (key_b,) = witness_of(tmp_path / "b", "example.org/b", empty.log_key)
    with served(a) as url_a, served(b) as url_b:
        policy = policy_file(tmp_path / "policy", {"a": (key_a, url_a), "b": (key_b, url_b + "/")}, BOTH, empty.log_key)
        empty.witnesses.set_policy(policy)
        ledger = reopened(empty)
        for number in range(3):
            (inputs / "data" / "more").write_text(str(number))
            ledger.record("dataset", inputs / "data", name="d", version=str(number))
            standing = ledger.witnesses.standing()
            assert (standing.size, standing.pending, standing.quorum) == (number + 2, False, True)
    report = reopened(ledger).verify(deep=True)
    assert [item.id for item in report.checks if item.result == "fail"] == []
    assert check(report.checks, "L12") == check(report.checks, "L14") == "pass"
    assert [log["size"] for log in a.logs()] == [4]
    assert a.monitored(origin_id(ledger.origin)) is not None


def test_below_the_quorum_nothing_is_published_and_nothing_is_lost(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    b, (key_b,) = witness_of(tmp_path / "b", "example.org/b", empty.log_key)
    with served(a) as url_a, served(b) as url_b:
        closed = url_b
    with served(a) as url_a:
        empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, url_a), "b": (key_b, closed)}, BOTH))
        ledger = reopened(empty)
        published = ledger.layout.checkpoint.read_bytes()
        for _ in range(2):
            with pytest.raises(LedgerError) as caught:
                reopened(ledger).record("dataset", inputs / "data", name="d")
            assert caught.value.code == "LG0510" and "`b`: no answer" in caught.value.message
            assert ledger.layout.checkpoint.read_bytes() == published
            assert reopened(ledger).size == 1
            standing = reopened(ledger).witnesses.standing()
            assert (standing.size, standing.pending, standing.quorum) == (2, True, False)
            assert [item.id for item in reopened(ledger).verify().checks if item.result == "fail"] == ["L12"]
    with served(a) as url_a, served(b) as url_b:
        empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, url_a), "b": (key_b, url_b)}, BOTH))
        done = reopened(ledger).record("dataset", inputs / "data", name="d")
    assert (done.index, done.existing, reopened(ledger).size) == (1, True, 2)


def test_without_a_network(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, None)}, "quorum a\n"))
    ledger = reopened(empty)
    for size in (2, 3):
        (inputs / "data" / "more").write_text(str(size))
        with pytest.raises(LedgerError, match="waits for witnesses"):
            ledger.record("dataset", inputs / "data", name="d", version=str(size))
        if size == 3:
            assert ledger.witnesses.request(tmp_path / "request", 0) == 3
            with pytest.raises(LedgerError, match="409: this witness has size 2") as caught:
                a.cosign_file(tmp_path / "request", tmp_path / "answer")
            assert "--old 2" in (caught.value.hint or "")
        assert ledger.witnesses.request(tmp_path / "request", 0 if size == 2 else 2) == size
        assert a.cosign_file(tmp_path / "request", tmp_path / "answer") == size
        standing = ledger.witnesses.add(tmp_path / "answer")
        assert (standing.size, standing.pending, standing.quorum) == (size, False, True)
    assert reopened(ledger).record("dataset", inputs / "data", name="d", version="3").existing
    with pytest.raises(LedgerError, match="not 9"):
        ledger.witnesses.request(tmp_path / "request", 9)


def test_answers_that_are_none(empty: Ledger, tmp_path: Path) -> None:
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    other, _ = witness_of(tmp_path / "other", "example.org/a", empty.log_key)
    empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, None)}, "quorum a\n"))
    empty.witnesses.request(tmp_path / "request", 0)
    other.cosign_file(tmp_path / "request", tmp_path / "answer")
    with pytest.raises(LedgerError) as caught:
        empty.witnesses.add(tmp_path / "answer")
    assert caught.value.code == "LG0508"
    a.cosign_file(tmp_path / "request", tmp_path / "answer")
    good = (tmp_path / "answer").read_bytes()
    for bad in (b"", b"\xff", good[:-1], good.replace(b"a ", b"a  "), good + good[:9]):
        (tmp_path / "answer").write_bytes(bad)
        with pytest.raises(LedgerError) as caught:
            empty.witnesses.add(tmp_path / "answer")
        assert caught.value.code in {"LG0501", "LG0508"}


def test_a_restored_copy_is_found_by_a_witness(empty: Ledger, inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without memory of the log: the witness remembers for it, and nothing is signed that would be a second history."""
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    with served(a) as url:
        empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, url)}, "quorum a\n"))
        ledger = reopened(empty)
        ledger.record("dataset", inputs / "data", name="one")
        shutil.copytree(ledger.layout.root, tmp_path / "backup")
        ledger.record("code", inputs / "code", name="two")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
        before = (tmp_path / "backup/state/checkpoint").read_bytes()
        with pytest.raises(LedgerError) as caught:
            Ledger.open(tmp_path / "backup").record("code", inputs / "code", name="three")
        assert caught.value.code == "LG0505" and "has cosigned 3 entries" in caught.value.message
        assert (tmp_path / "backup/state/checkpoint").read_bytes() == before


def test_a_fork_is_refused_by_the_witness_and_kept_as_evidence(
    empty: Ledger, inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    shutil.copytree(empty.layout.root, tmp_path / "fork")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "one"))
    empty.record("dataset", inputs / "data", name="one")
    empty.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, None)}, "quorum none\n"))
    empty.witnesses.request(tmp_path / "request", 0)
    a.cosign_file(tmp_path / "request", tmp_path / "answer")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "two"))
    fork = Ledger.open(tmp_path / "fork")
    fork.record("dataset", inputs / "code", name="two")
    fork.witnesses.request(tmp_path / "request", 2)
    with pytest.raises(LedgerError) as caught:
        a.cosign_file(tmp_path / "request", tmp_path / "answer")
    assert caught.value.code == "LG0513" and "another root of size 2" in caught.value.message
    evidence = list((tmp_path / "a/logs").glob("*/conflict-*"))
    assert [path.read_bytes() for path in evidence] == [fork.layout.checkpoint.read_bytes()]
    with served(a) as url:
        fork.witnesses.set_policy(policy_file(tmp_path / "policy", {"a": (key_a, url)}, "quorum none\n"))
        with pytest.raises(LedgerError) as caught:
            Ledger.open(tmp_path / "fork").record("dataset", inputs / "model", name="three")
        assert caught.value.code == "LG0505" and "does not accept" in caught.value.message


def test_a_bundle_is_verified_with_a_policy(filled: Ledger, tmp_path: Path) -> None:
    a, keys = witness_of(tmp_path / "a", "example.org/a", filled.log_key, "ed25519", "ml-dsa-44")
    with served(a) as url:
        policy = policy_file(
            tmp_path / "policy", {"a": (keys[0], url), "pq": (keys[1], url)}, "group G all a pq\nquorum G\n", filled.log_key
        )
        filled.witnesses.set_policy(policy)
        ledger = reopened(filled)
        ledger.attest("reader@1", ["redhat-minimum-2025"], out=tmp_path / "b.json")
    report = verify_bundle_file(tmp_path / "b.json", None, policy=policy, log=ledger.layout.root)
    assert [item.id for item in report.checks if item.result != "pass"] == ["B11"]
    alone = verify_bundle_file(tmp_path / "b.json", ledger.log_key)
    assert [item.id for item in alone.checks if item.result == "not_checked"] == ["B11", "B12", "B13", "B15"]
    _, (other,) = witness_of(tmp_path / "c", "example.org/c", filled.log_key)
    strict = policy_file(tmp_path / "strict", {"a": (keys[0], None), "c": (other, None)}, "group G all a c\nquorum G\n")
    refused = verify_bundle_file(tmp_path / "b.json", ledger.log_key, policy=strict)
    assert [item.id for item in refused.checks if item.result == "fail"] == ["B12"]


def test_a_witness_over_http_refuses_what_is_no_request(empty: Ledger, tmp_path: Path) -> None:
    a, _ = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    with served(a) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)

        def ask(method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()

        assert ask("POST", "/add-checkpoint", b"")[0] == 400
        assert ask("POST", "/add-checkpoint", b"old 0\n\nnonsense")[0] == 400
        assert ask("POST", "/elsewhere", b"x" * 10)[0] == 404
        assert ask("GET", "/add-checkpoint")[0] == 404
        assert ask("GET", "/../keys/ed25519.pem")[0] == 404
        assert ask("GET", "/" + "0" * 64 + "/checkpoint")[0] == 404
        assert ask("PUT", "/add-checkpoint", b"x")[0] == 501
        connection.close()
        assert ask("POST", "/add-checkpoint", b"", Content_Length="99999999999")[0] == 413
        connection.close()
        assert ask("POST", "/add-checkpoint", b"", Content_Length="-1")[0] == 413
        connection.close()


def test_many_requests_at_once_leave_one_history(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    a, _ = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    requests = []
    for number in range(8):
        (inputs / "data" / "more").write_text(str(number))
        empty.record("dataset", inputs / "data", name="d", version=str(number))
        for old in (0, number + 1):
            empty.witnesses.request(tmp_path / "request", old)
            requests.append((tmp_path / "request").read_bytes())
    sizes: list[int] = []

    def ask(data: bytes) -> None:
        status, _, _ = a.answer(data)
        assert status in {200, 409}
        if status == 200:
            sizes.append(int(parse_request(data).checkpoint.split(b"\n")[1]))

    threads = [threading.Thread(target=ask, args=(data,)) for data in requests * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes and a.logs()[0]["size"] == max(sizes), "the record is the largest that was ever cosigned"


def test_a_damaged_record_of_a_witness_stops_it(empty: Ledger, tmp_path: Path) -> None:
    a, _ = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    empty.witnesses.request(tmp_path / "request", 0)
    a.cosign_file(tmp_path / "request", tmp_path / "answer")
    record = next((tmp_path / "a/logs").glob("*/checkpoint"))
    record.write_bytes(b"damaged")
    with pytest.raises(LedgerError, match="checkpoint"):
        a.answer((tmp_path / "request").read_bytes())


def test_extension_lines_are_cosigned_by_the_keys_that_cover_them_alone(tmp_path: Path) -> None:
    """ML-DSA-44 says nothing of extension lines: such a checkpoint gets the other key's line, or is refused and not remembered."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    log = VerifierKey("log.example", key.public_key().public_bytes_raw())
    text = f"log.example\n1\n{base64.b64encode(bytes(32)).decode()}\nextension\n"
    note = f"{text}\n— log.example {base64.b64encode(log.key_id + key.sign(text.encode())).decode()}\n"
    request = f"old 0\n\n{note}".encode()
    both, _ = witness_of(tmp_path / "both", "example.org/both", log.to_text(), "ed25519", "ml-dsa-44")
    status, lines, _ = both.answer(request)
    assert (status, lines.count(b"\n"), both.logs()[0]["size"]) == (200, 1, 1)
    alone, _ = witness_of(tmp_path / "alone", "example.org/alone", log.to_text(), "ml-dsa-44")
    status, why, _ = alone.answer(request)
    assert (status, b"extension lines" in why, alone.logs()[0]["size"]) == (422, True, 0)


def test_following_goes_on_when_the_server_was_away(empty: Ledger, tmp_path: Path) -> None:
    command = "import sys; from ledger_cli.app import main; main()"
    args = ["follow", str(tmp_path / "later"), "--log-key", empty.log_key, "--every", "1"]
    with subprocess.Popen([sys.executable, "-c", command, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None and process.stdout is not None
            assert "looking again" in process.stderr.readline()
            shutil.copytree(empty.layout.root, tmp_path / "copy")
            (tmp_path / "copy").rename(tmp_path / "later")
            assert process.stdout.readline().startswith("ok    F1")
        finally:
            process.kill()


def test_folders_that_are_no_witness(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        Witness(tmp_path)
    assert caught.value.code == "LG0514"
    Witness.create(tmp_path / "w", "example.org/w")
    with pytest.raises(LedgerError) as caught:
        Witness.create(tmp_path / "w", "example.org/w")
    assert caught.value.code == "LG0602"
    for name in ("", "a b", "a+b", "x" * 256):
        with pytest.raises(LedgerError) as caught:
            Witness.create(tmp_path / "v", name)
        assert caught.value.code == "LG0306"
    with pytest.raises(LedgerError) as caught:
        Witness.create(tmp_path / "v", "v", ["rsa"])
    assert caught.value.code == "LG0405"
    for text in ("", "format = 2\nname = 'w'\n", "format = 1\n", "format = 1\nname = 'a b'\n", "\xff"):
        (tmp_path / "w/witness.toml").write_bytes(text.encode("latin-1"))
        with pytest.raises(LedgerError) as caught:
            Witness(tmp_path / "w")
        assert caught.value.code == "LG0514"


# --- following -------------------------------------------------------------------------------------


def failed(report: object) -> list[str]:
    return [item.id for item in report.failed]  # type: ignore[attr-defined]


@pytest.mark.parametrize("over_http", [True, False])
def test_a_log_that_grows_is_followed(empty: Ledger, inputs: Path, over_http: bool, tmp_path: Path) -> None:
    with static(empty.layout.root) as url:
        place = url if over_http else str(empty.layout.root)
        first = follow(place, empty.log_key)
        assert (first.seen, first.size, failed(first)) == (1, 1, [])
        for number in range(300):
            if number in {0, 299}:
                (inputs / "data" / "more").write_text(str(number))
                empty.record("dataset", inputs / "data", name="d", version=str(number))
        again = follow(place, empty.log_key)
        assert (again.size, failed(again)) == (3, [])
        bare = follow(f"{place}/log", empty.log_key)
        assert failed(bare) == []


def test_a_first_contact_reads_everything(filled: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    with static(filled.layout.root) as url:
        found = follow(url, filled.log_key)
        assert (found.seen, found.size, len(found.entries)) == (0, 6, 6)
        assert [item.result for item in found.checks] == ["pass", "not_checked", "not_checked", "pass"]
        assert [item["kind"] for item in found.entries] == ["key", "manifest", "manifest", "manifest", "manifest", "release"]
        assert follow(url, filled.log_key).seen == 6


def test_a_place_that_does_not_answer_is_not_known(empty: Ledger, tmp_path: Path) -> None:
    with static(tmp_path) as url:
        pass
    for place in (url, tmp_path / "nowhere", "ftp://example.org/x", "http://"):
        with pytest.raises(LedgerError) as caught:
            follow(place, empty.log_key)
        assert caught.value.code == "LG0511"


def test_a_policy_is_held_when_following(empty: Ledger, tmp_path: Path) -> None:
    _, (key_a,) = witness_of(tmp_path / "a", "example.org/a", empty.log_key)
    policy = read_policy(policy_file(tmp_path / "policy", {"a": (key_a, None)}, "quorum a\n"))
    assert failed(follow(empty.layout.root, empty.log_key, policy)) == ["F2"]
