"""RFC 3161 tokens: what is accepted was made by OpenSSL, and each thing that can be wrong with one is refused."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from peers import openssl
from timestamping import STAMPING, Authority, Holder, der, granted, holder, info

from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.signing.timestamps import check, examine, judge, make_request

TEXT = b"example.org/log\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
THEN = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


def by(folder: Path, root: Holder, signer: Holder) -> Authority:
    return Authority(folder / signer.certificate.serial_number.to_bytes(20, "big").hex(), root=root, signer=signer)


def sha1_signed(folder: Path, authority: Authority) -> Holder:
    """The authority's certificate once more, signed over SHA-1, which the Python library does not do."""
    (folder / "extensions").write_text("extendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:FALSE\n")
    key = authority.root.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "root.key").write_bytes(key)
    signer = authority.folder / "signer.key"
    openssl(folder, "req", "-new", "-key", signer, "-subj", "/CN=weak", "-out", "request.pem")
    issuing = ("-CA", authority.pem, "-CAkey", "root.key", "-set_serial", "7", "-sha1", "-days", "9000", "-extfile", "extensions")
    openssl(folder, "x509", "-req", "-in", "request.pem", *issuing, "-out", "weak.pem")
    return Holder(x509.load_pem_x509_certificate((folder / "weak.pem").read_bytes()), authority.signer.key)


def refusal(data: bytes, roots: list[x509.Certificate], text: bytes = TEXT) -> str:
    with pytest.raises(LedgerError) as caught:
        print(check(data, text, roots))  # shown when it is accepted
    assert caught.value.code == "LG1403"
    return caught.value.message


def test_an_answer_of_openssl_holds_and_openssl_agrees(authority: Authority, tmp_path: Path) -> None:
    asked = make_request(TEXT)
    (tmp_path / "query").write_bytes(asked.data)
    shown = openssl(tmp_path, "ts", "-query", "-in", "query", "-text")
    assert "Hash Algorithm: sha256" in shown and f"Nonce: 0x{asked.nonce:X}" in shown.replace("0x0", "0x")
    answer = authority.answer(asked.data)
    stamp = check(answer, TEXT, [authority.root.certificate], asked.nonce)
    assert stamp is not None and stamp.authority == "CN=tests TSA" and stamp == examine(answer, TEXT, asked.nonce)
    (tmp_path / "answer").write_bytes(answer)
    (tmp_path / "text").write_bytes(TEXT)
    said = openssl(tmp_path, "ts", "-verify", "-in", "answer", "-data", "text", "-CAfile", authority.pem)
    assert "Verification: OK" in said


def test_a_nonce_of_another_request_is_refused(authority: Authority) -> None:
    one, other = make_request(TEXT), make_request(TEXT)
    answer = authority.answer(one.data)
    with pytest.raises(LedgerError, match="nonce"):
        check(answer, TEXT, [authority.root.certificate], other.nonce)


def test_the_stated_accuracy_counts(authority: Authority) -> None:
    """2 s, 300 ms, 1 µs (RFC 3161, section 2.4.2): the text existed by the last moment that is meant."""
    accuracy = der(0x30, b"\x02\x01\x02", der(0x80, b"\x01\x2c"), der(0x81, b"\x01"))
    stamp = check(granted(authority.token(info(TEXT, THEN, accuracy=accuracy))), TEXT, [authority.root.certificate])
    assert stamp is not None and stamp.time == datetime(2026, 11, 20, 12, 0, 3, tzinfo=UTC)


def test_what_it_is_over(authority: Authority) -> None:
    roots = [authority.root.certificate]
    assert "something else" in refusal(authority.stamp(b"other"), roots)
    assert "something else" in refusal(granted(authority.token(info(TEXT, THEN, digest="sha512"))), roots)
    assert "hash that is not accepted" in refusal(authority.stamp(TEXT, THEN, digest="sha1"), roots)


def test_the_signer(authority: Authority, tmp_path: Path) -> None:
    root = authority.root
    roots = [root.certificate]
    code, ca = ExtendedKeyUsageOID.CODE_SIGNING, by(tmp_path, root, holder("x", root, ca=True, purposes=[STAMPING]))
    for signer in (
        holder("none", root),
        holder("code", root, purposes=[code]),
        holder("both", root, purposes=[STAMPING, code]),
        holder("soft", root, purposes=[STAMPING], critical=False),
    ):
        assert "not for timestamps, critically and alone" in refusal(by(tmp_path, root, signer).stamp(TEXT, THEN), roots)
    assert "certificate authority" in refusal(ca.stamp(TEXT, THEN), roots)
    weak = by(tmp_path, root, sha1_signed(tmp_path, authority))
    assert "signed over sha1" in refusal(weak.stamp(TEXT, THEN), roots)


def test_validity_is_that_of_the_stated_time(authority: Authority, tmp_path: Path) -> None:
    root = authority.root
    roots = [root.certificate]
    ended = by(tmp_path, root, holder("ended", root, purposes=[STAMPING], end=datetime(2026, 1, 1, tzinfo=UTC)))
    assert check(ended.stamp(TEXT, datetime(2025, 6, 1, tzinfo=UTC)), TEXT, roots) is not None
    assert "expired" in refusal(ended.stamp(TEXT, THEN), roots)
    later = by(tmp_path, root, holder("later", root, purposes=[STAMPING], start=datetime(2026, 11, 21, tzinfo=UTC)))
    assert "not yet valid" in refusal(later.stamp(TEXT, THEN), roots)
    old = holder("old root", ca=True, end=datetime(2026, 1, 1, tzinfo=UTC))
    below = by(tmp_path, old, holder("below", old, purposes=[STAMPING]))
    assert "expired" in refusal(below.stamp(TEXT, THEN), [old.certificate])


def test_the_chain(authority: Authority, tmp_path: Path) -> None:
    """Certificates in the token lead on, and are no anchors; an end entity vouches for nobody."""
    root = authority.root
    middle = holder("middle", root, ca=True)
    under = by(tmp_path, middle, holder("under", middle, purposes=[STAMPING]))
    assert check(under.stamp(TEXT, THEN, more=[middle]), TEXT, [root.certificate]) is not None
    assert check(under.stamp(TEXT, THEN), TEXT, [root.certificate]) is None
    other = holder("tests TSA root", ca=True)
    assert check(authority.stamp(TEXT, THEN), TEXT, [other.certificate]) is None
    stranger = by(tmp_path, other, holder("tests TSA", other, purposes=[STAMPING]))
    assert check(stranger.stamp(TEXT, THEN, more=[other, root]), TEXT, [root.certificate]) is None
    no_ca = holder("no ca", root)
    below = by(tmp_path, no_ca, holder("below", no_ca, purposes=[STAMPING]))
    refusal(below.stamp(TEXT, THEN, more=[no_ca]), [root.certificate])
    ended = holder("ended", root, ca=True, end=datetime(2026, 1, 1, tzinfo=UTC))
    below = by(tmp_path, ended, holder("below", ended, purposes=[STAMPING]))
    assert "expired" in refusal(below.stamp(TEXT, THEN, more=[ended]), [root.certificate])


def test_a_signature_by_somebody_else(authority: Authority, tmp_path: Path) -> None:
    """A certificate of the honest authority's issuer and number, and the honest one beside it."""
    honest = authority.signer.certificate
    fake_root = holder("tests TSA root", ca=True)
    fake = by(tmp_path, fake_root, holder("tests TSA", fake_root, purposes=[STAMPING], serial=honest.serial_number))
    roots = [authority.root.certificate]
    assert "2 certificates of its signer" in refusal(fake.stamp(TEXT, THEN, more=[authority.signer]), roots)
    data = authority.stamp(TEXT, THEN)
    assert "signature is wrong" in refusal(data[:-1] + bytes([data[-1] ^ 1]), roots)


def test_status_garbage_and_size(authority: Authority) -> None:
    roots = [authority.root.certificate]
    token = authority.token(info(TEXT, THEN))
    assert "did not grant" in refusal(granted(token, 2), roots)
    assert "did not grant" in refusal(granted(token, 1), roots)
    data = granted(token)
    for wrong in (b"", b"garbage", data + b"x", data[:-1], data[: len(data) // 2], granted(b""), token, b"\x30" * 5000):
        refusal(wrong, roots)
    assert "more than" in refusal(data + b"x" * LIMITS.timestamp_bytes, roots)


def test_judging_several(authority: Authority, tmp_path: Path) -> None:
    mine, other = authority.stamp(TEXT, THEN), Authority(tmp_path / "other").stamp(TEXT, THEN)
    roots = [authority.root.certificate]
    assert [stamp.authority for stamp in judge([mine, other], TEXT, roots).stamps] == ["CN=tests TSA"]
    assert judge([mine, other], TEXT, roots).problems == ()
    assert len(judge([other], TEXT, roots).problems) == len(judge([mine, b"garbage"], TEXT, roots).problems) == 1
    assert (judge([mine], TEXT, []).stamps, judge([], TEXT, roots).why) == ((), "no timestamp")
    ahead = judge([mine], TEXT, roots, int(THEN.timestamp()) - 301)
    assert (ahead.problems, ahead.stamps) == ((), ()) and "still to come" in ahead.why
    assert len(judge([mine], TEXT, roots, int(THEN.timestamp()) - 300).stamps) == 1


def test_without_the_library_nothing_is_a_pass(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    data = authority.stamp(TEXT, THEN)
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    found = judge([data], TEXT, [authority.root.certificate])
    assert (found.problems, found.stamps) == ((), ()) and "needs the timestamps extra" in found.why
    with pytest.raises(LedgerError) as caught:
        make_request(TEXT)
    assert caught.value.code == "LG1401"


@pytest.fixture(scope="module")
def good(authority: Authority) -> bytes:
    return authority.stamp(TEXT, THEN)


@given(st.data())
def test_whatever_the_bytes_only_our_error_comes_out(authority: Authority, good: bytes, data: st.DataObject) -> None:
    """And what is still accepted says what the authority signed: the same time, by the same signer."""
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(good)), st.integers(0, len(good))))
    try:
        found = check(bytes(changed[:cut]), TEXT, [authority.root.certificate])
    except LedgerError as error:
        assert error.code == "LG1403" and len(error.message) < 500
    else:
        assert found is None or (found.time, found.authority) == (THEN, "CN=tests TSA")
