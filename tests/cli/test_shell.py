"""The shell: at a terminal, with what a person types and what the terminal shows; and as a script."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import SCRIPT, environment, run
from hypothesis import given
from hypothesis import strategies as st
from ledger_cli.shelling import begins, says_nothing, statements

from ledger.api import Ledger

LONG = "select count(*) from range(100000000000) a, range(1000000) b;"


class Terminal:
    """`ledger shell` at a terminal of its own; `keys` are sent once the terminal waits with its prompt."""

    def __init__(self, *args: str) -> None:
        self.ours, theirs = pty.openpty()

        def own_terminal() -> None:
            os.setsid()
            os.close(os.open(os.ttyname(0), os.O_RDWR))  # the first terminal that a session opens is the one whose Ctrl-C it gets

        env = environment(TERM="dumb", COLUMNS="120", INPUTRC="/dev/null")
        command = [sys.executable, "-c", SCRIPT, "shell", *args]
        self.process = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=own_terminal)
        os.close(theirs)
        self.shown = ""

    def until(self, text: str, seconds: float = 90.0) -> str:
        """What is shown up to and with a text that was not shown before."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0], f"no {text!r} in {self.shown!r}"
            try:
                piece = os.read(self.ours, 1 << 16)
            except OSError:
                piece = b""
            assert piece, f"it ended without {text!r}: {self.shown!r}"
            self.shown += piece.decode("utf-8").replace("\r\n", "\n")
        at = self.shown.index(text) + len(text)
        found, self.shown = self.shown[:at], self.shown[at:]
        return found

    def type(self, keys: str) -> None:
        os.write(self.ours, keys.encode("utf-8"))

    def answer(self, line: str, prompt: str = "ledger> ") -> str:
        """What stands between a line and the next prompt."""
        self.type(line + "\n")
        return self.until(prompt).partition("\n")[2].removesuffix(prompt)

    def interrupt(self) -> str:
        """What is shown after Ctrl-C, up to the next prompt. Python's own line editor may miss one that comes as it starts to wait."""
        for _ in range(10):
            time.sleep(0.3)
            self.type("\x03")
            if select.select([self.ours], [], [], 5)[0]:
                break
        return self.until("ledger> ")

    def ended(self) -> int:
        code = self.process.wait(timeout=60)
        os.close(self.ours)
        return code


@pytest.fixture
def home(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    return Path(os.environ["XDG_STATE_HOME"]) / "openness-ledger"


@pytest.fixture
def terminal(home: Path) -> Iterator[Terminal]:
    made = Terminal()
    made.until("ledger> ")
    yield made
    made.process.kill()
    made.process.wait()


def test_statements_commands_and_leaving(terminal: Terminal, home: Path) -> None:
    assert terminal.answer("select count(*) as n", "...> ") == "   "
    assert re.fullmatch(r"n\n─\n6\n", terminal.answer("from entries; -- all; of them"))
    assert terminal.answer("select ';' as a; select 2 as b;") == "a\n─\n;\nb\n─\n2\n"
    assert "error[LG0702]" in terminal.answer("select nope;")
    assert "error[LG0701]" in terminal.answer("drop view entries;")
    assert "error[LG0710]" in terminal.answer(".nonsense")
    assert "LG0901" in terminal.answer(".query made-from artifact=nobody")
    assert "trainer" in terminal.answer(".query made-from artifact=weights/reader")
    assert "there may be more" in terminal.answer(".query made-from artifact=release/reader@1 depth=1")
    assert terminal.answer(".at 2") == "" and terminal.answer(".at") == "2 entries, as of 2\n"
    assert "LG0704" in terminal.answer(".at 99") and terminal.answer(".at") == "2 entries, as of 2\n"
    assert terminal.answer(".mode csv") == "" and terminal.answer("select count(*) as n from entries;") == "n\n2\n"
    assert terminal.answer(".at now") == "" and terminal.answer("select count(*) as n from entries;") == "n\n6\n"
    terminal.type("\x04")
    assert terminal.ended() == 0
    kept = home / "shell-history"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "from entries; -- all; of them" in kept.read_text().splitlines()


def test_an_interrupt_ends_the_question_and_not_the_shell(terminal: Terminal) -> None:
    terminal.type(LONG + "\n")
    terminal.until("b;")
    time.sleep(1.5)
    start = time.monotonic()
    terminal.type("\x03")
    assert "interrupted" in terminal.until("ledger> ")
    assert time.monotonic() - start < 20
    assert terminal.answer("select 1 as a;") == "a\n─\n1\n"
    terminal.type("select 'half a statement\n")
    terminal.until("...> ")
    assert "interrupted" in terminal.interrupt()
    assert terminal.answer("select 2 as b;") == "b\n─\n2\n"
    terminal.type(".quit\n")
    assert terminal.ended() == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("select artifact_n\t", "artifact_no"),
        ("select * from license_c\t", "license_claims"),
        ("select * from ances\t", "ancestors("),
        (".query tain\t", "tainted-by"),
        (".query tainted-by art\t", "artifact="),
        (".mo\t", ".mode"),
        (".mode js\t", ".mode json"),
        (".columns sourc\t", "sources"),
    ],
)
def test_the_tab_key_completes(terminal: Terminal, typed: str, shown: str) -> None:
    terminal.type(typed)
    terminal.until(shown)


def test_the_history_is_there_the_next_time(home: Path) -> None:
    first = Terminal()
    first.until("ledger> ")
    first.answer("select 41 + 1 as answer;")
    first.type(".quit\n")
    assert first.ended() == 0
    again = Terminal("--at", "3", "--mode", "csv")
    assert "3 entries" in again.until("ledger> ")
    again.type("\x1b[A\x1b[A\n")  # two lines back: behind `.quit`
    assert "answer\n42\n" in again.until("ledger> ")
    again.type("\x04")
    assert again.ended() == 0


def test_a_history_that_is_a_link_or_cannot_be_written_is_left_alone(home: Path, tmp_path: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (tmp_path / "other").write_text("mine\n")
    (home / "shell-history").symlink_to(tmp_path / "other")
    made = Terminal()
    made.until("ledger> ")
    made.type(".quit\n")
    assert made.ended() == 0
    assert (tmp_path / "other").read_text() == "mine\n"


def script(text: str, *args: str, folder: Path) -> tuple[int, str, str]:
    (folder / "script").write_text(text)
    with (folder / "script").open("rb") as file:
        said = run("shell", *args, stdin=file)
    return said.code, said.out, said.err


def test_a_script_ends_at_its_first_error(home: Path, tmp_path: Path) -> None:
    assert script("select 1 as a;\n-- words\nselect 2\nas b;\n.quit\nselect 3;", folder=tmp_path) == (0, "a\n─\n1\nb\n─\n2\n", "")
    code, out, err = script("select 1 as a;\nselect nope;\nselect 2 as b;\n", folder=tmp_path)
    assert (code, out) == (2, "a\n─\n1\n") and "error[LG0702]" in err
    code, out, err = script(".nothing\nselect 1;", folder=tmp_path)
    assert (code, out) == (2, "") and "error[LG0710]" in err
    code, out, err = script("select 1 as a; select 2", folder=tmp_path)
    assert (code, out) == (2, "a\n─\n1\n") and "error[LG0711]" in err
    assert script("", folder=tmp_path) == (0, "", "")
    assert script("-- nothing\n\n/* at all */\n", folder=tmp_path) == (0, "", "")
    code, out, _ = script(".mode json\n.query releases\nselect 1 as a;", folder=tmp_path)
    assert code == 0
    first, second = (json.loads(part) for part in re.split(r"\n(?=\{)", out.rstrip()))
    assert (first["schema"], second["result"]["rows"]) == ("openness-ledger/query/v1", [[1]])


@pytest.mark.parametrize("text", ["\0;", "select '\n" * 2000, ".query 'x", ".query", ".mode a b", ".at x", ".columns x", "\udcff;", ".é"])
def test_what_is_no_script_is_refused(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "script").write_bytes(text.encode("utf-8", "surrogateescape"))
    with (tmp_path / "script").open("rb") as file:
        said = run("shell", stdin=file)
    assert said.code == 2 and "error[LG" in said.err and said.out == ""


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("a; b", ["a"], " b"),
        ("';'; x", ["';'"], " x"),
        ("'it''s;' ; ", ["'it''s;' "], " "),
        ('";";', ['";"'], ""),
        ("-- ;\na;", ["-- ;\na"], ""),
        ("/* ; */ a;", ["/* ; */ a"], ""),
        ("$$;$$; $x$ ; $$ $x$;", ["$$;$$", " $x$ ; $$ $x$"], ""),
        ("'open ;", [], "'open ;"),
        ("/* open ;", [], "/* open ;"),
        ("$$ open ;", [], "$$ open ;"),
        ("-- open ;", [], "-- open ;"),
        (";;", ["", ""], ""),
        ("", [], ""),
    ],
)
def test_where_statements_end(text: str, found: list[str], rest: str) -> None:
    assert statements(text) == (found, rest)


@given(st.text(alphabet="a;'\"$-/* \n"))
def test_nothing_is_lost_between_statements(text: str) -> None:
    found, rest = statements(text)
    assert ";".join([*found, rest]) == text


def test_a_statement_without_end_is_not_read_for_ever(home: Path, tmp_path: Path) -> None:
    code, out, err = script("select '" + "x" * 99 + "\n" + ("y" * 99 + "\n") * 50_000 + "';", folder=tmp_path)
    assert (code, out) == (2, "") and "error[LG0711]" in err


def test_a_long_statement_is_answered(home: Path, tmp_path: Path) -> None:
    text = "select count(*) as n from (values\n" + "(1),\n" * 20_000 + "(1)) t;"
    assert script(text, folder=tmp_path) == (0, "n\n─────\n20001\n", "")


def test_comments_before_a_command() -> None:
    assert [begins(text) for text in ("/* a */\n", "-- a\n", "\n", "/* a", "/*/", "a", "'", "/* a */ /* b")] == [
        *(False, False, False),
        *(True, True, True, True, True),
    ]


def test_what_says_nothing() -> None:
    assert says_nothing(" -- a\n/* b */ ") and not says_nothing("'-- a'") and not says_nothing("a")
