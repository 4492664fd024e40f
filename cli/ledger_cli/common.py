"""Options that verbs share, and what they mean: which ledger, which keys, which moment, how to answer."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.errors import LedgerError
from ledger_cli.failures import Outcome
from ledger_cli.output import envelope, say
from ledger_cli.passphrases import Passphrases

LedgerDir = Annotated[
    str | None, typer.Option("--ledger", metavar="DIR", help="The ledger's folder (or OPENNESS_LEDGER_DIR, or the nearest folder above).")
]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on stdout.")]
At = Annotated[str | None, typer.Option("--at", metavar="N|TIME", help="Answer as the ledger stood at this size or time.")]
Key = Annotated[
    str | None, typer.Option("--key", metavar="FILE|URI", help="Signing key (or OPENNESS_LEDGER_KEY, or the ledger's first key).")
]
Passphrase = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="File, or descriptor such as /dev/fd/3, with the passphrase (or OPENNESS_LEDGER_PASSPHRASE_FILE).",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be recorded, with its id; record nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; warnings and errors are still said.")]
LogKey = Annotated[
    str | None, typer.Option("--log-key", metavar="VKEY", help="The log's verifier key; not needed when the policy names the log.")
]
PolicyFile = Annotated[str | None, typer.Option("--policy", metavar="FILE", help="A C2SP tlog-policy: whose cosignatures are needed.")]
SYMLINKS = ("refuse", "inside")

ENVIRONMENT: Mapping[str, str] = {
    "OPENNESS_LEDGER_DIR": "the ledger's folder, when --ledger is not given",
    "OPENNESS_LEDGER_KEY": "the signing key's file, or the URI of one that is held elsewhere (such as `hsm:2`), when --key is not given",
    "PYKCS11LIB": "the PKCS#11 module of the token that `hsm:` keys are on",
    "OPENNESS_LEDGER_PASSPHRASE_FILE": "file with the passphrase of the keys, when --passphrase-file is not given",
    "OPENNESS_LEDGER_LOG_PASSPHRASE_FILE": "file with the passphrase of the log key, when it differs",
    "OPENNESS_LEDGER_LOCK_TIMEOUT": "seconds to wait for another writer (default 120)",
    "OPENNESS_LEDGER_DEBUG": "when set, a bug shows its traceback",
    "XDG_STATE_HOME": "the last checkpoint of each log that this machine saw, and what was typed into the shell (default ~/.local/state)",
    "NO_COLOR": "when set, no colour",
    "TERM": "when `dumb`, no colour",
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


def one_of(text: str, known: Sequence[str], option: str) -> str:
    """The text if it is one of those known. Raises LedgerError LG1201."""
    if text not in known:
        raise LedgerError("LG1201", f"{option} is {', '.join(known[:-1])} or {known[-1]}, not `{text}`")
    return text


def lock_timeout() -> float:
    """How long to wait for another writer, in seconds."""
    text = os.environ.get("OPENNESS_LEDGER_LOCK_TIMEOUT", "120")
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise LedgerError("LG1201", f"OPENNESS_LEDGER_LOCK_TIMEOUT is no number of seconds: `{text}`", hint="set it to 120, or unset it")
    return seconds


def open_ledger(given: str | None, *, at: str | None = None, key: str | None = None, passphrase_file: str | None = None) -> Any:
    """Open the ledger that the options name."""
    from ledger.api import Ledger

    return Ledger.open(ledger_root(given), keys=key_sources(key, Passphrases(passphrase_file)), at=at, lock_timeout_seconds=lock_timeout())


def key_sources(key: str | None, passphrases: Passphrases) -> Any:
    """Where the private keys and passphrases come from."""
    from ledger.api import KeySources
    from ledger.signing.held import is_held

    chosen = key or os.environ.get("OPENNESS_LEDGER_KEY")
    held = chosen if chosen and is_held(chosen) else None
    return KeySources(Path(chosen) if chosen and held is None else None, passphrases.for_signing, passphrases.for_log, held)


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
