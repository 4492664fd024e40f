"""Typed ids: nothing accepts a bare digest."""

from __future__ import annotations

import hashlib

import pytest

from ledger import ids
from ledger.errors import LedgerError

HEX = "ab" * 32


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        "tree:",
        f"sha1:{HEX}",
        f"tree:{HEX[:-1]}",
        f"tree:{HEX}0",
        f"tree:{HEX.upper()}",
        f" tree:{HEX}",
        f"tree:{HEX}\n",
        f"sha256:{HEX}",
    ],
)
def test_refused_artifact_ids(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        ids.artifact_id(text)
    assert caught.value.code == "LG0105"


@pytest.mark.parametrize("form", ["file", "tree", "ref"])
def test_artifact_ids(form: str) -> None:
    found = ids.artifact_id(f"{form}:{HEX}")
    assert (found, found.form, found.hex, found.digest) == (f"{form}:{HEX}", form, HEX, bytes.fromhex(HEX))


def test_object_ids() -> None:
    assert ids.object_id_of(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(LedgerError):
        ids.object_id(f"tree:{HEX}")


def test_reference_ids() -> None:
    wanted = hashlib.sha256(b'{"name":"granite","version":"3.0"}').hexdigest()
    assert ids.reference_id({"version": "3.0", "name": "granite"}) == f"ref:{wanted}"
    for bad in ({}, {"name": ""}, {"version": "1"}, {"name": "x", "digest": "y"}):
        with pytest.raises(LedgerError):
            ids.reference_id(bad)
