"""A model signature of a recorded artifact (OMS v1.0), from its inventory alone: no bytes of the model are needed.

What a model signature never covers (`.git`, `.gitattributes`, `.github`, `.gitignore` at the top) is left out, as the specification asks
and as verifiers expect, and is named to whoever asked. A model that is one file is called `.`, as the reference implementation does; the
specification's base name is in no record, and that verifier would refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.ids import ArtifactId
from ledger.spec import model_signature as oms


@dataclass(frozen=True, slots=True)
class Exported:
    """A payload to be signed: how many files it covers, and which it leaves out."""

    payload: bytes
    files: int
    left_out: tuple[str, ...]


def payload_of(name: str, id: ArtifactId, inventory: Mapping[str, bytes]) -> Exported:
    """The statement about an artifact.

    Args:
        name: what to call the model.
        inventory: path → SHA-256 of a `tree:`; not looked at for a `file:`, whose id is its digest.

    Raises:
        LedgerError: LG1304 when every file is one that a model signature leaves out.
    """
    if id.form == "file":
        return Exported(oms.build(name, [(oms.WHOLE, bytes.fromhex(id.hex))]), 1, ())
    left_out = tuple(path for path in inventory if oms.is_below(path, oms.ALWAYS_IGNORED))
    files = [(path, digest) for path, digest in inventory.items() if path not in set(left_out)]
    return Exported(oms.build(name, files), len(files), left_out)
