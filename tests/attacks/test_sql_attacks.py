"""Auditors' SQL cannot bite: every attack of the list is refused or stopped, tells no place, and leaves nothing behind."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks import sql_attacks as attacks
from commands import contents
from conftest import MOMENT, ORIGIN, fill, make_inputs

from ledger.api import Ledger, LedgerError, QueryLimits
from ledger.clock import FixedClock

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "a secret that nobody is told"
LIMITS = QueryLimits(seconds=3, rows=100_000, bytes=8 << 20)


def cases(found: dict[str, str], codes: tuple[str, ...]) -> list[object]:
    return [pytest.param(sql, codes, id=name) for name, sql in found.items()]


REFUSED = [
    *cases(attacks.FILES, attacks.DOES_NOT_RUN),
    *cases(attacks.WRITES, attacks.NOT_ONE_SELECT),
    *cases(attacks.SETTINGS, attacks.NOT_ONE_SELECT),
    *cases(attacks.TWO, attacks.NOT_ONE_SELECT),
    *cases(attacks.NETWORK, attacks.DOES_NOT_RUN),
    *cases(attacks.INSIDE, attacks.DOES_NOT_RUN),
    *cases(attacks.BOMBS, attacks.ANY),
]


class Victim:
    """A ledger, and what must not be reached from its SQL."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger.init(folder / "ledger-folder", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(self.ledger, make_inputs(folder / "in"))
        (folder / "secret.txt").write_text(SECRET)
        root = self.ledger.layout.root
        segment = next(item.path for item in self.ledger._store.segments.in_force("entries", self.ledger.size))
        (segment.parent / "link").symlink_to(folder / "secret.txt")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.names = {
            "secret": folder / "secret.txt",
            "key": root / "state/keys/signing.pem",
            "segment": segment,
            "link": segment.parent / "link",
            "out": folder / "out",
            "tables": root / "tables",
            "root": root,
            "port": self.listener.getsockname()[1],
        }
        self.folder = folder
        self.before = contents(folder)

    def ask(self, sql: str) -> tuple[str, str]:
        """The code that a query ends with, or nothing, and everything that is told."""
        try:
            found = self.ledger.query(sql, LIMITS)
        except LedgerError as error:
            return error.code, f"{error.message} {error.hint} {error.details}"
        return "", repr(found)


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    folder = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        found = Victim(folder)
    yield found
    assert contents(folder) == found.before
    assert select.select([found.listener], [], [], 0)[0] == []
    found.listener.close()


@pytest.mark.parametrize(("sql", "codes"), REFUSED)
def test_an_attack_is_refused(victim: Victim, sql: str, codes: tuple[str, ...]) -> None:
    code, told = victim.ask(sql.format(**victim.names))
    assert code in codes, told[:500]
    assert SECRET not in told and "PRIVATE" not in told
    assert not Path(victim.names["out"]).exists()


@pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in attacks.TELLING.items()])
def test_no_place_is_told(victim: Victim, sql: str) -> None:
    code, told = victim.ask(sql)
    assert code in ("", "LG0702"), told[:500]
    for place in (str(victim.folder), "ledger-folder", str(ROOT), str(Path.home()) + "/", "site-packages", ".parquet"):
        assert place not in told, place


def test_the_list_is_not_short() -> None:
    assert len(REFUSED) + len(attacks.TELLING) >= 150


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select count(*) from entries", ((6,),)),
        ("SELECT COUNT(*) FROM ENTRIES;", ((6,),)),
        ("from entries select count(*)", ((6,),)),
        ("values (1), (2)", ((1,), (2,))),
        ("table columns limit 0", ()),
        ("-- words\nselect 1 /* ; drop view entries */", ((1,),)),
        ("select ';' || 'copy entries to x'", ((";copy entries to x",),)),
        ("with recursive t(n) as (select 1 union all select n + 1 from t where n < 9) select max(n) from t", ((9,),)),
        ("select count(*) from entries join signatures using (idx) join statements using (idx)", ((6,),)),
        ("select max(rank) from (select row_number() over (order by idx) as rank from names)", ((5,),)),
        ("select count(*) > 0 from licenses where regexp_matches(normalized, '^CC-')", ((True,),)),
        ("select payload->>'_type' from statements limit 1", (("https://in-toto.io/Statement/v1",),)),
        ("select count(*) from (summarize select idx from entries)", ((1,),)),
        ("select count(*) from query_table('entries')", ((6,),)),
        ("select length(repeat('x', 1000000))", ((1_000_000,),)),
        ("select sum(range) from range(1000000)", ((499_999_500_000,),)),
        ("pivot (select kind from entries) on kind in ('key', 'manifest', 'release') using count(*)", ((1, 4, 1),)),
        ("select length(ledger_root())", ((64,),)),
    ],
)
def test_what_is_allowed(victim: Victim, sql: str, rows: object) -> None:
    assert victim.ledger.query(sql, LIMITS).rows[: len(rows)] == rows
