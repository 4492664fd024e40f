"""Fixtures for all tests: a state folder of their own, so that no test meets what this machine remembers, and a small ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ledger.api import Ledger
from ledger.clock import FixedClock

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

MOMENT = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ORIGIN = "example.org/tests"


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for name in ("OPENNESS_LEDGER_DIR", "OPENNESS_LEDGER_KEY", "OPENNESS_LEDGER_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


def make_inputs(root: Path) -> Path:
    """A dataset, code, weights and a card, as files."""
    for name, text in {
        "data/train.csv": "1,2\n3,4\n",
        "data/test.csv": "5,6\n",
        "data/LICENSE": "licence text of the data\n",
        "code/train.py": "print('train')\n",
        "model/weights.bin": "weights",
        "model/config.json": "{}",
        "CARD.md": "# card\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    return make_inputs(tmp_path / "inputs")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Ledger]:
    yield Ledger.init(tmp_path / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))


def fill(ledger: Ledger, inputs: Path) -> Ledger:
    """A small release with everything in it."""
    ledger.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0", sources=["https://example.org/figures"])
    ledger.record("code", inputs / "code", name="trainer", version="1", license="MIT")
    ledger.record(
        "weights",
        inputs / "model",
        name="reader",
        version="1",
        license="Apache-2.0",
        inputs=[("trained-on", "figures@1"), ("built-by", "trainer"), ("fine-tuned-from", "ref:base@3.0")],
    )
    ledger.record(
        "document", inputs / "CARD.md", name="reader-card", version="1", license="CC-BY-4.0", inputs=[("describes", "weights/reader")]
    )
    ledger.release(
        "reader",
        "1",
        [
            ("weights", "reader@1"),
            ("datasets", "figures"),
            ("training-code", "trainer"),
            ("inference-code", "trainer"),
            ("architecture", "trainer"),
            ("tokenizer", "trainer"),
            ("model-card", "reader-card"),
        ],
    )
    return ledger


@pytest.fixture
def filled(empty: Ledger, inputs: Path) -> Ledger:
    return fill(empty, inputs)
