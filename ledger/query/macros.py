"""Lineage for auditors' SQL: table macros that follow all steps, in DuckDB.

The recursive term is a semi-join, `IN (SELECT … FROM reached)`, and the key clause keeps the fewest steps: a row of the working table is
compared with what is known once, so that cycles end and a wide lineage is walked in time that its edges take. Names of parameters must not
be names of columns that a macro reads: the engine puts the argument in place of either.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Macro:
    """One table macro.

    Attributes:
        parameters: as they are declared; those with a default can be left out.
        bases: the tables that it reads; a query that names the macro is given them.
        columns: (name, type, meaning) in order.
        select: its one SELECT.
    """

    name: str
    parameters: tuple[str, ...]
    bases: tuple[str, ...]
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    select: str

    @property
    def call(self) -> str:
        """How it is called, without what can be left out; its heading on the reference page."""
        return f"{self.name}({', '.join(item for item in self.parameters if ':=' not in item)})"

    def statements(self) -> tuple[str, str]:
        """The statements that make it and comment on it."""
        text = self.comment.replace("'", "''")
        made = f"CREATE MACRO {self.name}({', '.join(self.parameters)}) AS TABLE {self.select}"
        return made, f"COMMENT ON MACRO TABLE {self.name} IS '{text}'"


_WALKED = ("artifacts", "names", "edges", "components")
_UPTO = "upto := NULL"


def _number(argument: str) -> str:
    """The number of what an id or a number names; nothing is never the answer for what is not there."""
    given = f"CAST({argument} AS VARCHAR)"
    found = f"SELECT min(artifact_no) FROM artifacts WHERE (id = {given} OR CAST(artifact_no AS VARCHAR) = {given})"
    return f"coalesce(({found} AND (upto IS NULL OR idx < upto)), error('nothing is recorded as ' || coalesce({given}, 'NULL')))"


def _closure(argument: str, to: str, by: str) -> str:
    return f"""
WITH RECURSIVE reached(n, d) USING KEY (n, min(d)) AS (
  SELECT {_number(argument)}, 0
  UNION
  SELECT e.{to}, (SELECT max(d) FROM reached) + 1
  FROM lineage_edges e
  WHERE e.{by} IN (SELECT n FROM reached) AND (upto IS NULL OR e.idx < upto)
)"""


def _everything(argument: str, to: str, by: str, only: str = "") -> str:
    return (
        _closure(argument, to, by)
        + f"""
SELECT r.d AS depth, k.artifact_no, k.id, k.kind, k.name, k.version, k.verified
FROM reached r JOIN known_as k ON k.artifact_no = r.n
WHERE r.d > 0{only}
ORDER BY r.d, k.artifact_no"""
    )


_ROWS = (
    ("depth", "INTEGER", "fewest steps"),
    ("artifact_no", "BIGINT", "dense integer key for joins"),
    ("id", "VARCHAR", "typed id"),
    ("kind", "VARCHAR", "dataset, weights, code, document or release; empty for a reference"),
    ("name", "VARCHAR", "the newest name"),
    ("version", "VARCHAR", "the version under that name"),
    ("verified", "BOOLEAN", "whether somebody hashed its bytes; false for references"),
)
_ARGUMENT = "The argument is a typed id or a number (`artifact_no`), and what is not recorded is an error; "
_ARGUMENT += "`upto := N` follows only what was said in the first N entries."

MACROS = (
    Macro(
        "ancestors",
        ("artifact", _UPTO),
        _WALKED,
        f"One row for everything that something was made from, directly or in several steps. {_ARGUMENT}",
        _ROWS,
        _everything("artifact", "input_no", "output_no"),
    ),
    Macro(
        "descendants",
        ("artifact", _UPTO),
        _WALKED,
        f"One row for everything that was made from something, directly or in several steps, releases included. {_ARGUMENT}",
        _ROWS,
        _everything("artifact", "output_no", "input_no"),
    ),
    Macro(
        "releases_of",
        ("artifact", _UPTO),
        _WALKED,
        f"One row per release that has something as a component or was made from it. {_ARGUMENT}",
        _ROWS,
        _everything("artifact", "output_no", "input_no", " AND k.form = 'sha256'"),
    ),
    Macro(
        "why",
        ("made", "source", _UPTO),
        _WALKED,
        "One shortest way from something made to something it was made from: a row per step and relation, none when there is no way; "
        f"among ways of the same length that of the lowest numbers. {_ARGUMENT}",
        (
            ("step", "INTEGER", "from 1, at what was made"),
            ("output_id", "VARCHAR", "typed id of what was made in this step"),
            ("output_name", "VARCHAR", "its newest name, with the version"),
            ("relation", "VARCHAR", "the relation; of a component its role"),
            ("input_id", "VARCHAR", "typed id of what it was made from"),
            ("input_name", "VARCHAR", "its newest name, with the version"),
        ),
        f"""
WITH RECURSIVE reached(n, d, via) USING KEY (n, min(d), arg_min(via, d)) AS (
  SELECT {_number("made")}, 0, CAST(NULL AS BIGINT)
  UNION
  SELECT e.input_no, (SELECT max(d) FROM reached) + 1, min(e.output_no)
  FROM lineage_edges e
  WHERE e.output_no IN (SELECT n FROM reached) AND (upto IS NULL OR e.idx < upto)
  GROUP BY e.input_no
),
way(n, d, via) AS (
  SELECT n, d, via FROM reached WHERE n = {_number("source")}
  UNION ALL
  SELECT r.n, r.d, r.via FROM way w JOIN reached r ON r.n = w.via WHERE w.d > 0
)
SELECT DISTINCT w.d AS step, o.id AS output_id, o.name || coalesce('@' || o.version, '') AS output_name, e.relation,
  i.id AS input_id, i.name || coalesce('@' || i.version, '') AS input_name
FROM way w
JOIN lineage_edges e ON e.output_no = w.via AND e.input_no = w.n AND (upto IS NULL OR e.idx < upto)
JOIN known_as o ON o.artifact_no = w.via
JOIN known_as i ON i.artifact_no = w.n
WHERE w.d > 0
ORDER BY step, e.relation""",
    ),
    Macro(
        "release_licenses",
        ("released", _UPTO),
        (*_WALKED, "licenses"),
        "One row per licence claim about a release's components and all that they were made from, and one for each of which nobody "
        f"claims a licence. {_ARGUMENT}",
        (
            *_ROWS[:-1],
            ("basis", "VARCHAR", "declared, detected or concluded; empty when nobody claims a licence"),
            ("normalized", "VARCHAR", "SPDX normal form, or NOASSERTION; empty when nobody claims a licence"),
        ),
        _closure("released", "input_no", "output_no")
        + """
SELECT DISTINCT r.d AS depth, k.artifact_no, k.id, k.kind, k.name, k.version, l.basis, l.normalized
FROM reached r JOIN known_as k ON k.artifact_no = r.n
LEFT JOIN (SELECT * FROM licenses WHERE upto IS NULL OR idx < upto) l ON l.artifact_no = r.n
WHERE r.d > 0
ORDER BY depth, k.artifact_no, l.basis, l.normalized""",
    ),
)
