"""Reading records of the Model Openness Tool: what is taken, what is refused, and that nothing but `LedgerError` escapes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_json_entry_has_the_same_shape():
    facts = read_model(json.dumps({"name": "x", "license": [], "components": [{"name": "Datasets", "license": None}]}).encode())
    assert facts.components[0].evidence[0].pointer == "/components/0"
    assert facts.components[0].license is None
    assert not facts.components[0].unlicensed


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
