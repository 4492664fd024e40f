"""What we refuse and official software takes: the claim that no official validator looks at these, tested with them."""

from __future__ import annotations

import json
from pathlib import Path

from bom import test_bom_cyclonedx as cyclonedx
from bom import test_bom_spdx3 as spdx3
from bom.bom_making import cdx, changed, checked, failing
from bom.bom_making import spdx3 as spdx3_sample
from validators import validate

# Of our defects, those that the JSON schema cannot see: all. Its strict validator says nothing to any of them.
CYCLONEDX = tuple(cyclonedx.DEFECTS)
# What the bindings of SPDX 3 take. They list ids that are missing, and refuse an unknown profile; nothing else of ours.
SEEN_BY_BINDINGS = {
    *("an output that is not there", "a supplier who is not there", "an element that is not there"),
    *("a creation info that is not there", "an unknown profile is the schema's too"),
}


def test_the_strict_validator_of_cyclonedx_takes_every_defect(tmp_path: Path) -> None:
    paths = []
    for number, name in enumerate(CYCLONEDX):
        document = changed(cdx(), cyclonedx.DEFECTS[name][1])
        assert failing(checked(document)), name
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(document))
    said = dict(zip(CYCLONEDX, validate("accepted", "cyclonedx", *paths), strict=True))
    assert {name: words for name, words in said.items() if words is not None} == {}


def test_it_refuses_what_our_schema_step_refuses(tmp_path: Path) -> None:
    def odd(key: str, value: object) -> dict:
        return changed(cdx(), lambda d: d["metadata"].__setitem__(key, value))

    documents = [
        odd("nonsense", 1),
        odd("timestamp", "2026-11-01 12:00:00"),
        changed(cdx(), lambda d: d.__setitem__("serialNumber", d["serialNumber"].upper())),
        changed(cdx(), cyclonedx.licenses({"license": {"id": "apache-2.0"}})),
        changed(cdx(), cyclonedx.hashes("SHA-256", "ab")),
        changed(cdx(), lambda d: d["components"][0]["licenses"].append({"expression": "MIT"})),
    ]
    paths = []
    for number, document in enumerate(documents):
        assert checked(document).result("S1").result == "does-not-hold", number
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(document))
    assert all(isinstance(words, str) for words in validate("accepted", "cyclonedx", *paths))


def test_the_bindings_of_spdx_3_take_nearly_every_defect(tmp_path: Path) -> None:
    paths = []
    for number, (name, (rules, change)) in enumerate(spdx3.DEFECTS.items()):
        document = changed(spdx3_sample(), change)
        # The JSON schema takes it too: S1 is among what fails only where the test says so.
        assert ("S1" in failing(checked(document))) == ("S1" in rules), name
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(document))
    said = dict(zip(spdx3.DEFECTS, validate("accepted", "spdx3", *paths), strict=True))
    assert {name for name, words in said.items() if words is not None} == SEEN_BY_BINDINGS
