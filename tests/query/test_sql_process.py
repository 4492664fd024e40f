"""The process that runs auditors' SQL: bound by the system, gone with whoever asked, and never believed without a whole answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from conftest import MOMENT, ORIGIN

from ledger.api import Ledger, LedgerError, QueryLimits
from ledger.clock import FixedClock

ROOT = Path(__file__).resolve().parent.parent.parent
ENDLESS = "select count(*) from range(100000000000) a, range(1000000) b where a.range + b.range = 7"
WAIT_SECONDS = 60
ASK = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger.api import Ledger, LedgerError
print("ready", flush=True)
try:
    Ledger.open(sys.argv[2]).query(sys.argv[3])
except KeyboardInterrupt:
    print("interrupted", flush=True)
except LedgerError as error:
    print(error.code, flush=True)
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("sql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        return Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))


def children(parent: int) -> list[int]:
    """The processes of this parent that run a query."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found += [int(folder.name)] if b"ledger.query.child" in (folder / "cmdline").read_bytes() else []
        except (OSError, IndexError):
            continue
    return found


def until(what: Callable[[], object]) -> object:
    """Wait for something that is true."""
    end = time.monotonic() + WAIT_SECONDS
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def busy(pid: int) -> bool:
    """Whether a process is in its query: it has threads of the engine, and they compute."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(stat[17]) > 1 and int(stat[11]) > 30


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def asking(ledger: Ledger) -> tuple[subprocess.Popen[str], int]:
    """A process that waits for an answer that never comes, and its child."""
    command = [sys.executable, "-c", ASK, str(ROOT), str(ledger.layout.root), ENDLESS]

    def as_at_a_terminal() -> None:
        """Whoever runs the tests may have told them to ignore signals, and what is ignored stays so in every process they start."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=as_at_a_terminal)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    (child,) = until(lambda: children(process.pid))
    until(lambda: busy(child))
    return process, child


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_with_whoever_asked(ledger: Ledger, number: signal.Signals) -> None:
    process, child = asking(ledger)
    process.send_signal(number)
    process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == -number
    until(lambda: gone(child))


def test_an_interrupt_ends_it_at_once(ledger: Ledger) -> None:
    process, child = asking(ledger)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=WAIT_SECONDS)
    assert (out, process.returncode) == ("interrupted\n", 0)
    assert gone(child)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGXCPU])
def test_one_that_is_ended_gives_no_answer(ledger: Ledger, number: signal.Signals) -> None:
    process, child = asking(ledger)
    os.kill(child, number)
    out, _ = process.communicate(timeout=WAIT_SECONDS)
    assert (out, process.returncode) == ("LG0703\n", 0)
    assert gone(child)


def test_time_is_over_on_the_wall_clock_and_nothing_is_left(ledger: Ledger) -> None:
    for sql in (ENDLESS, "select levenshtein(repeat('ab', 200000), repeat('ba', 200000))"):
        with pytest.raises(LedgerError, match=r"ran longer than 0\.5 seconds") as refused:
            ledger.query(sql, QueryLimits(0.5))
        assert (refused.value.code, refused.value.exit_code) == ("LG0703", 3)
    assert children(os.getpid()) == []


def started(pid: int) -> bool:
    """Whether the process has confined itself, which it does before it says that it has started; and half a second more."""
    try:
        confined = "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    time.sleep(0.5)
    return confined


def test_one_that_stands_still_is_ended(ledger: Ledger) -> None:
    """A stopped process uses no processor time: only the clock of the one who asked ends it."""
    stopped: list[int] = []

    def stop() -> None:
        stopped.extend(until(lambda: [pid for pid in children(os.getpid()) if busy(pid) and started(pid)]))
        os.kill(stopped[0], signal.SIGSTOP)

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(LedgerError, match="ran longer than 3 seconds"):
        ledger.query(ENDLESS, QueryLimits(3))
    thread.join()
    assert gone(stopped[0])


def test_the_limits_are_those_of_the_system(ledger: Ledger) -> None:
    process, child = asking(ledger)
    try:
        limits = Path(f"/proc/{child}/limits").read_text()
        status = Path(f"/proc/{child}/status").read_text()
        environment = Path(f"/proc/{child}/environ").read_bytes()
        cwd = str(Path(f"/proc/{child}/cwd").readlink())
    finally:
        process.kill()
        process.communicate()
    found = {line[:26].strip(): line[26:68].split() for line in limits.splitlines()}
    assert found["Max file size"] == ["0", "0"]
    assert found["Max core file size"] == ["0", "0"]
    assert found["Max address space"] == [str(4 << 30)] * 2
    assert int(found["Max cpu time"][0]) < 200 and found["Max cpu time"][0] == found["Max cpu time"][1]
    assert int(found["Max open files"][1]) < 300
    assert ("NoNewPrivs:\t1" in status, cwd) == (True, "/")
    assert {part.partition(b"=")[0] for part in environment.split(b"\0") if part} <= {b"LC_ALL", b"HOME", b"LD_LIBRARY_PATH"}


TRY = """
import os, socket, sys, threading
sys.path.insert(0, sys.argv[1])
import signal
from ledger.query.confine import confine, limit_resources
handle = os.memfd_create("x")
os.write(handle, b"held")
limit_resources(memory_bytes=4 << 30, cpu_seconds=60, descriptors=64)
print(*confine())
def tried(name, work):
    try:
        work()
        print(name, "done")
    except OSError as error:
        print(name, error.errno)
tried("open", lambda: open("/etc/passwd"))
tried("list", lambda: os.listdir("/"))
tried("write", lambda: open(sys.argv[2], "w"))
tried("socket", lambda: socket.socket())
tried("pair", lambda: socket.socketpair())
tried("fork", os.fork)
tried("exec", lambda: os.execv("/bin/true", ["true"]))
tried("kill", lambda: os.kill(os.getppid(), 0))
tried("held", lambda: open(f"/proc/self/fd/{handle}", "rb").read() == b"held" or 1 / 0)
def in_a_thread():
    # Waited for: one that the end of the interpreter meets would need a library that cannot be loaded any more.
    started = threading.Thread(target=print)
    started.start()
    started.join()
tried("thread", in_a_thread)
"""


def test_files_sockets_and_processes_are_forbidden_by_the_system(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-c", TRY, str(ROOT), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS)
    missing, *lines = done.stdout.splitlines()
    if missing:
        pytest.skip(f"this system lacks {missing}")
    assert done.stderr == ""
    assert [line for line in lines if line] == [
        *("open 13", "list 13", "write 13", "socket 1", "pair 1", "fork 1", "exec 1", "kill 1"),
        *("held done", "thread done"),
    ]


def test_what_the_system_lacks_is_said(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(ledger.query("select 1").unconfined) <= {"Landlock", "seccomp"}
    monkeypatch.delattr(os, "memfd_create")
    with pytest.raises(LedgerError) as refused:
        ledger.query("select 1")
    assert (refused.value.code, refused.value.exit_code) == ("LG0705", 5)


def test_an_interpreter_that_is_not_there(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(LedgerError) as refused:
        ledger.query("select 1")
    assert refused.value.code == "LG0705"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{}",
        '{"done": 0}',
        '{"unconfined": []}\n{"ready": true}\n{"columns": ["a"], "types": ["b"]}\n[[1]]\n{"done": 2}',
        '{"unconfined": []}\n{"columns": ["a"], "types": ["b"]}\n[[{"pickle": "x"}]]\n{"done": 1}',
        '{"unconfined": []}\n{"columns": ["a"], "types": ["b"]}\n[[{"datetime": 5}]]\n{"done": 1}',
        "[" * 100_000,
        '{"error": {"code": "LG9", "message": "m", "hint": null}}',
        '{"error": 5}',
        "5",
        "\\xff",
        "x" * 3_000_000,
    ],
)
def test_an_engine_that_lies_gives_no_answer(ledger: Ledger, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter is replaced by a program that says something else: what a child says is never believed for its form."""
    (tmp_path / "said").write_text(said + "\n")
    (tmp_path / "python").write_text(f"#!/bin/sh\ncat > /dev/null\ncat {tmp_path}/said\n")
    (tmp_path / "python").chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(LedgerError) as refused:
        ledger.query("select 1", QueryLimits(20, 10, 1 << 20))
    assert (refused.value.code, refused.value.exit_code) == ("LG0703", 3)


def test_values_come_back_as_the_engine_gave_them(ledger: Ledger) -> None:
    sql = (
        "select 1, 2::hugeint ** 100, 1.5::double, 'inf'::double, 'ä\"', true, null, 'a\\xff'::blob, 1.50::decimal(9,2), "
        "date '2026-11-24', timestamp '2026-11-24 10:00:00.5', interval 36 hour, '00000000-0000-0000-0000-000000000001'::uuid, "
        "[1, null], {'a': [{'b': 'x'}]}, map {1: 'one', 2: 'two'}, time '10:00:00', bit '101'"
    )
    assert ledger.query(sql).rows == (
        (
            *(1, 2.0**100, 1.5, float("inf"), 'ä"', True, None, b"a\xff", Decimal("1.50"), date(2026, 11, 24)),
            *(datetime(2026, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC).replace(tzinfo=None), timedelta(hours=36), UUID(int=1), [1, None]),
            *({"a": [{"b": "x"}]}, {1: "one", 2: "two"}, datetime(2026, 1, 1, 10, tzinfo=UTC).time(), "101"),
        ),
    )


def test_many_bytes_are_refused_and_those_within_the_limit_arrive(ledger: Ledger) -> None:
    sql = "select repeat('x', 1000) from range(1000)"
    assert len(ledger.query(sql, QueryLimits(bytes=2 << 20)).rows) == 1000
    with pytest.raises(LedgerError, match="more than 0 MiB") as refused:
        ledger.query(sql, QueryLimits(bytes=900_000))
    assert refused.value.code == "LG0703"


def test_queries_of_many_threads_at_once(ledger: Ledger) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda n=n: found.append(ledger.query(f"select {n}").rows[0][0])) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(6))
    assert children(os.getpid()) == []


def test_a_segment_is_checked_before_it_is_used(ledger: Ledger) -> None:
    (path,) = (item.path for item in ledger._store.segments.in_force("names", ledger.size))
    (other,) = (item.path for item in ledger._store.segments.in_force("keys", ledger.size))
    sound = path.read_bytes()
    path.chmod(0o600)
    try:
        for wrong in (other.read_bytes(), sound + b"\0", b""):
            path.write_bytes(wrong)
            with pytest.raises(LedgerError) as refused:
                ledger.query("select count(*) from names")
            assert (refused.value.code, refused.value.exit_code) == ("LG0609", 4)
            assert ledger.query("select count(*) from entries").rows == ((1,),)
    finally:
        path.write_bytes(sound)
    assert ledger.query("select count(*) from names").rows == ((0,),)
