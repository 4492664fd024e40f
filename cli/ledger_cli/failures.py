"""From exceptions to exit codes: no traceback reaches a user, and with `--json` a failure is one JSON object too."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.errors import EXIT_BUG, EXIT_OK, EXIT_USAGE, LedgerError
from ledger_cli.output import envelope, say, talk

INTERRUPTED = 130


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
    as_json = "--json" in args
    verb = _verb(args)
    try:
        code = app(args=list(args), standalone_mode=False)
        sys.stdout.flush()
    except Outcome as outcome:
        return _answered(outcome, as_json)
    except LedgerError as error:
        return _failed(verb, error, as_json)
    except (KeyboardInterrupt, EOFError):
        talk("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever is left is a bug, and says so
        return _odd(error, verb, as_json)
    return code if isinstance(code, int) else EXIT_OK


def _verb(args: Sequence[str]) -> str:
    """The verb as it stands in the JSON schema name."""
    from ledger_cli.app import VERBS

    words = [word for word in args if not word.startswith("-")]
    if not words or words[0] not in VERBS:
        return "ledger"
    pair = "-".join(words[:2])
    groups = ("key-new", "key-trust", "key-list", "verify-bundle", "verify-artifact", "frameworks-show", "frameworks-evaluate")
    if pair in groups:
        return pair
    return "ledger" if words[0] == "key" else words[0]


def _answered(outcome: Outcome, as_json: bool) -> int:
    if as_json:
        say(envelope(outcome.verb, outcome.result, describe(outcome.error)))
    _explain(outcome.error)
    return outcome.error.exit_code


def _failed(verb: str, error: LedgerError, as_json: bool) -> int:
    if as_json:
        say(envelope(verb, None, describe(error)))
    _explain(error)
    return error.exit_code


def _explain(error: LedgerError) -> None:
    talk(f"error[{error.code}]: {error.message}")
    if error.hint:
        talk(f"\nhint: {error.hint}")


def _odd(error: Exception, verb: str, as_json: bool) -> int:
    import typer

    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, typer.Abort):
        talk("aborted")
        return INTERRUPTED
    message = getattr(error, "format_message", None)
    if callable(message) and hasattr(error, "exit_code"):
        usage = LedgerError("LG1201", str(message()).strip().rstrip("."), hint=_usage_hint(error), exit_code=EXIT_USAGE)
        return _failed(verb, usage, as_json)
    if os.environ.get("OPENNESS_LEDGER_DEBUG"):
        raise error
    bug = LedgerError("LG9999", f"{type(error).__name__}: {error}", hint="set OPENNESS_LEDGER_DEBUG=1 to see where, and report it")
    _failed(verb, bug, as_json)
    return EXIT_BUG


def _usage_hint(error: Exception) -> str:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "ledger"
    return f"{path} --help"
