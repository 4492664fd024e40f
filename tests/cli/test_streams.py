"""Readers that go away, full disks, closed descriptors, interrupts and terminals: the exit code is right, and nobody sees a traceback."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import ROOT, SCRIPT, contents, environment, run, start

from ledger.api import Ledger

ENDLESS = "select count(*) from range(100000000000) a, range(1000) b"


@pytest.fixture
def place(filled: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    monkeypatch.chdir(inputs)
    return filled


def without_reader(*args: str) -> tuple[int, str]:
    """Exit code and talk of a command whose reader went away before it said anything."""
    reading, writing = os.pipe()
    os.close(reading)
    with start(args, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=120)
    return process.returncode, err.decode()


def test_a_reader_that_goes_away_does_not_change_the_exit_code(place: Ledger) -> None:
    for args in (("log",), ("log", "--json"), ("--help",), ("verify", "--help"), ("sql", "select * from range(100000)")):
        assert without_reader(*args) == (0, ""), args
    assert without_reader("sql", "select * from range(100000)", "--format", "parquet") == (0, "")
    victim = next(path for path in place.layout.objects.rglob("*") if path.is_file())
    victim.chmod(0o600)
    victim.write_bytes(b"changed")
    code, err = without_reader("verify")
    assert (code, err.split("]")[0]) == (4, "error[LG0616")


def test_an_answer_that_cannot_be_written_is_no_answer(place: Ledger) -> None:
    with open("/dev/full", "wb") as full:
        for args in (("log",), ("log", "--json"), ("verify",), ("sql", "select 1", "--format", "parquet"), ("show", "figures")):
            said = run(*args, stdout=full)
            assert (said.code, said.err.split("]")[0]) == (5, "error[LG1103"), args
        # A verdict that nobody could read must not be taken for one.
        assert run("why", "figures@1", "trainer@1", "--json", stdout=full).code == 5
        assert run("show", "nobody", stderr=full).code == 2


def closed(descriptor: int, *args: str) -> int:
    """Exit code of a command that starts with a descriptor closed."""
    line = f'exec "$0" -c "$1" "${{@:2}}" {descriptor}>&-' if descriptor else 'exec "$0" -c "$1" "${@:2}" <&-'
    done = subprocess.run(["bash", "-c", line, sys.executable, SCRIPT, *args], env=environment(), capture_output=True, timeout=120)
    assert b"Traceback" not in done.stdout + done.stderr
    return done.returncode


@pytest.mark.parametrize("descriptor", [0, 1, 2])
def test_closed_descriptors(place: Ledger, descriptor: int) -> None:
    assert closed(descriptor, "log") == 0
    assert closed(descriptor, "show", "nobody") == 2
    assert closed(descriptor, "record", "code", "code", "--name", f"again-{descriptor}") == 0
    assert all(check.result != "fail" for check in place.verify(deep=True).checks)


def interrupt(process: subprocess.Popen[bytes], seconds: float) -> tuple[int, str, float]:
    """Ctrl-C after a while: exit code, talk, and how long it then took."""
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    since = time.monotonic()
    try:
        _, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, err.decode(), time.monotonic() - since


def test_an_interrupt_stops_a_query_at_once(place: Ledger) -> None:
    with start(["sql", ENDLESS, "--seconds", "50"], start_new_session=True) as process:
        code, err, took = interrupt(process, 3.0)
    assert (code, err.split("]")[0]) == (130, "error[LG1205")
    assert "hint: " in err and "Traceback" not in err
    assert took < 20


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6])
def test_an_interrupt_at_any_time_leaves_the_ledger_whole(place: Ledger, tmp_path: Path, seconds: float) -> None:
    for number in range(2000):
        path = tmp_path / "many" / str(number % 50) / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}")
    before = contents(place.layout.root)
    # Python warns of files that it had open when it was interrupted; users have its warnings off.
    quiet = environment(PYTHONWARNINGS="")
    with start(["record", "dataset", str(tmp_path / "many"), "--name", "many"], start_new_session=True, env=quiet) as process:
        code, err, _ = interrupt(process, seconds)
    if code == 130:
        assert err.startswith("error[LG1205") and "Traceback" not in err
    assert code in (0, 130, -signal.SIGINT)
    # The workers are gone too, soon.
    limit = time.monotonic() + 10
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < limit:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
    if code == -signal.SIGINT:
        assert contents(place.layout.root) == before
    assert all(check.result != "fail" for check in place.verify(deep=True).checks)


def on_terminal(*args: str, code: str = SCRIPT, stdout_too: bool = True, **variables: str) -> tuple[str, str, int]:
    """stdout (when it is no terminal), what the terminal shows, and the exit code."""
    ours, theirs = pty.openpty()
    out = theirs if stdout_too else subprocess.PIPE
    env = environment(TERM="xterm", COLUMNS="80", **variables)
    process = subprocess.Popen([sys.executable, "-c", code, *args], env=env, stdin=theirs, stdout=out, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    answer = process.stdout.read() if process.stdout else b""
    os.close(ours)
    with process:
        return answer.decode(), shown.decode(), process.wait(60)


IMPATIENT = SCRIPT.replace("main()", "import ledger_cli.progress as p; p._PATIENCE_SECONDS = 0; main()")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_progress_on_the_terminal_leaves_the_answer_on_stdout(place: Ledger, inputs: Path, more: tuple[str, ...]) -> None:
    (inputs / "p.yaml").write_text("ledger: 1\nartifacts: [{kind: code, name: p, path: code}, {kind: weights, name: m, path: model}]\n")
    answer, shown, code = on_terminal("record", "--file", "p.yaml", *more, code=IMPATIENT, stdout_too=False)
    assert code == 0
    assert "hashing" in shown
    if more:
        assert [item["name"] for item in json.loads(answer)["result"]["recorded"]] == ["p", "m"]
    else:
        assert [line.split()[1] for line in answer.splitlines()[2:4]] == ["code", "weights"]
    assert "weights" not in shown


def test_progress_is_not_drawn_for_what_takes_a_moment_or_for_nobody(place: Ledger) -> None:
    assert "hashing" not in on_terminal("record", "code", "code", "--name", "p", stdout_too=False)[1]
    assert "hashing" not in on_terminal("record", "code", "code", "--name", "p", code=IMPATIENT, stdout_too=False, CI="true")[1]
    assert "hashing" not in on_terminal("record", "code", "code", "--name", "p", "-q", code=IMPATIENT, stdout_too=False)[1]


def test_colour_only_where_it_is_wanted(place: Ledger) -> None:
    _, shown, code = on_terminal("verify")
    assert code == 0 and "\x1b[32mok  \x1b[0m" in shown
    assert "\x1b[1;31merror[LG0901]\x1b[0m" in on_terminal("show", "nobody")[1]
    assert "\x1b" not in on_terminal("verify", NO_COLOR="1")[1]
    assert "\x1b" not in run("verify").out


def test_parquet_is_not_written_to_a_terminal(place: Ledger) -> None:
    _, shown, code = on_terminal("sql", "select 1", "--format", "parquet")
    assert code == 2 and "LG1201" in shown and "PAR1" not in shown


def test_tables_fit_the_terminal(place: Ledger) -> None:
    for args in (("log",), ("frameworks",), ("key", "list"), ("sql", "select * from columns"), ("explain",)):
        _, shown, code = on_terminal(*args, NO_COLOR="1")
        assert code == 0
        # What is no table, such as the log's key or the next command, is one piece however long it is.
        rows = shown.replace("\r", "").split("\nlog key")[0].split("\nnext")[0].splitlines()
        assert max(map(len, rows)) <= 80, args


def test_the_end_waits_for_no_thread(tmp_path: Path) -> None:
    """An import that is interrupted keeps the lock that all imports need, so a thread that imports may never end."""
    code = """
import sys, threading, time
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
sys.argv[1:] = ["explain", "LG0101"]
threading.Thread(target=lambda: time.sleep(300)).start()
from ledger_cli.app import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "LG0101: not strict JSON (exit code 2)")


def test_an_interrupt_in_the_machinery_of_imports_comes_a_little_later() -> None:
    """As if Ctrl-C hit a frame of `importlib`: nothing is raised there, and what runs next is interrupted."""
    script = (
        "import signal, sys, time\n"
        f"sys.path[:0] = {[str(ROOT), str(ROOT / 'cli')]!r}\n"
        "from ledger_cli.__main__ import interrupted\n"
        "signal.signal(signal.SIGALRM, interrupted)\n"
        "signal.signal(signal.SIGINT, interrupted)\n"
        "code = 'import signal; signal.raise_signal(signal.SIGINT); passed = True'\n"
        "said = {}\n"
        "exec(compile(code, '<frozen importlib._bootstrap>', 'exec'), said)\n"
        "print('passed', said['passed'], flush=True)\n"
        "try:\n    time.sleep(20)\n"
        "except KeyboardInterrupt:\n    print('later')\n"
        "try:\n    signal.raise_signal(signal.SIGINT)\n"
        "except KeyboardInterrupt:\n    print('at once')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout.split("\n"), done.stderr) == (["passed True", "later", "at once", ""], "")
