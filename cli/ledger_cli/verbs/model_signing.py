"""OpenSSF model signatures: the commands `verify oms`, `export oms` and `import oms`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.errors import LedgerError
from ledger_cli.common import SYMLINKS, Answer, At, DryRun, Json, Key, LedgerDir, Passphrase, Quiet, one_of, open_ledger
from ledger_cli.output import checks, count, say, size, talk
from ledger_cli.passphrases import Passphrases
from ledger_cli.progress import hashing_progress

Bundle = Annotated[str, typer.Argument(help="The bundle, such as model.sig.")]
Model = Annotated[str, typer.Option("--model", metavar="PATH", help="The model's file or folder.")]
PublicKey = Annotated[str | None, typer.Option("--public-key", metavar="PEM", help="The key that must have signed.")]
Roots = Annotated[
    str | None,
    typer.Option("--certificate-roots", metavar="PEM", help="The roots that the signer's certificate must lead to."),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="PATH", help="A path in the model that need not be covered, such as .git; may be repeated."),
]
Symlinks = Annotated[str, typer.Option("--symlinks", help="refuse, or inside, for models that were signed with links allowed.")]

VERIFY_EXAMPLE = "Example: ledger verify oms model.sig --model out/model --public-key signer.pub"
EXPORT_EXAMPLE = "Example: ledger export oms reader@1 --out model.sig --key oms.pem"
IMPORT_EXAMPLE = "Example: ledger import oms model.sig --model out/model --name reader --version 1 --public-key signer.pub"


def _one_trust(public_key: str | None, roots: str | None) -> None:
    if public_key is not None and roots is not None:
        raise LedgerError("LG1201", "give --public-key or --certificate-roots, not both")


def verify_oms(
    bundle: Bundle,
    model: Model,
    public_key: PublicKey = None,
    certificate_roots: Roots = None,
    ignore: Ignore = None,
    symlinks: Symlinks = "refuse",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Verify an OpenSSF model signature (OMS) and the files that it covers, offline, with no ledger at hand."""
    from ledger.api import verify_model_file

    _one_trust(public_key, certificate_roots)
    links = one_of(symlinks, SYMLINKS, "--symlinks")
    given: dict[str, Any] = {"public_key": public_key, "certificate_roots": certificate_roots, "ignore": ignore or (), "symlinks": links}
    with hashing_progress(quiet) as progress:
        report = verify_model_file(bundle, model, progress=progress, **given)

    def text() -> None:
        checks(report.checks)
        if report.failed:
            say("the model signature does NOT hold")
        else:
            say("could NOT tell whether the model signature holds" if report.untold else "the model signature holds")

    Answer("verify-oms", as_json).give(report.to_json(), text, report.error())


def export_oms(
    ref: Annotated[str, typer.Argument(help="The recorded artifact.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="Where the bundle goes.")],
    key: Annotated[str, typer.Option("--key", metavar="FILE", help="An elliptic curve key in PEM: P-256, P-384 or P-521.")],
    model_name: Annotated[str | None, typer.Option("--model-name", metavar="NAME", help="What to call the model in it.")] = None,
    passphrase_file: Passphrase = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Write an OpenSSF model signature (OMS) of a recorded artifact, from the record alone."""
    from ledger.api import export_oms as write

    passphrase = Passphrases(passphrase_file).for_signing
    done = write(open_ledger(ledger, at=at), ref, Path(out), key=Path(key), passphrase=passphrase, name=model_name)

    def text() -> None:
        from shlex import quote

        say(f"wrote {out}: a model signature of {count(done.files, 'file')}, called {done.name}, by key {done.keyid[:16]}…")
        for path in done.left_out:
            say(f"  not covered  {path}")
        say(f"next: ledger verify oms {quote(out)} --model PATH --public-key PEM")

    if done.left_out:
        talk(f"warning: {count(len(done.left_out), 'file')} at the top are never covered by a model signature")
    Answer("export-oms", as_json).give(done.to_json(), text)


def import_oms(
    bundle: Bundle,
    model: Model,
    name: Annotated[str, typer.Option("--name", help="Name of the artifact.")],
    version: Annotated[str | None, typer.Option("--version", help="Its version.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="weights, dataset, code or document.")] = "weights",
    license: Annotated[str | None, typer.Option("--license", metavar="EXPR", help="Its licence: an SPDX expression.")] = None,
    public_key: PublicKey = None,
    certificate_roots: Roots = None,
    ignore: Ignore = None,
    symlinks: Symlinks = "refuse",
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Verify an OpenSSF model signature (OMS), and record the model with it. When it does not hold, nothing is recorded."""
    from ledger.api import import_oms as take

    _one_trust(public_key, certificate_roots)
    given: dict[str, Any] = {"kind": kind, "version": version, "license": license, "ignore": ignore or (), "dry_run": dry_run}
    given |= {"public_key": public_key, "certificate_roots": certificate_roots, "symlinks": one_of(symlinks, SYMLINKS, "--symlinks")}
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    with hashing_progress(quiet) as progress:
        done = take(opened, bundle, model, name=name, progress=progress, **given)
    result = done.to_json()

    def text() -> None:
        from ledger_cli.verbs.record import verb

        made = done.recorded
        say(f"{verb(made)} as entry {made.index}: {made.kind} {made.display}")
        say(f"  {made.id}")
        say(f"  {count(made.files, 'file')}, {size(made.bytes)}")
        for item in result["claims"]:
            say(f"  {item['basis']:<8}  {item['claim']}: {ascii(item['value'])[1:-1]}")
        for item in result["unresolved"]:
            say(f"  open      {item}")

    for warning in done.recorded.warnings:
        talk(f"warning: {warning}")
    Answer("import-oms", as_json).give(result, text)
