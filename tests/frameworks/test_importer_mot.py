"""Reading records of the Model Openness Tool: what is taken, what is refused, and that nothing but `LedgerError` escapes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.errors import LedgerError
from ledger.importers.mot import ROLE_OF, read_model
from ledger.spec.vocabulary import ROLES

RECORD = b"""
framework: {name: Model Openness Framework, version: '1.0', date: '2024-12-15'}
release:
  name: Demo
  version: 1.0
  producer: Somebody
  license:
    distribution: {name: Apache-2.0, path: ''}
    code: {name: '', path: ''}
    data:
    songs: {name: MIT}
  components:
    - {name: Model architecture}
    - {name: Model parameters (Final), license: mit, component_path: 'https://example.org/w'}
    - {name: Datasets, license: unlicensed}
    - {name: Model card, license: ''}
    - {name: Model Card, license: MIT}
    - {name: Research paper, license: Undisclosed, component_path: ''}
"""


def test_what_is_taken():
    facts = read_model(RECORD)
    assert (facts.name, facts.version) == ("Demo", "1.0")
    assert facts.id.startswith("sha256:")
    assert [(item.role, item.availability, item.unlicensed) for item in facts.components] == [
        ("architecture", "claimed", False),
        ("weights", "referenced", False),
        ("datasets", "claimed", True),
        ("model-card", "claimed", True),
        ("research-paper", "claimed", False),
    ]
    weights = facts.components[1].license
    assert (weights.expression, weights.normalized, weights.basis) == ("mit", "MIT", "registry")
    assert weights.evidence[0].pointer == "/release/components/1/license"
    assert [item.pointer for item in facts.components[1].evidence] == ["/release/components/1", "/release/components/1/component_path"]
    assert facts.components[4].license.normalized == "NOASSERTION"
    assert facts.components[0].license is None
    assert {key: fact.expression for key, fact in facts.release_licenses.items()} == {"distribution": "Apache-2.0"}
    assert facts.unresolved == ("/release/license/songs", "/release/components/4/name")
    assert facts.remarks == (
        ("/release/components/1/license", "`mit` is another spelling of MIT"),
        ("/release/components/5/license", "`Undisclosed` says that the licence is not known, and names none"),
    )


def test_a_json_entry_has_the_same_shape():
    facts = read_model(json.dumps({"name": "x", "license": [], "components": [{"name": "Datasets", "license": None}]}).encode())
    assert facts.components[0].evidence[0].pointer == "/components/0"
    assert facts.components[0].license is None
    assert not facts.components[0].unlicensed


@pytest.mark.parametrize(
    ("text", "normalized", "remark"),
    [
        ("MIT", "MIT", None),
        ("MIT OR Apache-2.0", "Apache-2.0 OR MIT", None),
        ("LicenseRef-gemma", "LicenseRef-gemma", None),
        ("NOASSERTION", "NOASSERTION", None),
        ("Apache 2.0", "Apache-2.0", "is another spelling of Apache-2.0"),
        ("apache-2.0", "Apache-2.0", "is another spelling of Apache-2.0"),
        ("Apache-2.0 ", "Apache-2.0", "is another spelling of Apache-2.0"),
        ("MIT license", "MIT", "is another spelling of MIT"),
        (
            "Creative Commons Attribution Non Commercial Share Alike 4.0",
            "CC-BY-NC-SA-4.0",
            "is another spelling of CC-BY-NC-SA-4.0",
        ),
        ("BSD 3-Clause", "BSD-3-Clause", "is another spelling of BSD-3-Clause"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0", "is the address of Apache-2.0"),
        ("https://example.org/mit", "NOASSERTION", "is an address, not a licence"),
        ("OpenRAIL", "NOASSERTION", "names a family of licences, and not which of them"),
        ("Undisclosed", "NOASSERTION", "says that the licence is not known, and names none"),
        ("License  not specified", "NOASSERTION", "says that the licence is not known, and names none"),
        ("Component not include.", "NOASSERTION", "says that the component is not included, and names no licence"),
        ("Component Component not included", "NOASSERTION", "says that the component is not included, and names no licence"),
        ("mc4, cc100, wikipedia, EleutherAI/pile", "NOASSERTION", "names data sets, not a licence"),
        ('datasets with "mit"', "NOASSERTION", "names data sets, not a licence"),
        ("Proprietary", "NOASSERTION", "names no licence"),
        ("CodeFuse COMMUNITY LICENSE ", "NOASSERTION", "is no SPDX id, and no name of a licence that is known"),
        ("Apache 2.0 (model weights only)", "NOASSERTION", "is no SPDX id, and no name of a licence that is known"),
        ("BigScience-BLOOM-RAIL-1.0", "NOASSERTION", "is no SPDX id, and no name of a licence that is known"),
    ],
)
def test_what_a_licence_field_says(text, normalized, remark):
    data = json.dumps({"name": "x", "components": [{"name": "Datasets", "license": text}]}).encode()
    facts = read_model(data)
    said = facts.components[0].license
    # The string stays as it is: the tool compares it letter by letter.
    assert (said.expression, said.normalized) == (text, normalized)
    assert facts.remarks == (() if remark is None else (("/components/0/license", f"`{text}` {remark}"),))


@pytest.mark.parametrize("text", ["BSD-3", "BSD-2", "BSD 3", "bsd-3", "CC-BY", "GPL", "LGPL"])
def test_the_beginning_of_several_ids_is_none_of_them(text):
    facts = read_model(json.dumps({"name": "x", "components": [{"name": "Datasets", "license": text}]}).encode())
    assert facts.components[0].license.normalized == "NOASSERTION"
    ((pointer, remark),) = facts.remarks
    assert pointer == "/components/0/license"
    assert remark == f"`{text}` is no SPDX id; several ids of the list begin with it"
    # As the SPDX list itself has it.
    listed = json.loads(refdata("spdx-license-list", "licenses.json").read_bytes())["licenses"]
    assert sum(item["licenseId"].lower().startswith(text.lower().replace(" ", "-") + "-") for item in listed) > 1


def test_remarks_are_short_and_printable():
    text = "x" * 500 + "\x1b"
    ((_, remark),) = read_model(json.dumps({"name": "x", "components": [{"name": "Datasets", "license": text}]}).encode()).remarks
    assert remark.isprintable() and len(remark) < 200


def test_every_name_of_the_tool_has_a_role():
    assert len(ROLE_OF) == 17
    assert set(ROLE_OF.values()) == set(ROLES) - {"tokenizer", "license-text"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"- a",
        b"\xff",
        b"release: 3",
        b"release: {name: x}",
        b"name: x\ncomponents: {}",
        b"name: x\ncomponents: [3]",
        b"name: x\ncomponents: [{license: MIT}]",
        b"name: x\ncomponents: [{name: Datasets, license: [MIT]}]",
        b"name: x\ncomponents: [{name: Datasets, license: 3}]",
        b"name: x\ncomponents: [{name: Datasets, component_path: {}}]",
        b"name: x\ncomponents: [{name: [Datasets]}]",
        b"name: x\nlicense: [MIT]\ncomponents: []",
        b"name: x\nlicense: 3\ncomponents: []",
        b"name: x\nlicense: MIT\ncomponents: []",
        b"name: x\nlicense: {code: MIT}\ncomponents: []",
        b"name: x\nlicense: {code: {name: 3}}\ncomponents: []",
        b"name: [x]\ncomponents: []",
        b"name: ''\ncomponents: []",
        b"components: []",
        b"name: x\nversion: {}\ncomponents: []",
        b"name: true\ncomponents: []",
        b"name: x\nversion: 0x" + b"f" * 5000 + b"\ncomponents: []",
        b"name: x\ncomponents: []\nframework: {name: Another}",
        b"name: x\ncomponents: []\nframework: 3",
        b"name: &a x\ncomponents: [*a]",
        b"name: x\nname: y\ncomponents: []",
        b"a: &a [x,x]\nb: &b [*a,*a]\nname: x\ncomponents: []",
        b'name: "\\ud800"\ncomponents: []',
        b'{"name": "x", "name": "y", "components": []}',
        b"name: x\ncomponents: [" + b"{name: Datasets}," * 1001 + b"]",
    ],
)
def test_what_is_refused(data):
    with pytest.raises(LedgerError) as caught:
        read_model(data, name="file.yml")
    assert caught.value.code == "LG1003"
    assert "file.yml" in caught.value.message


@pytest.mark.parametrize("data", [b"{" * 100, b" " * (5 << 20)])
def test_over_a_limit(data):
    with pytest.raises(LedgerError) as caught:
        read_model(data)
    assert caught.value.code == "LG0103"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_is_a_ledger_error(data):
    with pytest.raises(LedgerError):
        read_model(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "license", "components", "code", "x/~"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["name", "version", "license", "components", "release", "framework"]), values))
def test_odd_shapes_are_read_or_refused(value):
    try:
        facts = read_model(json.dumps(value).encode())
    except LedgerError as error:
        assert error.code in ("LG1003", "LG0103")
    else:
        assert all(item.availability in ("claimed", "referenced") for item in facts.components)


@given(st.data())
def test_a_damaged_record_is_read_or_refused(data):
    start = data.draw(st.integers(0, len(RECORD) - 1))
    end = data.draw(st.integers(start, len(RECORD)))
    broken = RECORD[:start] + data.draw(st.binary(max_size=6)) + RECORD[end:]
    try:
        read_model(broken)
    except LedgerError as error:
        assert error.code in ("LG1003", "LG0103")
