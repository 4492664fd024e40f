"""SoftHSM2 for tests: a PKCS#11 token in a folder. `make softhsm` unpacks it; a system's own is found too."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_NAME = "softhsm/libsofthsm2.so"
_PLACES = (_ROOT / ".softhsm/usr/lib", Path("/usr/lib"), Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"))
PIN = "1234"


@dataclass(frozen=True)
class Token:
    """A new token: the module to load, the settings that it reads, its label."""

    module: Path
    settings: Path
    label: str


def token(folder: Path) -> Token:
    """A new, empty token. The test is skipped when there is no SoftHSM2, or nothing to set a token up with."""
    given = os.environ.get("OPENNESS_LEDGER_SOFTHSM")
    found = [path for path in ([Path(given)] if given else [place / _NAME for place in _PLACES]) if path.is_file()]
    if not found:
        pytest.skip("no SoftHSM2: run `make softhsm`, or set OPENNESS_LEDGER_SOFTHSM to its libsofthsm2.so")
    beside = [parent / "bin" / "softhsm2-util" for parent in found[0].parents]
    util = next((str(path) for path in beside if path.is_file()), shutil.which("softhsm2-util"))
    if util is None:
        pytest.skip(f"no softhsm2-util for `{found[0]}`")
    (folder / "tokens").mkdir(parents=True)
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    made = Token(found[0], settings, "openness tests")
    init = (util, "--module", str(made.module), "--init-token", "--free", "--label", made.label, "--pin", PIN, "--so-pin", "5678")
    subprocess.run(init, env={**os.environ, "SOFTHSM2_CONF": str(settings)}, check=True, capture_output=True, timeout=60)
    return made
