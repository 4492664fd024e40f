"""What `ledger doctor` looks at."""

from __future__ import annotations

import importlib
import platform
import shutil
import sys
from pathlib import Path

from ledger.errors import LedgerError
from ledger.spec.report import Check, not_checked, outcome

LIBRARIES = ("cryptography", "duckdb", "jsonschema_rs", "license_expression", "pyarrow", "rfc8785", "rich", "sqlmodel", "typer", "yaml")


def diagnose(ledger: str | None) -> tuple[list[Check], LedgerError | None]:
    """The checks D1 to D6, and the error that the exit code comes from."""
    found = [_libraries(), _self_test(), _resources(), _other_ledgers()]
    from ledger_cli.common import ledger_root

    try:
        root = ledger_root(ledger)
    except LedgerError:
        found.append(not_checked("D5", "ledger", "no ledger here; give --ledger DIR to look at one"))
    else:
        found += _surroundings(root)
    failed = [item for item in found if item.result == "fail"]
    if not failed:
        return found, None
    return found, LedgerError("LG1206", f"{', '.join(item.id for item in failed)} failed: {failed[0].detail}", check=failed[0].id)


def _libraries() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    problems, versions = [], []
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            problems.append(f"cannot import {name}: {error}")
            continue
        try:
            versions.append(f"{name} {version({'yaml': 'PyYAML'}.get(name, name))}")
        except PackageNotFoundError:
            versions.append(name)
    good = f"Python {platform.python_version()}; " + ", ".join(versions)
    return outcome("D1", "libraries", problems, good)


def _self_test() -> Check:
    """Known answers: RFC 8785, RFC 6962 and RFC 8032, none of them computed by the code that is tested."""
    from ledger.api import self_test

    return outcome("D2", "known answers", self_test(), "canonical JSON, Merkle trees and signatures give the published results")


def _resources() -> Check:
    from ledger.api import profiles
    from ledger.resources import schemas

    problems = []
    try:
        count = len(profiles())
    except LedgerError as error:
        problems.append(error.message)
        count = 0
    names = sorted(schemas().rglob("*.schema.json"))
    if not names:
        problems.append("no schemas are installed")
    return outcome("D3", "data files", problems, f"{count} profiles, {len(names)} schemas")


def _other_ledgers() -> Check:
    """Another program called ledger (the accounting tool) may come first on the PATH."""
    first = shutil.which("ledger")
    mine = Path(sys.argv[0]).resolve()
    note = "" if first is None or Path(first).resolve() == mine else f"; `ledger` on your PATH is {first}: use `openness-ledger`"
    return outcome("D4", "names", [], f"running {mine.name}{note}")


def _surroundings(root: Path) -> list[Check]:
    from ledger.api import surroundings

    place, local, unwritten = surroundings(root)
    found = [outcome("D5", "ledger", place, f"{root}; `ledger verify` checks what is in it{'' if place else _segments(root)}")]
    if place:
        return [*found, not_checked("D6", "keys and state", "there is no ledger to look at")]
    if unwritten and not local:
        return [*found, not_checked("D6", "keys and state", f"this ledger can be read here, and not be written: {unwritten}")]
    return [*found, outcome("D6", "keys and state", local, "private keys are private, state is writable, locks work")]


def _segments(root: Path) -> str:
    """Whether compacting would help; what is wrong with segments is not for this check to say."""
    from ledger.api import Ledger

    try:
        advice = Ledger.open(root).compaction_advice()
    except LedgerError:
        return ""
    return f"; {advice}" if advice else ""
