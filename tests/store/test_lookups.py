"""The lookups of large ledgers on disk: the same answers as from the tables, at every size; made anew whenever they are not this log's."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT, fill, make_inputs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger._api.lineages import graph
from ledger.api import Ledger, LedgerError, repair_folder, verify_folder
from ledger.clock import FixedClock
from ledger.store import edgefiles, lookupcheck, reader
from ledger.store.index import Index
from ledger.store.lookups import Lookup, StoredIndex
from ledger.store.reader import Reader


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger of any size has the file here."""
    monkeypatch.setattr(reader, "WORTHWHILE", 0)
    monkeypatch.setattr(reader, "MANY_BEHIND", 1)


@pytest.fixture(params=["tail", "adjacency"])
def edges_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the lineage is: all of it in the tail, or in an adjacency that is built anew after every few edges."""
    if request.param == "adjacency":
        monkeypatch.setattr(edgefiles, "SHORT", 0)
        monkeypatch.setattr(edgefiles, "LONG", 2)
    return str(request.param)


def answers(index: Index, names: list[str], ids: list[str], payloads: list[tuple[bytes, str]]) -> dict[str, Any]:
    """Everything that an index is ever asked."""
    prefixes = sorted({id[: id.index(":") + 9] for id in ids})
    return {
        "size": index.size,
        "count": index.artifact_count,
        "last_time": index.last_time,
        "keys": index.trust.keys,
        "artifacts": [index.artifact(id) for id in ids],
        "numbers": [index.by_number(number) for number in range(index.artifact_count + 2)],
        "all": sorted(index.all_artifacts()),
        "many": index.by_numbers(range(index.artifact_count)),
        "many_names": {no: sorted(rows, key=str) for no, rows in index.names_by_numbers(range(index.artifact_count)).items()},
        "named": [index.named(name) for name in names],
        "named_by": [index.named_by(id) for id in ids],
        "names": sorted(index.all_names(), key=str),
        "corrections": sorted(index.corrections(), key=str),
        "at": [sorted(index.named_at(number), key=str) for number in range(index.size + 1)],
        "distinct": [sorted(index.distinct_names(limit) or []) for limit in (1, 1000)],
        "references": [index.references(name) for name in names],
        "prefixes": [index.with_prefix(prefix) for prefix in prefixes],
        "digits": [sorted(index.with_digits(id.partition(":")[2][:8])) for id in ids],
        "recorded": [index.recorded(payload, keyid) for payload, keyid in payloads],
        "payloads": [index.has_payload(payload) for payload, _ in payloads],
    }


def questions(root: Path) -> tuple[list[str], list[str], list[tuple[bytes, str]]]:
    """Names, ids, payloads to ask about: all that the tables have, and some that nobody has."""
    plain = naive(root, None)
    names = [*plain.names, "nobody's", ""]
    ids = [*plain.artifacts, "tree:" + 64 * "0", "ref:" + 64 * "f"]
    payloads = [(payload, keyid) for payload, found in plain.payloads.items() for _, keyids in found for keyid in [*keyids, 64 * "0"]]
    return names, ids, [*payloads, (32 * b"x", 64 * "1")]


def naive(root: Path, size: int | None) -> Index:
    """The index as it is loaded from the tables, without the file."""
    one = Reader(root)
    one.lookups.open = lambda tree: None  # type: ignore[method-assign]
    one.lookups.keep = lambda *given: None  # type: ignore[method-assign]
    return one.index(size)


def check(root: Path) -> None:
    """The same answers and the same lineage at every size."""
    asked = questions(root)
    whole = naive(root, None).size
    for size in (None, *range(whole + 1)):
        one = Reader(root)
        found, wanted = one.index(size), naive(root, size)
        assert isinstance(found.parent, StoredIndex), "asked from the file"
        assert answers(found, *asked) == answers(wanted, *asked), size
        looked, loaded = (graph(one, index, index.size)[0] for index in (found, wanted))
        for number in range(wanted.artifact_count):
            assert (looked.inputs(number), looked.outputs(number)) == (loaded.inputs(number), loaded.outputs(number))
            for direction in ("up", "down"):
                assert looked.closure(number, direction) == loaded.closure(number, direction)


def test_a_release_with_a_correction_gives_the_same_answers_at_every_size(empty: Ledger, inputs: Path, edges_in: str) -> None:
    fill(empty, inputs)
    (inputs / "data" / "train.csv").write_text("corrected\n")
    empty.record("dataset", inputs / "data", name="figures", version="1", supersedes="a row was wrong")
    empty.record("dataset", inputs / "data", name="figures", version="2", license="MIT", inputs=[("derived-from", "ref:base@1")])
    assert empty.layout.lookups.exists()
    assert bool(list(empty.layout.state.glob("lineage-*.adjacency"))) == (edges_in == "adjacency")
    check(empty.layout.root)


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", None]), st.integers(0, 3), st.booleans(), st.integers(0, 2)), max_size=8
)


@given(steps=STEPS, together=st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_recordings_give_the_same_answers_at_every_size(
    tmp_path_factory: pytest.TempPathFactory, edges_in: str, steps: Any, together: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    ledger = Ledger.init(folder / "l", "example.org/any", insecure_no_passphrase=True, clock=FixedClock(MOMENT))
    for name, version, content, corrected, inputs in steps:
        path = folder / f"f{content}"
        path.write_text(str(content))
        given = [("derived-from", f"ref:base{number}") for number in range(inputs)]
        # Another process each time, or one that goes on.
        one = ledger if together else Ledger.open(folder / "l", clock=FixedClock(MOMENT))
        try:
            one.record("dataset", path, name=name, version=version, inputs=given, supersedes="why" if corrected else None)
        except LedgerError as error:
            assert error.code in ("LG0612", "LG0901")
    check(folder / "l")


def test_a_file_of_another_log_of_an_older_copy_or_of_nonsense_is_made_anew(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    fill(empty, inputs)
    root, file = empty.layout.root, empty.layout.lookups
    other = Ledger.init(tmp_path / "other", "example.org/other", insecure_no_passphrase=True)
    fill(other, make_inputs(tmp_path / "others"))
    good = file.read_bytes()
    for name, data in {
        "another log's": other.layout.lookups.read_bytes(),
        "nonsense": b"SQLite format 3\0" + bytes(5000),
        "empty": b"",
        "cut": good[: len(good) // 2],
    }.items():
        for ending in ("", "-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        file.write_bytes(data)
        assert Reader(root).index().size == empty.size, name
        check(root)


def test_a_root_that_is_not_the_logs_makes_the_file_another_logs(empty: Ledger, inputs: Path) -> None:
    fill(empty, inputs)
    with sqlite3.connect(empty.layout.lookups) as connection:
        connection.execute("UPDATE meta SET root = ?", (32 * b"x",))
        connection.execute("UPDATE names SET name = 'forged'")
    connection.close()
    check(empty.layout.root)


def test_another_format_is_made_anew(empty: Ledger, inputs: Path) -> None:
    fill(empty, inputs)
    with sqlite3.connect(empty.layout.lookups) as connection:
        connection.execute("UPDATE meta SET format = 99")
    connection.close()
    check(empty.layout.root)


def test_who_may_not_write_reads_what_is_there_and_keeps_the_rest_in_memory(
    empty: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(empty, inputs)
    stand = Lookup(empty.layout.lookups).stand()
    monkeypatch.setattr(
        Lookup, "add", lambda *given: (_ for _ in ()).throw(sqlite3.OperationalError("attempt to write a readonly database"))
    )
    (inputs / "new").write_text("new")
    empty.record("document", inputs / "new", name="new", version="1")
    assert Lookup(empty.layout.lookups).stand() == stand
    index = Reader(empty.layout.root).index()
    assert index.named("new") and index.parent is not None and index.parent.size == index.size - 1


def test_a_batch_that_is_refused_leaves_nothing_in_the_file(empty: Ledger, inputs: Path) -> None:
    fill(empty, inputs)
    before = Lookup(empty.layout.lookups).stand()
    with pytest.raises(LedgerError):
        empty.record("dataset", inputs / "code", name="figures", version="1")
    assert Lookup(empty.layout.lookups).stand() == before
    check(empty.layout.root)


def test_a_writer_who_was_overtaken_adds_nothing_twice(empty: Ledger, inputs: Path) -> None:
    first, second = Ledger.open(empty.layout.root), Ledger.open(empty.layout.root)
    fill(first, inputs)
    (inputs / "x").write_text("x")
    second.record("document", inputs / "x", name="x")
    (inputs / "y").write_text("y")
    first.record("document", inputs / "y", name="y")
    check(empty.layout.root)


def test_a_copy_without_state_answers_the_same(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    fill(empty, inputs)
    shutil.copytree(empty.layout.root, tmp_path / "copy", ignore=shutil.ignore_patterns("state"))
    (tmp_path / "copy" / "state").mkdir()
    check(tmp_path / "copy")


def test_small_ledgers_have_no_file(tmp_path: Path, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WORTHWHILE", 2000)
    ledger = fill(Ledger.init(tmp_path / "small", "example.org/small", insecure_no_passphrase=True), inputs)
    assert not ledger.layout.lookups.exists()
    assert Reader(ledger.layout.root).index().stored() is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE artifacts SET name = 'other' WHERE no = 0",
        "UPDATE artifacts SET verified = 1 - verified WHERE no = 1",
        "DELETE FROM artifacts WHERE no = 2",
        "UPDATE names SET version = '9' WHERE rowid = 1",
        "UPDATE names SET no = 1 WHERE no = 0",
        "DELETE FROM names WHERE rowid = 2",
        "INSERT INTO names VALUES (1, 'dataset', 'forged', '1', 0, NULL, 1)",
        "UPDATE names SET other = 1 - other WHERE rowid = 1",
        "UPDATE payloads SET idx = 99 WHERE idx = 1",
        "DELETE FROM payloads WHERE idx = 2",
        "UPDATE signers SET keyids = 'x'",
        "DELETE FROM others WHERE kind = 'release'",
        "INSERT INTO others VALUES ('review', 2)",
    ],
)
def test_the_verifier_finds_rows_that_are_not_the_tables_and_repair_removes_the_file(empty: Ledger, inputs: Path, change: str) -> None:
    fill(empty, inputs)
    root = empty.layout.root
    assert all(check.result != "fail" for check in verify_folder(root).checks)
    with sqlite3.connect(empty.layout.lookups) as connection:
        connection.execute(change)
    connection.close()
    failed = [check for check in verify_folder(root).checks if check.result == "fail"]
    assert [check.id for check in failed] == ["L11"]
    assert "lookups.sqlite" in str(failed[0])
    repair_folder(root)
    assert not empty.layout.lookups.exists()
    assert all(check.result != "fail" for check in verify_folder(root).checks)
    check(root)


@pytest.mark.parametrize("file", ["adjacency", "tail"])
def test_the_verifier_finds_every_changed_byte_of_the_lineage(
    empty: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    if file == "adjacency":
        monkeypatch.setattr(edgefiles, "SHORT", 0)
        monkeypatch.setattr(edgefiles, "LONG", 0)
    fill(empty, inputs)
    root = empty.layout.root
    (path,) = empty.layout.state.glob(f"lineage-*.{file}")
    good = path.read_bytes()
    assert all(check.result != "fail" for check in verify_folder(root).checks)
    header = good.index(b"}\n") if file == "adjacency" else 0
    places = range(len(good)) if file == "tail" else [place for place in range(len(good)) if place > header and good[place]]
    assert len(places) > 40
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert lookupcheck.check(empty.layout), place
    path.write_bytes(good[: len(good) // 2])
    if file == "adjacency":
        assert lookupcheck.check(empty.layout)
    check(root)
    lookupcheck.remove_damaged(empty.layout)
    assert not list(empty.layout.state.glob("lineage-*")) or not lookupcheck.check(empty.layout)
    check(root)


def test_a_lineage_that_is_gone_is_made_anew(empty: Ledger, inputs: Path, edges_in: str) -> None:
    fill(empty, inputs)
    for path in empty.layout.state.glob("lineage-*"):
        path.unlink()
    check(empty.layout.root)
    assert list(empty.layout.state.glob("lineage-*"))


def test_what_a_killed_writer_left_in_the_tail_counts_for_nothing(empty: Ledger, inputs: Path) -> None:
    fill(empty, inputs)
    (path,) = empty.layout.state.glob("lineage-*.tail")
    with path.open("ab") as file:
        file.write(b"\x01" * 50)
    (empty.layout.state / "lineage-999.adjacency").write_bytes(b"another one, not in force")
    (empty.layout.state / "lineage-7.adjacency.123.tmp").write_bytes(b"half of it")
    check(empty.layout.root)
    (inputs / "data" / "train.csv").write_text("more")
    empty.record(
        "dataset", inputs / "data", name="figures", version="3", inputs=[("derived-from", "ref:base@2"), ("subset-of", "figures@1")]
    )
    assert [path.name for path in empty.layout.state.glob("lineage-*")] == [path.name]
    check(empty.layout.root)


def test_a_damaged_file_of_lookups_is_named_and_repaired(empty: Ledger, inputs: Path) -> None:
    fill(empty, inputs)
    root = empty.layout.root
    with sqlite3.connect(empty.layout.lookups) as connection:
        connection.execute("DROP TABLE others")
    connection.close()
    with pytest.raises(LedgerError) as caught:
        Ledger.open(root).show("figures@1")
    assert caught.value.code == "LG0615" and "lookups.sqlite" in str(caught.value.hint)
    assert [check.id for check in verify_folder(root).checks if check.result == "fail"] == ["L11"]
    repair_folder(root)
    check(root)


def test_a_process_whose_file_was_removed_beneath_it_goes_on_without(empty: Ledger, inputs: Path, edges_in: str) -> None:
    fill(empty, inputs)
    other = Ledger.open(empty.layout.root)
    other.show("figures@1")
    for path in [empty.layout.lookups, *empty.layout.state.glob("lineage-*"), *empty.layout.state.glob("lookups.sqlite-*")]:
        path.unlink()
    check(empty.layout.root)
    (inputs / "more").write_text("more")
    other.record("dataset", inputs / "more", name="more", version="1", inputs=[("derived-from", "figures@1")])
    assert [item["name"] for item in other.lineage("more@1").nodes] == ["more", "figures"]
    check(empty.layout.root)
