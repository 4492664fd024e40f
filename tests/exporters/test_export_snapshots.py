"""Snapshots for auditors' own tools: the signed root from the copy alone, the documented views, and the same bytes again."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from exportable import release_everything

from ledger.api import Ledger, LedgerError, export_duckdb, export_parquet
from ledger.query._generated import SELECTS
from ledger.query.derived import DERIVED


@pytest.fixture
def full(empty: Ledger, tmp_path: Path) -> Ledger:
    release_everything(empty, tmp_path / "files")
    return empty


def root_of(note: bytes) -> str:
    """The root that a C2SP checkpoint states, in hex."""
    return base64.b64decode(note.split(b"\n")[2]).hex()


def test_the_signed_root_follows_from_the_parquet_files_alone(full: Ledger, tmp_path: Path) -> None:
    done = export_parquet(full, tmp_path / "snapshot")
    note = (tmp_path / "snapshot" / "checkpoint").read_bytes()
    assert note == (full.layout.root / "log" / "checkpoint").read_bytes()
    leaves = pq.read_table(tmp_path / "snapshot" / "tables" / "entries.parquet").sort_by("idx")["leaf"].to_pylist()
    assert naive_root(leaves) == root_of(note) == done.root
    assert int(note.split(b"\n")[1]) == len(leaves) == done.size == full.size


def naive_root(leaves: list[bytes]) -> str:
    """RFC 6962, by its definition."""

    def root(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\0" + part[0]).digest()
        cut = 1
        while cut * 2 < len(part):
            cut *= 2
        return hashlib.sha256(b"\1" + root(part[:cut]) + root(part[cut:])).digest()

    return root(leaves).hex()


def test_the_views_run_over_a_snapshot_that_was_moved(full: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_parquet(full, tmp_path / "snapshot")
    (tmp_path / "snapshot").rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with duckdb.connect() as connection:
        connection.execute(Path("views.sql").read_text())
        check_views(connection)
        assert connection.execute("SELECT ledger_root()").fetchone() == (root_of(Path("checkpoint").read_bytes()),)


def check_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Every documented view answers, and every column has a comment."""
    for name in (*SELECTS, *(view.name for view in DERIVED)):
        connection.execute(f"SELECT * FROM {name}").fetchall()
        columns = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
        said = connection.execute("SELECT column_name FROM columns WHERE table_name = ? AND column_name <> ''", [name]).fetchall()
        assert columns == {row[0] for row in said}
    sql = "SELECT i.name FROM edges e JOIN artifacts o ON o.artifact_no = e.output_no JOIN artifacts i ON i.artifact_no = e.input_no "
    sql += "WHERE o.name = 'example/demo' AND e.relation = 'trained-on' ORDER BY 1"
    assert connection.execute(sql).fetchall() == [("commonpile/wikimedia",), ("skills",)]


def test_a_duckdb_file_has_the_tables_the_views_and_the_checkpoint(full: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "ledger.duckdb"
    done = export_duckdb(full, file)
    with duckdb.connect(str(file), read_only=True) as connection:
        check_views(connection)
        assert connection.execute("SELECT ledger_root()").fetchone() == (done.root,)
        [(origin, size, key, note)] = connection.execute("SELECT origin, size, log_key, note FROM checkpoint").fetchall()
    assert (origin, size, key) == (full.origin, full.size, full.log_key)
    assert root_of(note.encode()) == done.root


def test_two_parquet_snapshots_are_the_same_bytes_and_their_sums_hold(full: Ledger, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export_parquet(full, tmp_path / name)
    first = {path.relative_to(tmp_path / "a"): path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    second = {path.relative_to(tmp_path / "b"): path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file()}
    assert first == second
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "a", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": OK") == len(first) - 1


def test_a_damaged_table_is_not_copied(full: Ledger, tmp_path: Path) -> None:
    segment = next((full.layout.root / "tables" / "edges").iterdir())
    segment.chmod(0o600)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    for write, place in ((export_parquet, tmp_path / "snapshot"), (export_duckdb, tmp_path / "l.duckdb")):
        with pytest.raises(LedgerError) as caught:
            write(full, place)
        assert caught.value.code == "LG0609"
    assert not (tmp_path / "l.duckdb").exists()


@pytest.mark.parametrize("write", [export_parquet, export_duckdb])
def test_a_place_that_is_taken_and_an_earlier_size_are_refused(full: Ledger, tmp_path: Path, write: object) -> None:
    taken = tmp_path / "taken"
    if write is export_parquet:
        taken.mkdir()
        (taken / "x").write_text("x")
    else:
        taken.write_text("x")
    with pytest.raises(LedgerError) as caught:
        write(full, taken)  # type: ignore[operator]
    assert caught.value.code == "LG0837"
    with pytest.raises(LedgerError) as caught:
        write(Ledger.open(full.layout.root, at=2), tmp_path / "new")  # type: ignore[operator]
    assert caught.value.code == "LG0704"
    with pytest.raises(LedgerError) as caught:
        write(full, "/proc/nowhere/x")  # type: ignore[operator]
    assert caught.value.code == "LG1103"


def test_claims_of_an_import_are_rows_of_a_view(empty: Ledger, tmp_path: Path) -> None:
    from ledger.api import import_from

    (tmp_path / "card.yaml").write_text("license: mit\ndatasets: [c4, squad]\n")
    import_from(empty, "huggingface", tmp_path / "card.yaml")
    sql = "SELECT origin, subject, field, json_extract_string(value, '$.normalized'), place FROM claims WHERE field = 'license'"
    assert empty.query(sql).rows == (("huggingface", "main", "license", "MIT", "card.yaml:/license"),)
    assert empty.query("SELECT count(*) FROM claims WHERE field LIKE 'relation:%'").rows == ((2,),)
