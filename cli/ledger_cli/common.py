"""Options that verbs share, and what they mean: which ledger, which keys, which moment, how to answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.errors import LedgerError
from ledger_cli.failures import Outcome
from ledger_cli.output import envelope, say

LedgerDir = Annotated[
    str | None, typer.Option("--ledger", metavar="DIR", help="The ledger's folder (or OPENNESS_LEDGER_DIR, or the nearest folder above).")
]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on stdout.")]
At = Annotated[str | None, typer.Option("--at", metavar="N|TIME", help="Answer as the ledger stood at this size or time.")]
Key = Annotated[str | None, typer.Option("--key", metavar="FILE", help="Signing key (or OPENNESS_LEDGER_KEY, or the ledger's first key).")]
Passphrase = Annotated[
    str | None,
    typer.Option("--passphrase-file", metavar="FILE", help="File with the key's passphrase (or OPENNESS_LEDGER_PASSPHRASE_FILE)."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be recorded, with its id; record nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no talk.")]

ENVIRONMENT: Mapping[str, str] = {
    "OPENNESS_LEDGER_DIR": "the ledger's folder, when --ledger is not given",
    "OPENNESS_LEDGER_KEY": "the signing key's file, when --key is not given",
    "OPENNESS_LEDGER_PASSPHRASE_FILE": "file with the passphrase of the keys, when --passphrase-file is not given",
    "OPENNESS_LEDGER_LOG_PASSPHRASE_FILE": "file with the passphrase of the log key, when it differs",
    "OPENNESS_LEDGER_LOCK_TIMEOUT": "seconds to wait for another writer (default 120)",
    "OPENNESS_LEDGER_DEBUG": "when set, a bug shows its traceback",
    "XDG_STATE_HOME": "where this machine remembers the last checkpoint of each log (default ~/.local/state)",
    "NO_COLOR": "when set, no colour",
    "CI": "when set, no progress",
}


def new_typer(help: str, example: str, **more: Any) -> typer.Typer:
    """A Typer application with the house's settings, and one worked example at the end of its help."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=help,
        epilog=f"Example: {example}",
        **more,
    )


def ledger_root(given: str | None) -> Path:
    """The ledger's folder. Raises LedgerError LG0601."""
    from ledger.api import find_root

    chosen = given or os.environ.get("OPENNESS_LEDGER_DIR")
    return Path(chosen) if chosen else find_root(Path.cwd())


def lock_timeout() -> float:
    """How long to wait for another writer, in seconds."""
    text = os.environ.get("OPENNESS_LEDGER_LOCK_TIMEOUT", "120")
    try:
        return max(0.0, float(text))
    except ValueError:
        raise LedgerError("LG1201", f"OPENNESS_LEDGER_LOCK_TIMEOUT is no number: `{text}`") from None


def open_ledger(given: str | None, *, at: str | None = None, key: str | None = None, passphrase_file: str | None = None) -> Any:
    """Open the ledger that the options name."""
    from ledger.api import Ledger

    return Ledger.open(ledger_root(given), keys=key_sources(key, passphrase_file), at=at, lock_timeout_seconds=lock_timeout())


def key_sources(key: str | None, passphrase_file: str | None) -> Any:
    """Where the private keys and passphrases come from."""
    from ledger.api import KeySources

    chosen = key or os.environ.get("OPENNESS_LEDGER_KEY")
    own = passphrase_file or os.environ.get("OPENNESS_LEDGER_PASSPHRASE_FILE")
    log = os.environ.get("OPENNESS_LEDGER_LOG_PASSPHRASE_FILE")
    return KeySources(Path(chosen) if chosen else None, passphrase_source(own), passphrase_source(log or own))


def passphrase_source(file: str | None) -> Callable[[str], bytes | None]:
    """Asks the file, else the terminal, else nobody."""

    def ask(name: str) -> bytes | None:
        if file is not None:
            return read_passphrase(file)
        if not sys.stdin.isatty():
            return None
        from getpass import getpass

        return getpass(f"passphrase of {name}: ").encode("utf-8")

    return ask


def read_passphrase(file: str) -> bytes:
    """The first line of a file, or of a descriptor such as /dev/fd/3. Raises LedgerError LG0404."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise LedgerError("LG0404", f"cannot read the passphrase file `{file}`: {error.strerror}") from None
    first = data.split(b"\n", 1)[0].rstrip(b"\r")
    if not first:
        raise LedgerError("LG0404", f"the passphrase file `{file}` has an empty first line")
    return first


def new_passphrase(file: str | None, insecure: bool) -> bytes | None:
    """A passphrase for new keys: from the file, or asked twice. None only when the caller said so."""
    if insecure:
        return None
    chosen = file or os.environ.get("OPENNESS_LEDGER_PASSPHRASE_FILE")
    if chosen:
        return read_passphrase(chosen)
    if not sys.stdin.isatty():
        hint = "give --passphrase-file FILE, or --insecure-no-passphrase"
        raise LedgerError("LG0404", "new keys are encrypted, and there is no terminal to ask for a passphrase", hint=hint)
    from getpass import getpass

    first, second = getpass("new passphrase: "), getpass("again: ")
    if not first or first != second:
        raise LedgerError("LG0403", "the passphrases are empty or differ")
    return first.encode("utf-8")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a verb answers: its name in the schema, and whether for programs."""

    verb: str
    as_json: bool

    def give(self, result: Mapping[str, Any], text: Callable[[], None], error: LedgerError | None = None) -> None:
        """Write the answer; with an error (a verdict that does not hold), the exit code is the error's."""
        if not self.as_json:
            text()
        elif error is None:
            say(envelope(self.verb, result))
        if error is not None:
            raise Outcome(self.verb, result, error)
