"""From exceptions to exit codes: no traceback reaches a user, and with `--json` a failure is one JSON object too."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from ledger.advice import HINTS
from ledger.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, LedgerError
from ledger_cli.output import envelope, flush, say, talk


class Outcome(Exception):
    """An answer whose exit code is not 0: a verdict that does not hold, or could not be told. The answer is already written as text."""

    def __init__(self, verb: str, result: Mapping[str, Any], error: LedgerError) -> None:
        super().__init__(error.message)
        self.verb = verb
        self.result = result
        self.error = error


def describe(error: LedgerError) -> dict[str, Any]:
    """An error as in `--json`."""
    found: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint, "check": error.check}
    if error.details:
        found["details"] = error.details
    return found


def guarded(app: Any, args: Sequence[str]) -> int:
    """Run the application and return the exit code."""
    as_json = _wants_json(args)
    verb = _verb(args)
    try:
        code = app(args=list(args), standalone_mode=False, prog_name=_name())
        flush()
    except Outcome as outcome:
        return _answered(outcome, as_json)
    except LedgerError as error:
        return _failed(verb, error, as_json)
    except (KeyboardInterrupt, EOFError):
        return _interrupted(verb, as_json)
    except SystemExit:
        # Help that was written to a pipe whose reader went away.
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever is left is a bug, and says so
        return _odd(error, verb, as_json)
    if code == EXIT_INTERRUPTED:
        return _interrupted(verb, as_json)
    return code if isinstance(code, int) else EXIT_OK


def _name() -> str:
    """What the user calls this program: where another one is called `ledger`, it is the longer name."""
    return "openness-ledger" if os.path.basename(sys.argv[0]) == "openness-ledger" else "ledger"


def _wants_json(args: Sequence[str]) -> bool:
    """Whether a failure is to be written as JSON too: the arguments may be what fails, so they are looked at as they are."""
    given = list(args[: args.index("--")] if "--" in args else args)
    return "--json" in given or "--format=json" in given or ("--format", "json") in pairwise(given)


# The verbs that have verbs of their own, and those that do nothing without one.
GROUPS = {
    "key": ("new", "public", "trust", "retire", "revoke", "list"),
    "cosign": ("policy", "status", "request", "add"),
    "witness": ("init", "trust", "list", "cosign"),
    "identity": ("sign",),
    "verify": ("bundle", "artifact", "identity", "oms", "proof"),
    "export": ("oms", "tlog-proof", "parquet", "duckdb", "eu-summary", "ab2013", "oasis-prov", "openness-report"),
    "import": ("oms",),
    "frameworks": ("show", "evaluate"),
}
ONLY_GROUPS = frozenset({"key", "cosign", "witness", "identity", "export", "import"})


def _verb(args: Sequence[str]) -> str:
    """The verb as it stands in the JSON schema name."""
    from ledger_cli.app import VERBS

    words = [word for word in args if not word.startswith("-")]
    if not words or words[0] not in VERBS:
        return "ledger"
    if words[1:] and words[1] in GROUPS.get(words[0], ()):
        return "-".join(words[:2])
    if words[1:] and words[0] in ("import", "export") and words[1] in _of_many(words[0]):
        return words[0]
    return "ledger" if words[0] in ONLY_GROUPS else words[0]


def _of_many(verb: str) -> Collection[str]:
    """The commands of `import` or `export` that are alike, and answer alike."""
    from ledger.exporters.formats import FORMATS
    from ledger.importers.origins import ORIGINS

    return ORIGINS if verb == "import" else FORMATS


def _answered(outcome: Outcome, as_json: bool) -> int:
    try:
        if as_json:
            say(envelope(outcome.verb, outcome.result, describe(outcome.error)))
        flush()
    except LedgerError as error:
        # Who has not got the answer must not take its exit code for one.
        return _failed(outcome.verb, error, as_json)
    _explain(outcome.error)
    return outcome.error.exit_code


def _failed(verb: str, error: LedgerError, as_json: bool) -> int:
    if error.code == "LG1201" and error.hint == HINTS["LG1201"] and verb != "ledger":
        error.hint = f"ledger {verb.replace('-', ' ')} --help"
    if as_json:
        with suppress(LedgerError):
            say(envelope(verb, None, describe(error)))
            flush()
    _explain(error)
    return error.exit_code


def _interrupted(verb: str, as_json: bool) -> int:
    return _failed(verb, LedgerError("LG1205", "interrupted"), as_json)


def _explain(error: LedgerError) -> None:
    talk(f": {error.message}\n\nhint: {error.hint}", head=f"error[{error.code}]")


def _odd(error: Exception, verb: str, as_json: bool) -> int:
    import typer

    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, typer.Abort) or _of_interrupt(error):
        return _interrupted(verb, as_json)
    message = getattr(error, "format_message", None)
    if callable(message) and hasattr(error, "exit_code"):
        return _misused(error, str(message()), verb, as_json)
    if os.environ.get("OPENNESS_LEDGER_DEBUG"):
        raise error
    bug = LedgerError("LG9999", f"{type(error).__name__}: {error}")
    _failed(verb, bug, as_json)
    return EXIT_BUG


def _of_interrupt(error: BaseException) -> bool:
    """Whether an interrupt is behind an error: some of Python's own code wraps what interrupts it, or fails while it tidies up."""
    seen: set[int] = set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:
        if isinstance(behind, KeyboardInterrupt):
            return True
        seen.add(id(behind))
        behind = behind.__cause__ or behind.__context__
    return False


def _misused(error: Any, message: str, verb: str, as_json: bool) -> int:
    """A command line that does not fit. A group that was given nothing says what it has."""
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
        return EXIT_USAGE
    # The library's sentences start with a capital and end with a full stop.
    text = message.strip().rstrip(".")
    text = text if text[1:2].isupper() else text[:1].lower() + text[1:]
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "ledger"
    return _failed(verb, LedgerError("LG1201", text, hint=f"{path} --help", exit_code=EXIT_USAGE), as_json)
