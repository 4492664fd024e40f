"""The shell: statements in SQL and commands that start with a dot, from a terminal or from a script; each question in its own process."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger_cli.output import envelope, flush, say, table, talk
from ledger_cli.rows import as_csv

PROMPT, MORE = "ledger> ", "   ...> "
MODES = ("table", "json", "csv")
COMMANDS = {
    ".help": "this list",
    ".tables": "what can be read: tables, views and table macros",
    ".columns [NAME]": "the columns of one of them, or of all",
    ".queries": "the named questions",
    ".query NAME [PARAM=VALUE …]": "ask one of them",
    ".mode [table|json|csv]": "how answers are written",
    ".at [N|TIME|now]": "answer as the ledger stood at this size or time",
    ".quit": "leave; so does Ctrl-D",
}
_KEPT_LINES = 2000
_MOST_TEXT = 4 << 20
# What may hold a semicolon that ends nothing. Each is open until it is closed, so that a statement may go on in the next line.
_TOKEN = re.compile(
    r"'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|--[^\n]*(?:\n|\Z)|/\*(?:.*?\*/|.*\Z)|(\$[A-Za-z_]*\$)(?:.*?\1|.*\Z)|;", re.DOTALL
)
_WORDS = (
    *("select", "from", "where", "join", "left", "using", "group by", "having", "order by", "limit", "with", "recursive", "union all"),
    *("distinct", "and", "or", "not", "null", "is", "in", "like", "between", "exists", "case", "when", "then", "else", "end", "as", "on"),
    *("count", "sum", "min", "max", "asc", "desc"),
)


def statements(text: str) -> tuple[list[str], str]:
    """The statements of a text that end with `;`, without it, and what stands behind the last."""
    found, start = [], 0
    for match in _TOKEN.finditer(text):
        if match[0] == ";":
            found.append(text[start : match.start()])
            start = match.end()
    return found, text[start:]


def says_nothing(text: str) -> bool:
    """Whether there are only comments and spaces in it."""
    return not _TOKEN.sub(lambda match: "" if match[0][:2] in {"--", "/*"} else match[0], text).strip()


def begins(text: str) -> bool:
    """Whether there is a statement in it, or a comment that is not closed yet."""
    last = next(reversed([match[0] for match in _TOKEN.finditer(text)]), "")
    return not says_nothing(text) or (last.startswith("/*") and not (last.endswith("*/") and len(last) > 3))


class Shell:
    """What is asked, how it is answered, and as of when.

    Args:
        open_at: opens the ledger as of a size or time; None for now.
        ask: runs one statement on it.
        named: asks a named question of it: (name, values).
    """

    def __init__(
        self, open_at: Callable[[str | None], Any], at: str | None, mode: str, ask: Callable[[Any, str], Any], named: Callable[..., Any]
    ) -> None:
        self._open_at, self._ask, self._named = open_at, ask, named
        self._at, self._mode = at, mode
        self._ledger = open_at(at)
        self._done = False
        # The method of each command, and how many words it takes.
        self._commands: dict[str, tuple[Callable[..., None], int, int]] = {
            ".help": (self._help, 0, 0),
            ".tables": (self._tables, 0, 0),
            ".columns": (self._columns, 0, 1),
            ".queries": (self._queries, 0, 0),
            ".query": (self._query, 1, 100),
            ".mode": (self._set_mode, 0, 1),
            ".at": (self._set_at, 0, 1),
            ".quit": (self._quit, 0, 0),
        }

    # --- reading ---------------------------------------------------------------------------------

    def script(self, lines: Iterator[str]) -> None:
        """Run a script, up to its first error. Raises whatever is wrong; LedgerError LG0711 when the last statement has no end."""
        held = ""
        for line in lines:
            held = self._take(held, line)
            if self._done:
                return
        if not says_nothing(held):
            raise LedgerError("LG0711", f"the last statement does not end with `;`: {' '.join(held.split())[:100]}")

    def talk_with(self, history: Path) -> None:
        """Read from a terminal until its user leaves. An error is told, and the shell goes on; an interrupt ends what is being done."""
        say(f"{self._ledger.origin}, {self._ledger.size} entries. `.help` lists the commands; a statement ends with `;`.")
        with _Lines(history, self.completions):
            held = ""
            while not self._done:
                try:
                    flush()
                    held = self._take(held, input(MORE if held else PROMPT) + "\n")
                except EOFError:
                    say()
                    return
                except KeyboardInterrupt:
                    held = ""
                    talk("\ninterrupted")
                except LedgerError as error:
                    held = ""
                    talk(f": {error.message}\nhint: {error.hint}", head=f"error[{error.code}]")

    def _take(self, held: str, line: str) -> str:
        """Do what a line asks for, and give back what waits for its end."""
        if not held and line.lstrip().startswith("."):
            self.command(line.strip())
            return ""
        if len(held) + len(line) > _MOST_TEXT:
            raise LedgerError("LG0711", f"a statement has more than {_MOST_TEXT >> 20} million characters")
        if ";" not in line and held:
            return held + line  # nothing ends here; a long statement is not looked through again for each of its lines
        found, rest = statements(held + line)
        for text in found:
            if not says_nothing(text):
                self._put(self._ask(self._ledger, text.strip()), "sql")
        return rest if begins(rest) else ""

    # --- answering -------------------------------------------------------------------------------

    def command(self, line: str) -> None:
        """Run a command. Raises LedgerError LG0710 for one that is not there or not like this, and what it raises."""
        try:
            name, *words = shlex.split(line)
        except ValueError:
            raise LedgerError("LG0710", f"`{line[:100]}` has a quotation mark without its other") from None
        work, least, most = self._commands.get(name, (None, 0, 0))
        if work is None or not least <= len(words) <= most:
            raise LedgerError("LG0710", f"there is no command `{line[:100]}`")
        work(*words)

    def _help(self) -> None:
        table(("command", "what it does"), list(COMMANDS.items()))

    def _tables(self) -> None:
        table(("name", "a row"), [(item.name, item.comment) for item in self._ledger.views()])

    def _columns(self, name: str = "") -> None:
        wanted = name.partition("(")[0]
        views = [item for item in self._ledger.views() if wanted in ("", item.name.partition("(")[0])]
        if not views:
            raise LedgerError("LG0710", f"there is no table, view or macro `{name[:100]}`", hint="`.tables` lists them")
        table(("table", "column", "meaning"), [(item.name, column, text) for item in views for column, text in item.columns])

    def _queries(self) -> None:
        table(("name", "question"), [(item.name, item.question) for item in self._ledger.named_queries()])

    def _query(self, name: str, *settings: str) -> None:
        told = self._named(self._ledger, name, settings)
        self._put(told.result, "query", told)

    def _set_mode(self, mode: str = "") -> None:
        if mode not in ("", *MODES):
            raise LedgerError("LG0710", f"`.mode` is {', '.join(MODES[:-1])} or {MODES[-1]}, not `{mode[:40]}`")
        self._mode = mode or self._mode
        if not mode:
            say(self._mode)

    def _set_at(self, at: str = "") -> None:
        if at:
            moment = None if at == "now" else at
            self._ledger, self._at = self._open_at(moment), moment
            return
        say(f"{self._ledger.size} entries{'' if self._at is None else f', as of {self._at}'}")

    def _quit(self) -> None:
        self._done = True

    def _put(self, found: Any, verb: str, told: Any = None) -> None:
        if self._mode == "csv":
            say(as_csv(found))
        elif self._mode == "json":
            plain = {"columns": list(found.columns), "types": list(found.types), "rows": found.plain_rows()}
            say(envelope(verb, plain if told is None else told.to_json()))
        else:
            table(found.columns, found.plain_rows())
            if told is not None and not told.complete:
                from ledger_cli.verbs.query import BOUND

                say(BOUND)

    # --- completing ------------------------------------------------------------------------------

    def completions(self, line: str, word: str) -> list[str]:
        """What a word at the end of a line may become."""
        before = line[: len(line) - len(word)].split()
        if not before and word.startswith("."):
            return [name for name in (item.split()[0] for item in COMMANDS) if name.startswith(word)]
        views = [item.name.partition("(")[0] + ("(" if "(" in item.name else "") for item in self._ledger.views()]
        if before[:1] == [".mode"]:
            known = list(MODES)
        elif before[:1] == [".columns"]:
            known = [name.rstrip("(") for name in views]
        elif before == [".query"]:
            known = [item.name for item in self._ledger.named_queries()]
        elif before[:1] == [".query"]:
            known = [f"{one.name}=" for item in self._ledger.named_queries() if item.name == before[1] for one in item.parameters]
        else:
            columns = [column for item in self._ledger.views() for column, _ in item.columns]
            known = [*_WORDS, *views, "ledger_root()", "columns", *columns]
        return sorted({name for name in known if name.startswith(word)})


class _Lines:
    """A terminal's lines with a history and completion, where Python has them; the history is kept for the user alone."""

    def __init__(self, history: Path, completions: Callable[[str, str], list[str]]) -> None:
        self._history, self._completions = history, completions
        self._found: list[str] = []

    def __enter__(self) -> _Lines:
        with suppress(ImportError):
            import readline

            readline.set_completer_delims(" \t\n,;()='\"")
            readline.set_completer(self._complete)
            readline.parse_and_bind("tab: complete")
            readline.set_history_length(_KEPT_LINES)
            readline.clear_history()
            with suppress(OSError):
                readline.read_history_file(self._history)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ImportError, OSError):
            import readline

            self._history.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._history, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            readline.write_history_file(self._history)

    def _complete(self, word: str, state: int) -> str | None:
        if state == 0:
            import readline

            self._found = self._completions(readline.get_line_buffer()[: readline.get_endidx()], word)
        return self._found[state] if state < len(self._found) else None
