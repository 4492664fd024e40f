"""The entry point: a group that imports a verb only when it is used, and the one place where failures become exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperGroup

from ledger_cli.plain import spare

# verb: its module, and its line in `--help`. Help must not import the verbs: they import the library.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a ledger, its log key and a first signing key."),
    "key": ("key", "Make keys, and say who may sign what."),
    "sign": ("sign", "Put a signature on an envelope, beside those of others."),
    "submit": ("submit", "Log an envelope that enough have signed."),
    "record": ("record", "Hash, sign and log an artifact, or a whole pipeline file."),
    "run": ("run", "Run a command; record its declared inputs and outputs, and its provenance."),
    "release": ("release", "Record a release and its components."),
    "review": ("review", "Record a person's signed judgement."),
    "attest": ("attest", "Evaluate openness profiles over a release, sign, log and bundle."),
    "verify": ("verify", "Verify the ledger, an attestation bundle, bytes on disk, or a model signature."),
    "follow": ("follow", "Follow a published log: find split views, rollbacks and truncation."),
    "cosign": ("cosign", "This ledger's witnesses: whom it asks, and who has cosigned."),
    "identity": ("identity", "Sign an attestation as a person or workflow, without a key."),
    "timestamp": ("timestamp", "Have an authority say when the published checkpoint existed."),
    "witness": ("witness", "Witness other logs: cosign that they only ever grow."),
    "export": ("export_", "Write what is recorded for other tools."),
    "import": ("import_", "Record what another tool's files say."),
    "show": ("show", "Show one artifact, reference or release."),
    "log": ("log", "List the entries of the log."),
    "find": ("find", "Where a file, or its digest, is recorded."),
    "describe": ("describe", "What is said about a dataset or release, and what is missing."),
    "diff": ("diff", "What changed between two releases, or two attestations."),
    "lineage": ("lineage", "What something was made from, or what was made from it."),
    "why": ("why", "The relation paths between two artifacts."),
    "common": ("common_", "What several things have in common in their lineage."),
    "identify": ("identify", "Say which licence texts are."),
    "check": ("check", "Check bills of materials, ours and other people's."),
    "sql": ("sql", "Run one SELECT over the ledger's tables."),
    "query": ("query", "Ask a named question; without a name, list them."),
    "shell": ("shell", "Ask in SQL, one statement after another."),
    "licenses": ("licenses", "Licences along the lineage: claims, findings, obligations."),
    "notices": ("notices", "Write the attribution and licence folder of a release."),
    "impact": ("impact", "Which releases another licence would change."),
    "frameworks": ("frameworks", "The profiles known, their rules, and what they say of a record."),
    "disagreements": ("disagreements", "Where definitions, claims, evidence and registries do not agree."),
    "stats": ("stats", "Figures of the ledger: entries, tables, objects, indexes."),
    "compact": ("compact", "Merge small table segments into larger ones."),
    "doctor": ("doctor", "Check the installation and the ledger's surroundings."),
    "explain": ("explain", "The long form of an error code."),
}


class LazyGroup(TyperGroup):
    """Lists the verbs from the table above; imports one when it is called."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        spare(self)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        from ledger_cli.helping import dressed
        from ledger_cli.strict import strict

        module = import_module(f"ledger_cli.verbs.{VERBS[cmd_name][0]}")
        command = dressed(strict(spare(typer.main.get_command(module.app))))
        command.name = cmd_name
        command.epilog = command.epilog or module.app.info.epilog
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # The library's own hint would import every verb to compare with; the names are enough.
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, 1)
            ctx.fail(f"no such verb `{args[0]}`" + (f"; did you mean `{close[0]}`?" if close else ""))
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Say, with proof, what an AI model was made of.",
    epilog="Example: ledger init my-ledger --origin example.org/models",
)


def _version(value: bool) -> None:
    if value:
        from ledger import __version__
        from ledger_cli.output import say

        say(f"openness-ledger {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    _version_flag: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version and stop."),
) -> None:
    """Say, with proof, what an AI model was made of."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(2)


def fill_descriptors() -> None:
    """Open what the caller has closed of 0, 1 and 2: otherwise a file of the ledger gets the number, and the answer is written into it."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that is missing.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - stays open to the end


def main() -> None:
    """Run the command line; every way out is a documented exit code."""
    from ledger_cli.failures import guarded

    fill_descriptors()
    code = guarded(app, sys.argv[1:])
    # All is said and nothing is left to tidy up. Python's own way of ending would wait for threads, and one that imports while an
    # interrupt arrives may never end: the interrupted import keeps the lock that it holds.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
