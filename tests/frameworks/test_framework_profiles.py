"""Reading profiles: the built-in ones, strictness in every member, and nothing but `LedgerError` for what is none."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger import resources
from ledger.errors import LedgerError
from ledger.frameworks import checks, conclusions, engine, model, profiles, reading
from ledger.frameworks.profiles import load_profile, parse_profile, profile_ids
from ledger.spec.evidence import ReleaseFacts

ROOT = Path(__file__).resolve().parent.parent.parent
IDS = ("mot-2026-05", "redhat-minimum-2025")


def document(profile_id: str) -> dict:
    return yaml.safe_load(resources.data_bytes("frameworks", f"{profile_id}.yaml"))


def test_built_in_profiles():
    assert set(IDS) <= set(profile_ids())
    for profile_id in profile_ids():
        profile = load_profile(profile_id)
        data = resources.data_bytes("frameworks", f"{profile_id}.yaml")
        assert profile.id == profile_id
        assert profile.digest == "sha256:" + hashlib.sha256(data).hexdigest()
        assert profile.url.startswith("https://")
        assert profile.citation and profile.summary and profile.date
        assert all(rule.text and rule.source for rule in profile.rules)
        assert profile.accepts == {"verified"}


def test_no_profile_is_known_by_name_in_code():
    for module in (profiles, reading, model, checks, conclusions, engine):
        text = Path(module.__file__).read_text(encoding="utf-8")
        assert not any(profile_id in text for profile_id in profile_ids())


def test_a_profile_of_ones_own(tmp_path):
    own = document("redhat-minimum-2025")
    own["profile"] = "ours"
    own["rules"] = [rule for rule in own["rules"] if rule["id"] != "tokenizer"]
    file = tmp_path / "ours.yaml"
    file.write_text(yaml.safe_dump(own), encoding="utf-8")
    for name in (file, str(file)):
        assert [rule.id for rule in load_profile(name).rules] == ["weights", "inference-code", "architecture"]


@pytest.mark.parametrize("name", ["", "nothing", "mot-2027", "../mot-2026-05", "no/such.yaml", "\x00.yaml", "a\nb", "\ud800.yaml"])
def test_unknown_profiles(name):
    with pytest.raises(LedgerError) as caught:
        load_profile(name)
    assert caught.value.code == "LG1001"
    caught.value.message.encode()


def test_a_folder_is_no_profile(tmp_path):
    with pytest.raises(LedgerError) as caught:
        load_profile(tmp_path)
    assert caught.value.code == "LG1001"


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(value, path, change):
    copied = copy.deepcopy(value)
    target = copied
    for key in path[:-1]:
        target = target[key]
    change(target, path[-1])
    return copied


def refused(value) -> None:
    with pytest.raises(LedgerError) as caught:
        parse_profile(yaml.safe_dump(value).encode())
    assert caught.value.code == "LG1002"


def test_every_member_is_needed_and_no_other_is_known():
    whole = document("redhat-minimum-2025")
    parse_profile(yaml.safe_dump(whole).encode())
    free = ("policy",)
    for path in places(whole):
        if path and isinstance(path[-1], str) and not (path[0] in free and len(path) > 1):
            refused(changed(whole, path, lambda target, key: target.pop(key)))
            refused(changed(whole, path, lambda target, key: target.__setitem__(key + "x", target.pop(key))))
            refused(changed(whole, path, lambda target, key: target.__setitem__(key, 3)))
            refused(changed(whole, path, lambda target, key: target.__setitem__(key, None)))
            refused(changed(whole, path, lambda target, key: target.__setitem__("surprise", "x")))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "openness-ledger/profile/v2"),
        (("availability", "accepts"), ["certified"]),
        (("availability", "accepts"), ["gated"]),
        (("availability", "accepts"), ["verified", "verified"]),
        (("open", "inherited"), "sometimes"),
        (("open", "types"), {"MIT": ["poem"]}),
        (("rules",), []),
        (("rules", 0, "check"), "os.system"),
        (("rules", 0, "check"), "every-required-rule"),
        (("rules", 0, "role"), "wheels"),
        (("rules", 0, "content"), "poem"),
        (("rules", 0, "required"), "yes please"),
        (("rules", 0, "absent"), "pass"),
        (("rules", 0, "id"), "tokenizer"),
        (("conclusion", "check"), "component-open"),
        (("policy", "x"), {"deep": {"er": 1}}),
    ],
)
def test_words_outside_the_closed_sets(path, value):
    refused(changed(document("redhat-minimum-2025"), path, lambda target, key: target.__setitem__(key, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("conclusion", "classes"), []),
        (("conclusion", "classes", 0, "id"), "0"),
        (("conclusion", "classes", 0, "id"), "2"),
        (("conclusion", "classes", 0, "requires"), []),
        (("conclusion", "classes", 0, "requires"), ["no-such-rule"]),
        (("conclusion", "classes", 0, "requires"), ["datasets"]),
        (("conclusion", "classes", 2, "requires"), ["research-paper", "sample-outputs"]),
        (("conclusion", "substitutes"), {"technical-report": "tokenizer"}),
        (("conclusion", "substitutes"), {"sample-outputs": "research-paper"}),
        (("conclusion", "classes", 1, "surprise"), "x"),
    ],
)
def test_classes_that_do_not_fit_the_rules(path, value):
    refused(changed(document("mot-2026-05"), path, lambda target, key: target.__setitem__(key, value)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"schema: &a x\nprofile: *a",
        b"schema: x\nschema: x",
        b"!!python/object/apply:os.system ['true']",
        b"\xff\xfe",
        b'a: "\\ud800"',
        b"[" * 5000,
        b"a: 2026-13-45",
        b"1: 2",
        b"<<: {a: b}",
        b"a: b\n---\nc: d",
        b"a: " + b"9" * 5000,
    ],
)
def test_what_is_no_profile(data):
    with pytest.raises(LedgerError) as caught:
        parse_profile(data)
    assert caught.value.code == "LG1002"


def test_too_large_a_profile():
    with pytest.raises(LedgerError) as caught:
        parse_profile(b" " * (5 << 20))
    assert caught.value.code == "LG0103"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_is_a_ledger_error(data):
    with pytest.raises(LedgerError):
        parse_profile(data)


@given(st.text(max_size=40))
def test_garbage_names_are_a_ledger_error(name):
    with pytest.raises(LedgerError):
        load_profile(name + "?")


@given(st.data())
def test_a_damaged_profile_is_refused_or_still_answers(data):
    whole = resources.data_bytes("frameworks", "redhat-minimum-2025.yaml")
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    broken = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
    try:
        profile = parse_profile(broken)
    except LedgerError as error:
        assert error.code == "LG1002"
    else:
        assert engine.evaluate(profile, ReleaseFacts("", "", "", ())).result == "unknown"


def test_the_profile_of_the_tool_is_what_its_lists_give():
    folder = refdata("mof", "spec")
    spec = importlib.util.spec_from_file_location("make_mot_profile", ROOT / "tools" / "make_mot_profile.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.profile(folder).encode() == resources.data_bytes("frameworks", "mot-2026-05.yaml")
