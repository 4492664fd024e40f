"""Auditors' SQL: what it refuses, what its views are, and that the signed root comes out of it."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs
from reference.naive_ledger import verify_ledger
from reference.naive_log import leaf_hash, mth
from reference.naive_statements import Entry

from ledger.api import Ledger, QueryLimits, make_key, verify_folder
from ledger.clock import FixedClock
from ledger.errors import LedgerError

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSALS = {"LG0701", "LG0702", "LG0703"}

STATEMENTS = [
    "copy entries to '{out}'",
    "copy (select 1) to '{out}' (format parquet)",
    "copy entries from '{secret}'",
    "attach '{out}' as other",
    "attach ':memory:' as other",
    "detach memory",
    "use memory",
    "install httpfs",
    "install httpfs from community",
    "force install httpfs",
    "load httpfs",
    "load '{secret}'",
    "set enable_external_access = true",
    "set allowed_paths = ['{secret}']",
    "set memory_limit = '100GB'",
    "set variable x = 1",
    "reset enable_external_access",
    "reset lock_configuration",
    "pragma enable_external_access",
    "pragma database_list",
    "pragma table_info('entries')",
    "create table t (a integer)",
    "create temp table t as select 1",
    "create or replace view entries as select 1",
    "create macro ledger_root() as 'x'",
    "create or replace macro ledger_root() as 'x'",
    "create secret s (type s3)",
    "create schema s",
    "create sequence s",
    "create type t as enum ('a')",
    "drop view entries",
    "drop macro ledger_root",
    "alter view entries rename to other",
    "comment on view entries is 'x'",
    "insert into entries values (1)",
    "update entries set kind = 'x'",
    "delete from entries",
    "truncate entries",
    "merge into entries using entries as e on true when matched then delete",
    "export database '{out}'",
    "import database '{out}'",
    "begin",
    "commit",
    "rollback",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    "analyze",
    "call pragma_version()",
    "call enable_logging()",
    "explain select 1",
    "explain analyze select 1",
    "explain copy entries to '{out}'",
    "prepare p as select 1",
    "execute p",
    "deallocate p",
    "select 1; select 2",
    "select 1; copy entries to '{out}'",
    "select 1; set enable_external_access = true",
    ";;",
    "",
    " ",
    "-- nothing",
    "/* nothing */",
    "select 1 -- one\n; drop view entries",
    "select 1 /* one */; /* two */ drop view entries",
    "/* select */ drop view entries",
    "--\ncreate table t (a integer)",
    "select 1 into entries",
    "with t as (delete from entries returning *) select * from t",
    "with t as (insert into entries values (1) returning *) select * from t",
    "selec 1",
    "select",
    "select '",
    "select * from nowhere",
    "select nowhere from entries",
    "select 1/*",
    "select $1",
    "select ?",
    "\x00",
    "select 1\x00; drop view entries",
    "é",
]
READS = [
    "select * from read_csv('{secret}')",
    "select * from read_csv_auto('{secret}')",
    "select * from read_csv(['{secret}'])",
    "select * from sniff_csv('{secret}')",
    "select * from read_text('{secret}')",
    "select * from read_text('{folder}/*')",
    "select * from read_blob('{secret}')",
    "select * from read_blob('{folder}/**')",
    "select * from read_json('{secret}')",
    "select * from read_json_auto('{secret}')",
    "select * from read_ndjson('{secret}')",
    "select * from read_json_objects('{secret}')",
    "select * from read_parquet('{parquet}')",
    "select * from parquet_scan('{parquet}')",
    "select * from parquet_metadata('{parquet}')",
    "select * from parquet_schema('{parquet}')",
    "select * from read_parquet('{folder}/*.parquet')",
    "select * from read_parquet('{tables}/../../../{relative}')",
    "select * from glob('{folder}/*')",
    "select * from glob('/etc/*')",
    "from '{secret}'",
    "from '{parquet}'",
    "select * from '{secret}'",
    "select * from '{parquet}'",
    "select * from '/etc/passwd'",
    "select * from 'https://example.org/x.parquet'",
    "select * from 's3://bucket/x.parquet'",
    "select * from read_text('/proc/self/environ')",
    "select * from read_text('file://{secret}')",
    "select content from read_text((select '{secret}'))",
    "select (select content from read_text('{secret}'))",
    "with t as (from read_text('{secret}')) select * from t",
    "select * from query('select * from read_text(''{secret}'')')",
    "select * from query_table('{secret}')",
    "select * from sqlite_scan('{secret}', 'x')",
    "select * from read_duckdb('{secret}')",
    "(select * from read_text('{secret}'))",
    "table '{secret}'",
    "values ((select content from read_text('{secret}')))",
    "select * from duckdb_secrets(), read_text('{secret}')",
    "select * from read_blob('{key}')",
    "select * from read_text('{key}')",
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("sql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        made = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(made, make_inputs(folder / "in"))
        made.attest("reader@1")
    return made


@pytest.fixture(scope="module")
def targets(ledger: Ledger) -> dict[str, str]:
    """What an attacker would read or write: all outside of the segments."""
    folder = ledger.layout.root.parent / "secret"
    folder.mkdir()
    (folder / "secret.csv").write_text("secret,words\n1,2\n")
    segment = next(path for path in sorted((ledger.layout.root / "tables/entries").iterdir()))
    (folder / "other.parquet").write_bytes(segment.read_bytes())
    names = {"folder": folder, "secret": folder / "secret.csv", "parquet": folder / "other.parquet", "out": folder / "out"}
    names |= {"tables": ledger.layout.root / "tables/entries", "relative": "secret/other.parquet"}
    names |= {"key": ledger.layout.root / "state/keys/signing.pem"}
    return {name: str(value) for name, value in names.items()}


def code_of(ledger: Ledger, sql: str, limits: QueryLimits | None = None) -> str:
    try:
        found = ledger.query(sql, limits)
    except LedgerError as error:
        assert "secret,words" not in error.message
        return error.code
    return f"{len(found.rows)} rows: {found.rows[:2]}"


@pytest.mark.parametrize("sql", STATEMENTS)
def test_anything_but_one_select_is_refused(ledger: Ledger, targets: dict[str, str], sql: str) -> None:
    assert code_of(ledger, sql.format(**targets)) in {"LG0701", "LG0702"}
    assert not Path(targets["out"]).exists()


@pytest.mark.parametrize("sql", READS)
def test_other_files_cannot_be_read(ledger: Ledger, targets: dict[str, str], sql: str) -> None:
    assert code_of(ledger, sql.format(**targets)) == "LG0702"


def test_a_query_that_runs_too_long_is_stopped(ledger: Ledger) -> None:
    start = time.monotonic()
    assert code_of(ledger, "select count(*) from range(100000000000) a, range(1000000) b", QueryLimits(1)) == "LG0703"
    assert time.monotonic() - start < 10


def test_a_recursion_without_end_is_stopped(ledger: Ledger) -> None:
    endless = "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"
    assert code_of(ledger, endless, QueryLimits(1)) == "LG0703"


def test_too_many_rows_are_refused(ledger: Ledger) -> None:
    assert code_of(ledger, "select * from range(11)", QueryLimits(rows=10)) == "LG0703"
    assert len(ledger.query("select * from range(10)", QueryLimits(rows=10)).rows) == 10
    assert code_of(ledger, "select * from range(1000001)") == "LG0703"


def test_nothing_of_it_harmed_the_ledger(ledger: Ledger, targets: dict[str, str]) -> None:
    for sql in [*STATEMENTS, *READS][::3]:
        code_of(ledger, sql.format(**targets))
    assert [check for check in verify_folder(ledger.layout.root, deep=True).checks if check.result == "fail"] == []
    assert sorted(path.name for path in Path(targets["folder"]).iterdir()) == ["other.parquet", "secret.csv"]


def test_what_one_select_may_do(ledger: Ledger) -> None:
    assert ledger.query("select 1;").rows == ((1,),)
    assert ledger.query("-- words\nselect 1 /* ; drop view entries */").rows == ((1,),)
    assert ledger.query("with t as (select idx from entries) select count(*) from t").rows == ((7,),)
    assert ledger.query("select ';' || 'copy'").rows == ((";copy",),)


def documented() -> dict[str, list[str]]:
    """Views, macros and columns of docs/reference/tables.md."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs/reference/tables.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif match := re.match(r"\| `(\w+)` \|", line):
            found[list(found)[-1]].append(match[1])
    return found


def test_every_documented_column_exists(ledger: Ledger) -> None:
    tables = documented()
    assert len(tables) == 13 + 6 + 5
    listed = {(row[0], row[1]) for row in ledger.query("select table_name, column_name from columns where column_name <> ''").rows}
    assert listed == {(table, column) for table, columns in tables.items() for column in columns}
    for table, columns in tables.items():
        called = re.sub(r"(\w+)(?=[,)])", "0", table)
        assert list(ledger.query(f"select * from {called} limit 0").columns) == columns


def test_the_tables_that_the_format_names_have_its_columns() -> None:
    wanted = re.findall(
        r"^\| (\w+) \| [^|]+ \| ((?:\w+)(?: \([^)]*\))?, [^|]+) \|$", (ROOT / "docs/spec/format.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(wanted) == 11
    tables = documented()
    for table, columns in wanted:
        plain = re.sub(r"\([^)]*\)|, names it may sign for|, and per-licence counts in `record_licenses`", "", columns)
        names = {name.strip() for name in plain.split(",")}
        assert names <= set(tables[table]), table


@pytest.mark.parametrize("size", [0, 1, 3, 7])
def test_the_root_in_sql_is_that_of_the_leaves(ledger: Ledger, size: int) -> None:
    naive = verify_ledger(ledger.layout.root)
    assert naive.problems == []
    assert (naive.size, naive.root) == (7, mth([leaf_hash(leaf) for leaf in naive.leaves]))
    wanted = mth([leaf_hash(leaf) for leaf in naive.leaves[:size]]).hex()
    assert Ledger.open(ledger.layout.root, at=size).query("select ledger_root()").rows == ((wanted,),)
    if size == naive.size:
        assert ledger.query("select ledger_root()").rows == ((naive.root.hex(),),)


def test_an_earlier_size_shows_earlier_rows_only(ledger: Ledger) -> None:
    for size in (0, 1, 3):
        then = Ledger.open(ledger.layout.root, at=size)
        for table in documented():
            if "(" in table or table == "known_as":
                continue  # not rows of one entry; what they give at a size is tested with the macros
            assert then.query(f"select count(*) from {table} where idx >= {size}").rows == ((0,),)
        assert then.query("select count(*) from entries").rows == ((size,),)


# ---- what the views say, against the naive reader's own projection ----

NAMED = "with a as (select artifact_no, id from artifacts) "
TYPED = {
    "entries": ["envelope", "payload"],
    "artifacts": ["id"],
    "licenses": ["object"],
    "files": ["sha256"],
    "records": ["root"],
}


def naive_names(entries: list[Entry]) -> list[tuple[Any, ...]]:
    found = []
    for entry in entries:
        if entry.named is not None:
            kind, own = entry.named
            said = entry.said
            found.append((entry.index, own, kind, said["name"], said.get("version"), said.get("supersedes", {}).get("reason")))
    return found


def naive_edges(entries: list[Entry], member: str, own: str, word: str) -> list[tuple[Any, ...]]:
    """(idx, position, from, to, relation or role) of the edges of manifests or the components of releases."""
    return [
        (entry.index, position, entry.named[1], edge[own], edge[word])
        for entry in entries
        if entry.named is not None
        for position, edge in enumerate(entry.said.get(member, ()))
    ]


@pytest.fixture(scope="module")
def richer(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """With a correction, a further key, names without versions, and an attestation."""
    folder = tmp_path_factory.mktemp("rich")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        made = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        inputs = make_inputs(folder / "in")
        fill(made, inputs)
        make_key(folder / "second.pem", "ed25519", None)
        made.trust_key(folder / "second.pem.pub", ["dataset", "release"])
        (inputs / "data/test.csv").write_text("7,8\n")
        made.record("dataset", inputs / "data", name="figures", version="1", supersedes="wrong rows")
        made.record("dataset", inputs / "data", name="größe", inputs=[("subset-of", "figures@1"), ("derived-from", "ref:b@1")])
        made.attest("reader@1")
    return made


def test_rows_agree_with_the_naive_projection(richer: Ledger) -> None:
    naive = verify_ledger(richer.layout.root)
    assert naive.problems == []
    entries = naive.entries
    assert [entry.leaf["kind"] for entry in entries] == ["key", *["manifest"] * 4, "release", "key", *["manifest"] * 2, "attestation"]

    def moment(entry: Entry) -> datetime:
        return datetime.fromisoformat(entry.leaf["time"]).replace(tzinfo=None)

    assert list(richer.query("select idx, leaf, kind, time, envelope, payload, predicate_type from entries order by idx").rows) == [
        (e.index, naive.leaves[e.index], e.leaf["kind"], moment(e), *(e.leaf[name] for name in ("envelope", "payload", "predicateType")))
        for e in entries
    ]
    payloads = [(e.index, e.payload.decode()) for e in entries]
    assert list(richer.query("select idx, payload from statements order by idx").rows) == payloads
    names = NAMED + "select idx, id, kind, name, version, supersedes from names join a using (artifact_no) order by idx"
    assert list(richer.query(names).rows) == naive_names(entries)
    edges = NAMED + (
        "select e.idx, position, o.id, i.id, relation from edges e join a o on o.artifact_no = output_no "
        "join a i on i.artifact_no = input_no order by e.idx, position"
    )
    assert list(richer.query(edges).rows) == naive_edges(entries, "from", "input", "relation")
    components = NAMED + (
        "select c.idx, position, r.id, p.id, role from components c join a r on r.artifact_no = release_no "
        "join a p on p.artifact_no = c.artifact_no order by c.idx, position"
    )
    said = [(index, at, own, part, role) for index, at, own, part, role in naive_edges(entries, "components", "artifact", "role")]
    assert list(richer.query(components).rows) == said
    keys = [
        (e.index, e.said["key"]["keyid"], e.said["action"], e.said["key"]["scheme"], " ".join(e.said["for"]))
        for e in entries
        if e.leaf["kind"] == "key"
    ]
    assert list(richer.query("select idx, keyid, action, scheme, kinds from keys order by idx").rows) == keys


def test_artifact_numbers_are_dense_in_order_of_first_appearance(richer: Ledger) -> None:
    naive, seen = verify_ledger(richer.layout.root), []
    for entry in naive.entries:
        if entry.named is not None:
            edges = [*entry.said.get("from", ()), *entry.said.get("components", ())]
            seen += [entry.named[1], *(edge.get("input", edge.get("artifact")) for edge in edges)]
    wanted = list(enumerate(dict.fromkeys(seen)))
    found = list(richer.query("select artifact_no, id from artifacts order by artifact_no").rows)
    assert [number for number, _ in found] == [number for number, _ in wanted]
    assert [own for _, own in found] == [own for _, own in wanted]


def test_ids_are_typed(richer: Ledger) -> None:
    for table, columns in TYPED.items():
        for column in columns:
            values = [row[0] for row in richer.query(f"select {column} from {table} where {column} is not null").rows]
            assert all(re.fullmatch("(file|tree|ref|sha256):[0-9a-f]{64}", value) for value in values), (table, column)


def test_every_view_and_column_has_the_comment_of_its_page(ledger: Ledger) -> None:
    views = dict(ledger.query("select view_name, comment from duckdb_views() where not internal").rows)
    columns = {
        row[:2]: row[2] for row in ledger.query("select table_name, column_name, comment from duckdb_columns() where not internal").rows
    }
    text = (ROOT / "docs/reference/tables.md").read_text("utf-8")
    for section in text.split("\n## ")[1:]:
        table, about = section.split("\n\n")[:2]
        if "(" in table:
            said = f"select comment from duckdb_functions() where function_name = '{table.partition('(')[0]}'"
            assert ledger.query(said).rows == ((about,),)
            continue
        assert views[table] == about
        listed = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (.+) \|$", section, re.MULTILINE)
        assert listed
        for column, _, meaning in listed:
            assert columns[table, column] == meaning
        types = dict(ledger.query(f"select column_name, data_type from duckdb_columns() where table_name = '{table}'").rows)
        assert types == {column: kind.removesuffix(", may be null") for column, kind, _ in listed}


@pytest.mark.parametrize(
    "sql",
    ["select '\ud800'", "select " + "(" * 50_000 + "1" + ")" * 50_000, "select " + "+".join(["1"] * 50_000), "select '" + "x" * 300_000],
    ids=["lone surrogate", "brackets", "sum", "open string"],
)
def test_odd_and_long_texts_are_refused(ledger: Ledger, sql: str) -> None:
    assert code_of(ledger, sql) in REFUSALS


def test_a_memory_bomb_is_stopped(ledger: Ledger) -> None:
    assert code_of(ledger, "select list(a.range) from range(1000000000) a", QueryLimits(20)) == "LG0703"
    assert ledger.query("select 1").rows == ((1,),)


def test_a_long_query_is_answered(ledger: Ledger) -> None:
    wanted = ", ".join(str(number) for number in range(2000))
    assert len(ledger.query(f"select {wanted}").rows[0]) == 2000
    assert ledger.query("select length('" + "x" * 1_000_000 + "')").rows == ((1_000_000,),)


def test_every_kind_of_value_can_be_carried_by_json(ledger: Ledger) -> None:
    odd = [
        "'infinity'::date",
        "'nan'::double",
        "map {[1]: 2}",
        "uuid()",
        "'\\xff'::blob",
        "1e300::double",
        "{'a': [1, null]}",
        "2::hugeint ** 100",
    ]
    for value in odd:
        json.dumps(ledger.query(f"select {value}").plain_rows(), allow_nan=False)


@pytest.mark.parametrize("at", [-1, 8, "8", "x", "", "9" * 5000, "2026-11-31", "2026-11", "\u0663"])
def test_sizes_that_the_log_does_not_have(ledger: Ledger, at: int | str) -> None:
    with pytest.raises(LedgerError) as refused:
        Ledger.open(ledger.layout.root, at=at)
    assert refused.value.code in {"LG0704", "LG0106"}


def test_limits_that_no_clock_or_engine_can_count(ledger: Ledger) -> None:
    assert ledger.query("select 1", QueryLimits(1e300, 10**30)).rows == ((1,),)
    assert ledger.query("select 1", QueryLimits(float("inf"), 1)).rows == ((1,),)


def test_the_engine_s_suggestions_are_kept(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as refused:
        ledger.query("select knd from entries")
    assert "Candidate bindings" in refused.value.message and "kind" in refused.value.message
    assert "\n" not in refused.value.message and "LINE 1" not in refused.value.message
