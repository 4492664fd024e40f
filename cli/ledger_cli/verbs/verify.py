"""`ledger verify`: the whole ledger, a bundle, or bytes on disk."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import SYMLINKS, Answer, At, Json, LedgerDir, LogKey, PolicyFile, Quiet, ledger_root, new_typer, one_of, open_ledger
from ledger_cli.output import checks, count, say
from ledger_cli.progress import hashing_progress
from ledger_cli.verbs.attest import show_policy, show_verdicts
from ledger_cli.verbs.identity import VERIFY_EXAMPLE as IDENTITY_EXAMPLE
from ledger_cli.verbs.identity import verify_identity
from ledger_cli.verbs.model_signing import VERIFY_EXAMPLE, verify_oms
from ledger_cli.verbs.proof import VERIFY_EXAMPLE as PROOF_EXAMPLE
from ledger_cli.verbs.proof import verify_proof
from ledger_cli.verbs.requiring import Require, not_made
from ledger_cli.verbs.timestamp import TsaRoots

app = new_typer(
    "Verify the ledger, an attestation bundle, bytes on disk, or a model signature.",
    "ledger verify --deep",
    invoke_without_command=True,
)


@app.callback(invoke_without_command=True)
def verify(
    ctx: typer.Context,
    deep: Annotated[bool, typer.Option("--deep", help="Derive every table row again from the log.")] = False,
    require: Require = None,
    repair: Annotated[bool, typer.Option("--repair", help="First bring back tables, tiles and local state from the log.")] = False,
    tsa_root: TsaRoots = None,
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Verify the whole ledger: every byte of the log, objects, tables and local state."""
    if ctx.invoked_subcommand is not None:
        return
    from ledger.api import LedgerError, repair_folder, verify_folder

    repaired = repair_folder(ledger_root(ledger)) if repair else None
    report = verify_folder(ledger_root(ledger), deep=deep, tsa_roots=tsa_root or ())
    error = not_made(report.checks, require)
    failed = [item for item in report.checks if item.result == "fail"]
    result = {"size": report.size, "root": report.root, "deep": deep, "checks": [item.to_json() for item in report.checks]}
    if repaired is not None:
        result |= {"repaired": repaired.done, "unrepaired": repaired.left}

    def text() -> None:
        for item in repaired.done if repaired else ():
            say(f"repaired: {item}")
        for item in repaired.left if repaired else ():
            say(f"NOT repaired: {item}")
        checks(report.checks)
        say(f"the ledger verifies: {report.size} entries, root {report.root}" if not failed else "the ledger does NOT verify")

    if failed:
        error = LedgerError("LG0616", f"{count(len(failed), 'check')} failed: {', '.join(item.id for item in failed)}", check=failed[0].id)
    Answer("verify", as_json).give(result, text, error)


@app.command("bundle", epilog="Example: ledger verify bundle reader.attestation.json --log-key 'example.org/models+1a2b3c4d+AQ…'")
def bundle(
    file: Annotated[str, typer.Argument(help="The attestation bundle.")],
    log_key: LogKey = None,
    policy: PolicyFile = None,
    log: Annotated[
        str | None, typer.Option("--log", metavar="URL|DIR", help="Where the ledger is published: for what only the log can show.")
    ] = None,
    tsa_root: TsaRoots = None,
    require: Require = None,
    artifact: Annotated[list[str] | None, typer.Option("--artifact", metavar="PATH", help="Bytes on disk; may be repeated.")] = None,
    symlinks: Annotated[str, typer.Option("--symlinks", help="refuse, or inside.")] = "refuse",
    as_json: Json = False,
) -> None:
    """Verify an attestation bundle, offline, with no ledger at hand."""
    from ledger.api import LedgerError, verify_bundle_file

    links = one_of(symlinks, SYMLINKS, "--symlinks")
    report = verify_bundle_file(file, log_key, artifact or (), symlinks=links, policy=policy, log=log, tsa_roots=tsa_root or ())
    failed = [item for item in report.checks if item.result == "fail"]
    only_disk = [item.id for item in failed] == ["B11"]
    verdicts = [] if failed else list(report.predicate.get("verdicts", []))
    result: dict[str, Any] = {
        "checks": [item.to_json() for item in report.checks],
        "verdicts": verdicts,
        "release": None if failed else report.predicate.get("release"),
        "policy": None if failed or "policy" not in report.predicate else report.predicate["policy"]["outcome"],
        "index": report.index,
    }

    def text() -> None:
        checks(report.checks)
        show_verdicts(verdicts)
        if result["policy"] is not None:
            show_policy(result["policy"])
        bad = "the bytes on disk are NOT what was attested" if only_disk else "the bundle does NOT verify: believe nothing in it"
        say(bad if failed else "the bundle verifies")

    error = not_made(report.checks, require)
    if failed:
        hint = "the bundle itself is sound: get the bytes again, or the bundle that is about these" if only_disk else None
        error = LedgerError("LG1104", f"check {failed[0].id} failed: {failed[0].detail}", check=failed[0].id, hint=hint)
    Answer("verify-bundle", as_json).give(result, text, error)


@app.command("artifact", epilog="Example: ledger verify artifact weights/reader@1 out/model")
def artifact(
    ref: Annotated[str, typer.Argument(help="The recorded artifact.")],
    path: Annotated[str, typer.Argument(help="The bytes on disk.")],
    symlinks: Annotated[str, typer.Option("--symlinks", help="refuse, or inside.")] = "refuse",
    ledger: LedgerDir = None,
    at: At = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare bytes on disk with a recorded artifact; every byte is read."""
    from ledger.api import LedgerError

    links = one_of(symlinks, SYMLINKS, "--symlinks")
    opened = open_ledger(ledger, at=at)
    with hashing_progress(quiet) as progress:
        found = opened.verify_artifact(ref, path, symlinks=links, progress=progress)

    def text() -> None:
        for word, paths in (("added", found.added), ("removed", found.removed), ("changed", found.changed)):
            for item in paths:
                say(f"{word:<8} {item}")
        say(f"{path} is {found.id}, byte for byte" if found.same else f"{path} is NOT {found.id}")
        for item in found.superseded_by:
            say(f"CORRECTED by entry {item['index']}: {item['reason']}")

    error = None if found.same else LedgerError("LG0617", f"`{path}` differs from {ref}")
    Answer("verify-artifact", as_json).give(found.to_json(), text, error)


app.command("identity", epilog=IDENTITY_EXAMPLE)(verify_identity)
app.command("oms", epilog=VERIFY_EXAMPLE)(verify_oms)
app.command("proof", epilog=PROOF_EXAMPLE)(verify_proof)
