"""Model signatures that must not hold: one fault each, made by hand, and the number of the check that finds it.

The classes are those of the specification's conformance suite (ossf/model-signing-spec, conformance/TEST_CASES.md), and what the reference
implementation lets pass.
"""

from __future__ import annotations

import base64
import copy
import json
import sys
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oms import making
from oms.making import CONTENT, NOW, bundle, resources, statement

from ledger.api import ModelReport, verify_model_file
from ledger.clock import FixedClock
from ledger.errors import LedgerError

OTHER = ec.generate_private_key(ec.SECP256R1())
CLOCK = FixedClock(NOW)


def check(folder: Path, value: Any, model: Path, **more: Any) -> ModelReport:
    """Verify against the model on disk, with the key unless something else is brought."""
    file = making.write(folder / "model.sig", value)
    if not {"public_key", "certificate_roots"} & set(more):
        more["public_key"] = making.write(folder / "key.pub", making.pem())
    return verify_model_file(file, model, clock=CLOCK, **more)


def failing(report: ModelReport) -> list[str]:
    return [item.id for item in report.failed]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return making.model(tmp_path / "model")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
@pytest.mark.parametrize("algorithm", ["sha256", "blake2b", "blake3"])
@pytest.mark.parametrize("shard", [None, 7, 10, 64])
def test_a_good_one_holds(curve: Any, algorithm: str, shard: int | None, model: Path, tmp_path: Path) -> None:
    key = ec.generate_private_key(curve)
    how = {"hash_type": algorithm} if shard is None else {"hash_type": algorithm, "method": "shards", "shard_size": shard}
    value = bundle(statement(resources(algorithm=algorithm, shard=shard), **how), key)
    report = check(tmp_path, value, model, public_key=making.write(tmp_path / "own.pub", making.pem(key)))
    assert (report.error(), failing(report), report.untold) == (None, [], [])
    # Every byte counts, in every piece.
    (model / "weights.bin").write_bytes(CONTENT["weights.bin"][:-1] + b"S")
    changed = check(tmp_path, value, model, public_key=tmp_path / "own.pub")
    assert (failing(changed), changed.changed) == (["O6"], ["weights.bin"])


# ---- the file ----


def edited(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    value = bundle(statement())
    change(value)
    return value


def twice(value: dict[str, Any]) -> bytes:
    return json.dumps(value).replace('{"mediaType"', '{"mediaType": "x", "mediaType"', 1).encode()


GOOD = json.dumps(bundle(statement())).encode()
BROKEN: dict[str, Any] = {
    "no bytes": b"",
    "no JSON": GOOD.replace(b"{", b"(", 1),
    "cut": GOOD[:100],
    "bytes behind": GOOD + b"x",
    "not UTF-8": GOOD + b"\xff",
    "a list": b"[]",
    "a member twice": twice(bundle(statement())),
    "no media type": edited(lambda v: v.pop("mediaType")),
    "media type v0.1": edited(lambda v: v.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.1")),
    "media type that is a number": edited(lambda v: v.update(mediaType=3)),
    "a member more": edited(lambda v: v.update(messageSignature={})),
    "no envelope": edited(lambda v: v.pop("dsseEnvelope")),
    "envelope that is a text": edited(lambda v: v.update(dsseEnvelope="x")),
    "no material": edited(lambda v: v.pop("verificationMaterial")),
    "material of no kind": edited(lambda v: v["verificationMaterial"].pop("publicKey")),
    "material of two kinds": edited(lambda v: v["verificationMaterial"].update(certificate={"rawBytes": "AAAA"})),
    "no hint": edited(lambda v: v["verificationMaterial"].update(publicKey={})),
    "an empty hint": edited(lambda v: v["verificationMaterial"].update(publicKey={"hint": ""})),
    "a chain of nothing": edited(lambda v: v.update(verificationMaterial={"x509CertificateChain": {"certificates": []}})),
    "a Sigstore certificate without log entries": edited(lambda v: v.update(verificationMaterial={"certificate": {"rawBytes": "AAAA"}})),
    "log entries that are no list": edited(lambda v: v["verificationMaterial"].update(tlogEntries={})),
    "no signature": edited(lambda v: v["dsseEnvelope"].update(signatures=[])),
    "two signatures": edited(lambda v: v["dsseEnvelope"].update(signatures=v["dsseEnvelope"]["signatures"] * 2)),
    "signatures that are no list": edited(lambda v: v["dsseEnvelope"].update(signatures={"sig": "AAAA"})),
    "a signature without bytes": edited(lambda v: v["dsseEnvelope"]["signatures"][0].pop("sig")),
    "a signature with more": edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(cert="x")),
    "a keyid that is a number": edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(keyid=1)),
    "another payload type": edited(lambda v: v["dsseEnvelope"].update(payloadType="application/json")),
    "no base64": edited(lambda v: v["dsseEnvelope"].update(payload="%%")),
    "base64 with other bits at the end": edited(lambda v: v["dsseEnvelope"].update(payload="e31=")),
    "an envelope with more": edited(lambda v: v["dsseEnvelope"].update(payload2="")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_bundle_fails_o1(name: str, model: Path, tmp_path: Path) -> None:
    report = check(tmp_path, BROKEN[name], model)
    assert failing(report) == ["O1"]
    assert {item.id for item in report.checks if item.result == "pass"} == set()


def test_a_bundle_may_say_less_or_in_another_way(model: Path, tmp_path: Path) -> None:
    for change in (
        lambda v: v["dsseEnvelope"]["signatures"][0].pop("keyid"),
        lambda v: v["dsseEnvelope"]["signatures"][0].update(keyid=None),
        lambda v: v["dsseEnvelope"]["signatures"][0].update(keyid="a hint of somebody's"),
        lambda v: v["verificationMaterial"].pop("tlogEntries"),
        lambda v: v["verificationMaterial"].update(timestampVerificationData={}),
    ):
        assert check(tmp_path, edited(change), model).error() is None


# ---- who signed ----


def test_another_key_fails(model: Path, tmp_path: Path) -> None:
    other = making.write(tmp_path / "other.pub", making.pem(OTHER))
    assert failing(check(tmp_path, bundle(statement()), model, public_key=other)) == ["O2"]
    # The hint is nobody's proof: one that names the key given does not help.
    forged = bundle(statement(), OTHER, {"publicKey": {"hint": making.hashlib.sha256(making.pem()).hexdigest()}})
    report = check(tmp_path, forged, model)
    assert (failing(report), report.signer) == (["O3"], {})


@pytest.mark.parametrize("junk", [b"", b"\0", b"\x30\x06\2\1\1\2\1\1", b"x" * 64, b"x" * 5000])
def test_any_bytes_as_a_signature_fail_o3(junk: bytes, model: Path, tmp_path: Path) -> None:
    value = edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(sig=base64.b64encode(junk).decode()))
    assert failing(check(tmp_path, value, model)) == ["O3"]


def test_a_changed_payload_fails_o3(model: Path, tmp_path: Path) -> None:
    value, other = bundle(statement()), statement()
    other["subject"][0]["name"] = "another"
    value["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(other).encode()).decode()
    assert failing(check(tmp_path, value, model)) == ["O3"]


def test_nothing_given_cannot_be_told(model: Path, tmp_path: Path) -> None:
    report = check(tmp_path, bundle(statement()), model, public_key=None)
    error = report.error()
    assert error is not None and (error.code, error.exit_code) == ("LG1303", 3)
    assert [item.id for item in report.untold] == ["O2", "O3"]


ROOT_KEY, MIDDLE_KEY, LEAF_KEY = (ec.generate_private_key(ec.SECP384R1()) for _ in range(3))
ROOT = making.certificate("root", ROOT_KEY, ca=True)
MIDDLE = making.certificate("middle", MIDDLE_KEY, ("root", ROOT_KEY), ca=True)


def leaf(**more: Any) -> x509.Certificate:
    return making.certificate("leaf", LEAF_KEY, ("middle", MIDDLE_KEY), **more)


def by_chain(*chain: x509.Certificate, key: Any = LEAF_KEY) -> dict[str, Any]:
    return bundle(statement(), key, making.chain_material(*chain))


def test_a_chain_to_a_root_holds(model: Path, tmp_path: Path) -> None:
    roots = making.write(tmp_path / "roots.pem", making.pem_of(making.certificate("another", OTHER, ca=True), ROOT))
    for chain in ((leaf(), MIDDLE), (leaf(), MIDDLE, ROOT)):
        report = check(tmp_path, by_chain(*chain), model, certificate_roots=roots)
        assert (report.error(), report.signer["subject"]) == (None, "CN=leaf")


def test_a_certificate_that_is_itself_what_is_trusted_holds(model: Path, tmp_path: Path) -> None:
    own = making.certificate("leaf", LEAF_KEY)
    roots = making.write(tmp_path / "roots.pem", making.pem_of(ROOT, own))
    assert check(tmp_path, by_chain(own), model, certificate_roots=roots).error() is None
    ended = making.certificate("leaf", LEAF_KEY, ends=NOW - timedelta(days=1))
    making.write(tmp_path / "roots.pem", making.pem_of(ended))
    assert failing(check(tmp_path, by_chain(ended), model, certificate_roots=roots)) == ["O2"]


WEAK = rsa.generate_private_key(65537, 2048)
BAD_CHAINS: dict[str, Callable[[], dict[str, Any]]] = {
    "ended": lambda: by_chain(leaf(ends=NOW - timedelta(days=1)), MIDDLE),
    "not begun": lambda: by_chain(leaf(begins=NOW + timedelta(days=1)), MIDDLE),
    "for clients": lambda: by_chain(leaf(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)), MIDDLE),
    "for nothing in particular": lambda: by_chain(leaf(purposes=None), MIDDLE),
    "for encryption": lambda: by_chain(leaf(signs=False), MIDDLE),
    "without its issuer": lambda: by_chain(leaf()),
    "of another root": lambda: by_chain(making.certificate("leaf", LEAF_KEY, ("root", OTHER)), MIDDLE),
    "signed by itself": lambda: by_chain(making.certificate("leaf", LEAF_KEY)),
    "by an issuer that is no CA": lambda: by_chain(
        leaf(), making.certificate("middle", MIDDLE_KEY, ("root", ROOT_KEY), purposes=(ExtendedKeyUsageOID.CODE_SIGNING,))
    ),
    "by an issuer that ended": lambda: by_chain(
        leaf(), making.certificate("middle", MIDDLE_KEY, ("root", ROOT_KEY), ca=True, ends=NOW - timedelta(days=1))
    ),
    "with a key that is none of a model signature": lambda: bundle(
        statement(), OTHER, making.chain_material(making.certificate("leaf", WEAK, ("middle", MIDDLE_KEY)), MIDDLE)
    ),
    "that is no certificate": lambda: bundle(statement(), LEAF_KEY, {"x509CertificateChain": {"certificates": [{"rawBytes": "AAAA"}]}}),
    "and a key is what was signed with": lambda: bundle(statement()),
}


@pytest.mark.parametrize("name", BAD_CHAINS)
def test_a_certificate_that_does_not_hold_fails_o2(name: str, model: Path, tmp_path: Path) -> None:
    roots = making.write(tmp_path / "roots.pem", making.pem_of(ROOT))
    assert failing(check(tmp_path, BAD_CHAINS[name](), model, certificate_roots=roots)) == ["O2"]


def test_a_certificate_of_somebody_else_s_signature_fails_o3(model: Path, tmp_path: Path) -> None:
    roots = making.write(tmp_path / "roots.pem", making.pem_of(ROOT))
    assert failing(check(tmp_path, by_chain(leaf(), MIDDLE, key=OTHER), model, certificate_roots=roots)) == ["O3"]


def test_a_chain_and_a_key_do_not_go_together(model: Path, tmp_path: Path) -> None:
    assert failing(check(tmp_path, by_chain(leaf(), MIDDLE), model)) == ["O2"]


# ---- what it says ----


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    said = copy.deepcopy(statement())
    change(said)
    return said


def listed(change: Callable[[list[dict[str, Any]]], Any], **how: Any) -> dict[str, Any]:
    """A statement about another list, with the digest of that list."""
    found = resources()
    change(found)
    return statement(found, **how)


def overlapping() -> list[dict[str, Any]]:
    renamed = [{**item, "name": item["name"].replace(":10:20", ":5:20")} for item in resources(shard=10)]
    return sorted(renamed, key=lambda item: item["name"])


LEGACY = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": name, "digest": {"sha256": making.digest(data)}} for name, data in CONTENT.items()],
    "predicateType": "https://model_signing/Digests/v0.1",
    "predicate": {"unused": "Unused, just passed due to API requirements"},
}
STATEMENTS: dict[str, tuple[Any, str]] = {
    "no JSON": (b"x", "O4"),
    "a member twice": (json.dumps(statement()).replace('{"_type"', '{"predicate": {}, "_type"', 1).encode(), "O4"),
    "a list": (b"[]", "O4"),
    "the form before 1.0": (LEGACY, "O4"),
    "another predicate type": (changed(lambda s: s.update(predicateType="https://slsa.dev/provenance/v1")), "O4"),
    "another statement type": (changed(lambda s: s.update(_type="https://in-toto.io/Statement/v0.1")), "O4"),
    "no subject": (changed(lambda s: s.update(subject=[])), "O4"),
    "two subjects": (changed(lambda s: s.update(subject=s["subject"] * 2)), "O4"),
    "a subject without a name": (changed(lambda s: s["subject"][0].update(name="")), "O4"),
    "a root of another hash": (changed(lambda s: s["subject"][0].update(digest={"sha512": "00" * 64})), "O4"),
    "a root that is too short": (changed(lambda s: s["subject"][0].update(digest={"sha256": "00"})), "O4"),
    "a member more": (changed(lambda s: s.update(note="x")), "O4"),
    "a predicate with more": (changed(lambda s: s["predicate"].update(note="x")), "O4"),
    "a serialization with more": (changed(lambda s: s["predicate"]["serialization"].update(note="x")), "O4"),
    "an empty model": (statement([]), "O4"),
    "no method": (changed(lambda s: s["predicate"]["serialization"].pop("method")), "O4"),
    "the method of a draft": (changed(lambda s: s["predicate"]["serialization"].update(method="file-shard-1048576")), "O4"),
    "shards without a size": (changed(lambda s: s["predicate"]["serialization"].update(method="shards")), "O4"),
    "shards of no bytes": (changed(lambda s: s["predicate"]["serialization"].update(method="shards", shard_size=0)), "O4"),
    "files with a shard size": (changed(lambda s: s["predicate"]["serialization"].update(shard_size=10)), "O4"),
    "a hash that is no text": (changed(lambda s: s["predicate"]["serialization"].update(hash_type=[])), "O4"),
    "another hash": (changed(lambda s: s["predicate"]["serialization"].update(hash_type="md5")), "O4"),
    "allow_symlinks that is a text": (changed(lambda s: s["predicate"]["serialization"].update(allow_symlinks="false")), "O4"),
    "ignore_paths that is a text": (changed(lambda s: s["predicate"]["serialization"].update(ignore_paths=".git")), "O4"),
    "a file of another hash": (listed(lambda r: r[0].update(algorithm="blake2b")), "O4"),
    "a digest that is too short": (listed(lambda r: r[0].update(digest="00")), "O4"),
    "a digest in capitals": (changed(lambda s: s["predicate"]["resources"][0].update(digest="AB" * 32)), "O4"),
    "a file without a digest": (changed(lambda s: s["predicate"]["resources"][0].pop("digest")), "O4"),
    "whole files as shards": (statement(method="shards", shard_size=10), "O4"),
    "another root": (changed(lambda s: s["subject"][0].update(digest={"sha256": "00" * 32})), "O5"),
    "files in another order": (listed(lambda r: r.reverse()), "O5"),
    "a file twice": (listed(lambda r: r.insert(0, r[0])), "O5"),
    "an absolute path": (listed(lambda r: r.insert(0, {**r[0], "name": "/etc/passwd"})), "O5"),
    "a path that climbs out": (listed(lambda r: r.insert(0, {**r[0], "name": "../x"})), "O5"),
    "a path with a dot": (listed(lambda r: r.insert(0, {**r[0], "name": "./x"})), "O5"),
    "a path with two slashes": (listed(lambda r: r.insert(0, {**r[0], "name": "a//x"})), "O5"),
    "a path that ends in a slash": (listed(lambda r: r.insert(0, {**r[0], "name": "a/"})), "O5"),
    "a path with a backslash": (listed(lambda r: r.insert(0, {**r[0], "name": "a\\x"})), "O5"),
    "an empty path": (listed(lambda r: r.insert(0, {**r[0], "name": ""})), "O5"),
    "names that differ in case": (listed(lambda r: r.insert(0, {**r[0], "name": "Config.json"})), "O5"),
    "names that differ in Unicode form": (listed(lambda r: r.extend({**r[0], "name": f"x{e}"} for e in ("e\u0301", "\u00e9"))), "O5"),
    "a file called `.` among others": (listed(lambda r: r.insert(0, {**r[0], "name": "."})), "O5"),
    "a shard that is missing": (
        statement([item for item in resources(shard=10) if "weights.bin:30:" not in item["name"]], method="shards", shard_size=10),
        "O5",
    ),
    "shards that overlap": (statement(overlapping(), method="shards", shard_size=10), "O5"),
    "shards of another size": (statement(resources(shard=10), method="shards", shard_size=20), "O5"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_signed_and_makes_no_sense_fails(name: str, model: Path, tmp_path: Path) -> None:
    said, number = STATEMENTS[name]
    report = check(tmp_path, bundle(said), model)
    assert failing(report) == [number]
    assert [item.result for item in report.checks if item.id in {"O6", "O7", "O8"}] == ["not_checked"] * 3


def test_the_form_before_1_0_is_called_by_its_name(model: Path, tmp_path: Path) -> None:
    assert "Digests/v0.1" in check(tmp_path, bundle(LEGACY), model).failed[0].detail


def test_both_orders_are_taken(tmp_path: Path) -> None:
    content = {"a-b": b"1", "a/b": b"2"}
    folder = making.model(tmp_path / "m", content)
    for order in (["a-b", "a/b"], ["a/b", "a-b"]):
        by_name = {item["name"]: item for item in resources(content)}
        assert check(tmp_path, bundle(statement([by_name[name] for name in order])), folder).error() is None


def test_a_resource_may_say_more_than_is_known(model: Path, tmp_path: Path) -> None:
    assert check(tmp_path, bundle(listed(lambda r: r[0].update(uri="https://example.org"))), model).error() is None


# ---- the files ----

SIGNED = bundle(statement())


@pytest.mark.parametrize(
    ("path", "list_", "number"),
    [
        ("new.bin", "extra", "O7"),
        ("sub/.git/config", "extra", "O7"),
        (".gitmodules", "extra", "O7"),
        (".git/config", "hidden", "O8"),
        (".github/evil.py", "hidden", "O8"),
        (".gitattributes", "hidden", "O8"),
    ],
)
def test_a_file_that_was_put_there_fails_unless_it_is_named(path: str, list_: str, number: str, model: Path, tmp_path: Path) -> None:
    making.model(model, {path: b"planted"})
    report = check(tmp_path, SIGNED, model)
    assert (failing(report), getattr(report, list_)) == ([number], [path])
    named = check(tmp_path, SIGNED, model, ignore=[path.split("/")[0] if path.startswith(".") else path])
    assert (named.error(), named.extra, named.hidden) == (None, [], [])


def test_what_the_signer_left_out_fails_unless_it_is_named(model: Path, tmp_path: Path) -> None:
    value = bundle(statement(ignore_paths=[*making.IGNORED, "cache"]))
    making.model(model, {"cache/evil.py": b"planted", "cache2": b"x"})
    report = check(tmp_path, value, model)
    assert (failing(report), report.hidden, report.extra) == (["O7", "O8"], ["cache/evil.py"], ["cache2"])
    assert failing(check(tmp_path, value, model, ignore=["cache"])) == ["O7"]


def test_an_empty_file_is_in_no_shard(model: Path, tmp_path: Path) -> None:
    (model / "__init__.py").write_bytes(b"")
    value = bundle(statement(resources(shard=10), method="shards", shard_size=10))
    assert (failing(report := check(tmp_path, value, model)), report.hidden) == (["O8"], ["__init__.py"])
    assert check(tmp_path, value, model, ignore=["__init__.py"]).error() is None
    assert failing(check(tmp_path, SIGNED, model)) == ["O7"]


def test_the_bundle_itself_may_lie_in_the_model(model: Path, tmp_path: Path) -> None:
    assert check(model, SIGNED, model, public_key=making.write(tmp_path / "k", making.pem())).error() is None
    (model / "copy.sig").write_bytes((model / "model.sig").read_bytes())
    assert check(model, SIGNED, model, public_key=tmp_path / "k").extra == ["copy.sig"]


def test_files_that_are_gone_or_another(model: Path, tmp_path: Path) -> None:
    (model / "config.json").unlink()
    (model / "weights.bin").write_bytes(b"")
    report = check(tmp_path, SIGNED, model)
    assert (failing(report), report.missing, report.changed) == (["O6"], ["config.json"], ["weights.bin"])


def test_no_model_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        check(tmp_path, SIGNED, tmp_path / "nowhere")
    assert caught.value.code == "LG0201"


@pytest.mark.parametrize("target", ["weights.bin", "../outside", "nowhere", "loop", "sub"])
def test_links_are_refused(target: str, model: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"x")
    (model / "loop").symlink_to(target)
    for allowed in (False, True):
        value = bundle(statement(allow_symlinks=allowed))
        for mode in ("refuse", "inside"):
            assert failing(check(tmp_path, value, model, symlinks=mode)) == ["O7"]


def test_a_link_that_was_signed_is_followed_when_asked(model: Path, tmp_path: Path) -> None:
    (model / "link").symlink_to("weights.bin")
    content = {**CONTENT, "link": CONTENT["weights.bin"]}
    for how in ({}, {"hash_type": "blake2b"}):
        value = bundle(statement(resources(content, how.get("hash_type", "sha256")), allow_symlinks=True, **how))
        assert check(tmp_path, value, model, symlinks="inside").error() is None
        assert failing(check(tmp_path, value, model)) == ["O7"]
    forbidden = bundle(statement(resources(content)))
    assert failing(check(tmp_path, forbidden, model, symlinks="inside")) == ["O7"]


@pytest.mark.parametrize(("name", "wrong"), [(".", ["O6"]), ("weights.bin", ["O6", "O7"])])
def test_a_model_that_is_one_file(name: str, wrong: list[str], model: Path, tmp_path: Path) -> None:
    value = bundle(statement([{**resources()[2], "name": name}]))
    assert check(tmp_path, value, model / "weights.bin").error() is None
    assert failing(check(tmp_path, value, model / "config.json")) == wrong


def test_a_signature_of_one_file_is_not_one_of_a_folder(model: Path, tmp_path: Path) -> None:
    assert failing(check(tmp_path, bundle(statement([{**resources()[2], "name": "."}])), model)) == ["O6", "O7"]


def test_a_hash_that_is_not_installed_cannot_be_told(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = bundle(statement(resources(algorithm="blake3"), hash_type="blake3"))
    monkeypatch.setitem(sys.modules, "blake3", None)
    report = check(tmp_path, value, model)
    error = report.error()
    assert error is not None and (error.exit_code, [item.id for item in report.untold]) == (3, ["O6", "O7", "O8"])


SEGMENTS = st.text("aB.-é :", min_size=1, max_size=4).filter(lambda name: name not in {".", ".."})
NAMES = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.dictionaries(NAMES, st.binary(max_size=40), min_size=1, max_size=6),
    algorithm=st.sampled_from(["sha256", "blake2b", "blake3"]),
    shard=st.none() | st.integers(1, 50),
    data=st.data(),
)
def test_any_model_holds_and_any_change_of_it_does_not(
    content: dict[str, bytes], algorithm: str, shard: int | None, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clear = {name: it for name, it in content.items() if not any(other.startswith(f"{name}/") for other in content)}
    if shard is not None:
        clear = {name: it for name, it in clear.items() if it}
    # What differs only in case or Unicode form is refused; that is another test's business.
    clear = dict({unicodedata.normalize("NFC", name.casefold()): (name, it) for name, it in clear.items()}.values())
    folders = {name.rpartition("/")[0] for name in clear}
    assume(clear and len({folder.casefold() for folder in folders}) == len(folders))
    folder = tmp_path_factory.mktemp("any")
    model = making.model(folder / "model", clear)
    how = {"hash_type": algorithm} if shard is None else {"hash_type": algorithm, "method": "shards", "shard_size": shard}
    value = bundle(statement(resources(clear, algorithm, shard), **how))
    assert check(folder, value, model).error() is None
    name = data.draw(st.sampled_from(sorted(clear)))
    changed_to = data.draw(st.binary(max_size=41).filter(lambda other: other != clear[name]))
    (model / name).write_bytes(changed_to)
    report = check(folder, value, model)
    assert (failing(report), report.changed) == (["O6"], [name])
    (model / name).unlink()
    assert check(folder, value, model).missing == ([name] if len(clear) > 1 else [])
