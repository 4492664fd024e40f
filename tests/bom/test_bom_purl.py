"""Package URLs: texts with the parts that the specification gives them, and packageurl-python as a second reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata
from validators import validate

from ledger.bom.purl import Purl, PurlError, parse_purl

GOOD = {
    "pkg:npm/foobar@12.3.1": Purl("npm", "foobar", (), "12.3.1"),
    "pkg:npm/%40angular/animation@12.3.1": Purl("npm", "animation", ("@angular",), "12.3.1"),
    "pkg:golang/google.golang.org/genproto#googleapis/api/annotations": Purl(
        "golang", "genproto", ("google.golang.org",), None, {}, ("googleapis", "api", "annotations")
    ),
    "pkg:docker/customer/dockerimage@sha256%3A244fd47e07d1004f0aed9c?repository_url=gcr.io": Purl(
        "docker", "dockerimage", ("customer",), "sha256:244fd47e07d1004f0aed9c", {"repository_url": "gcr.io"}
    ),
    "pkg:generic/acme/corpus-a@rev-1?checksum=sha256:ca97&download_url=https://x.example/a": Purl(
        "generic", "corpus-a", ("acme",), "rev-1", {"checksum": "sha256:ca97", "download_url": "https://x.example/a"}
    ),
    "pkg:huggingface/acme/granite@0123abcd": Purl("huggingface", "granite", ("acme",), "0123abcd"),
    "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?classifier=sources": Purl(
        "maven", "batik-anim", ("org.apache.xmlgraphics",), "1.9.1", {"classifier": "sources"}
    ),
    # Readers leave out slashes after the colon, and read types in any case.
    "pkg://PyPI/django@1.11.1": Purl("pypi", "django", (), "1.11.1"),
    "pkg:generic/a%C3%A9": Purl("generic", "aé"),
    "pkg:generic/a?x=b%26c": Purl("generic", "a", (), None, {"x": "b&c"}),
}
# What packageurl-python reads in spite of it is marked: it repairs.
BAD = {
    "": False,
    "pkg:": False,
    "pkg:npm": False,
    "pkg:/npm": False,
    "pkg:npm/": False,
    "npm/foobar": False,
    "PKG:pypi/django": False,
    "huggingface/acme/x": False,
    "pkg:0a/x": False,
    "pkg:n&m/x": False,
    "pkg:generic/a b": True,
    "pkg:generic/a\n": True,
    "pkg:generic/é": True,
    "pkg:generic/a%2": True,
    "pkg:generic/a%zz": True,
    "pkg:generic/%ff": True,
    "pkg:generic/a?x": True,
    "pkg:generic/a?x=": True,
    "pkg:generic/a?x=1&x=2": True,
    "pkg:generic/a?X=1": True,
    "pkg:generic/a?=1": True,
    "pkg:generic/a@": True,
    "pkg:generic/a@1@2": True,
    "pkg:npm/@angular/animation@1": True,
    "pkg:generic/a?b=1?c=2": True,
    "pkg:generic/a//b": True,
    "pkg:generic/x%2Fy/b": True,
    "pkg:generic/a#../b": True,
    "pkg:generic/a#b//c": True,
    "pkg:generic/a?": True,
    "pkg:generic/a#": True,
    "pkg:generic/" + "a" * 5000: True,
}


@pytest.mark.parametrize("text", GOOD)
def test_good_ones_have_their_parts(text: str) -> None:
    assert parse_purl(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_bad_ones_are_refused_with_a_reason(text: str) -> None:
    with pytest.raises(PurlError, match=r"^[a-z].+") as error:
        parse_purl(text)
    assert "\n" not in str(error.value)


def test_another_reader_agrees(tmp_path: Path) -> None:
    (tmp_path / "texts.json").write_text(json.dumps([*GOOD, *BAD]))
    (said,) = validate("accepted", "purl", tmp_path / "texts.json")
    found = dict(zip([*GOOD, *BAD], said, strict=True))
    for text, wanted in GOOD.items():
        type_, namespace, name, version, subpath, qualifiers = found[text]
        assert type_ == wanted.type and name == wanted.name and version == wanted.version, text
        assert (namespace or "") == "/".join(wanted.namespace) and (subpath or "") == "/".join(wanted.subpath), text
        assert qualifiers == wanted.qualifiers, text
    # It refuses nothing that we take, and of what we refuse it takes what it can repair.
    assert {text for text in BAD if isinstance(found[text], list)} <= {text for text, repaired in BAD.items() if repaired}


def test_the_purls_of_the_conformance_documents_are_read() -> None:
    found = set()
    for path in refdata("cyclonedx", "conformance", "1.7").glob("valid-*.json"):
        waiting = [json.loads(path.read_bytes())]
        for value in waiting:
            waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            if isinstance(value, dict) and isinstance(value.get("purl"), str):
                found.add(value["purl"])
    assert len(found) >= 5
    assert all(parse_purl(text).name for text in found)


@given(st.text(max_size=60) | st.from_regex(r"pkg:[a-z@%#?&=/:.0-9]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_purl(text)
    except PurlError:
        return
    assert found.type and found.name
    assert text.startswith("pkg:")
