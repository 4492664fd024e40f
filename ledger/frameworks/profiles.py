"""Profiles: a framework at a version, as data (`data/<id>.yaml`), read strictly.

A profile holds where it comes from, what it says in our own words, which words of the availability ladder count as evidence
and which as a claim, what "open" means in it, its rules (each names a check of the closed set in `checks`, with parameters
and a source), and one conclusion. The reader refuses unknown keys, unknown checks, unknown roles, missing parameters and
duplicates (LG1002), so that a misspelling never turns into a rule that is silently not applied.

A published profile is never edited: a change is a new file with a new id. `digest` names the exact bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ledger import ids, resources
from ledger.errors import LedgerError
from ledger.frameworks import checks, conclusions
from ledger.frameworks.model import OpenTest, Profile, Rule
from ledger.frameworks.reading import CONTENT_TYPES, Parameter, Table
from ledger.limits import LIMITS
from ledger.spec import strict_yaml
from ledger.spec.vocabulary import AVAILABILITY

SCHEMA = "openness-ledger/profile/v1"
KINDS = ("definition", "document", "index")
INHERITANCE = ("evidence", "believed", "never")


def profile_ids() -> tuple[str, ...]:
    """The ids of the profiles that the product carries, sorted."""
    return tuple(sorted(path.stem for path in resources.data_path("frameworks").glob("*.yaml")))


def all_profiles() -> tuple[Profile, ...]:
    """The profiles that the product carries: definitions first, then documents, then indexes; each by id."""
    return tuple(sorted(map(_built_in, profile_ids()), key=lambda item: (KINDS.index(item.kind), item.id)))


def load_profile(id_or_path: str | Path) -> Profile:
    """A profile by its id, or from a file of one's own.

    Raises:
        LedgerError: LG1001 when there is none, LG1002 when it is malformed, LG0103 when it is too large.
    """
    if isinstance(id_or_path, str) and id_or_path in profile_ids():
        return _built_in(id_or_path)
    path = Path(id_or_path)
    if isinstance(id_or_path, str) and path.suffix not in (".yaml", ".yml"):
        raise _unknown(str(id_or_path))
    try:
        with path.open("rb") as file:
            # One byte beyond the limit is enough for the reader to refuse it.
            data = file.read(LIMITS.pipeline_bytes + 1)
    except (OSError, ValueError):
        raise _unknown(str(id_or_path)) from None
    return parse_profile(data, what=f"the profile `{path.name}`", own=True)


@cache
def _built_in(profile_id: str) -> Profile:
    profile = parse_profile(resources.data_bytes("frameworks", f"{profile_id}.yaml"), what=f"the profile `{profile_id}`")
    if profile.id != profile_id:
        raise LedgerError("LG1002", f"the profile `{profile_id}` calls itself `{profile.id}`")
    return profile


def _unknown(text: str) -> LedgerError:
    shown = "".join(char if char.isprintable() else "?" for char in text[:200])
    return LedgerError("LG1001", f"no profile has this id: `{shown}`", hint="known are " + ", ".join(f"`{item}`" for item in profile_ids()))


def parse_profile(data: bytes, *, what: str = "the profile", own: bool = False) -> Profile:
    """Read a profile document; `own` says that it is a user's. Raises LedgerError LG1002, LG0103."""
    top = Table(strict_yaml.load(data, what=what, code="LG1002"), "", what)
    if top.text("schema") != SCHEMA:
        raise top.bad("schema", f"is not `{SCHEMA}`")
    availability = top.table("availability")
    accepts = availability.words("accepts", AVAILABILITY)
    believes = availability.words("believes", AVAILABILITY)
    availability.done()
    if not accepts <= believes:
        raise availability.bad("believes", "leaves out what is accepted as evidence")
    profile = Profile(
        id=top.text("profile"),
        digest=ids.object_id_of(data),
        title=top.text("title"),
        body=top.text("body"),
        date=top.text("date"),
        url=top.text("url"),
        citation=top.text("citation"),
        summary=top.text("summary"),
        accepts=accepts,
        believes=believes,
        open=read_open_test(top.table("open")),
        rules=tuple(_rule(item, checks.PARAMETERS) for item in top.tables("rules")),
        conclusion=_rule(top.table("conclusion"), conclusions.PARAMETERS),
        policy=read_policy(top),
        terms=_terms(top),
        encodes=read_encodes(top),
        oracle=top.text("oracle"),
        kind=read_kind(top),
        own=own,
    )
    top.done()
    for number, rule in enumerate(profile.rules):
        if rule.params.get("terms", "") not in ("", *profile.terms):
            raise top.bad(f"rules/{number}/terms", f"is none of {', '.join(profile.terms) or 'the tests, of which the profile has one'}")
    names = [rule.id for rule in profile.rules]
    if not names or len(set(names)) != len(names):
        raise top.bad("rules", "is empty or repeats an id")
    conclusions.CONCLUSIONS[profile.conclusion.check].fits(profile, lambda problem: top.bad("conclusion", problem))
    return profile


def read_kind(top: Table) -> str:
    """What a profile is; left out, a definition. Raises LedgerError LG1002."""
    return top.choice("kind", KINDS) if "kind" in top.value else KINDS[0]


def read_encodes(top: Table) -> tuple[tuple[str, str], ...]:
    """The texts that a profile encodes, with their digests or how they were read. Raises LedgerError LG1002."""
    found = []
    for item in top.tables("encodes"):
        found.append((item.text("what"), item.text("digest")))
        item.done()
    if not found:
        raise top.bad("encodes", "is empty: say which text the profile encodes, with its digest")
    return tuple(found)


def read_policy(top: Table) -> dict[str, Any]:
    """The choices that a profile makes and prints. Raises LedgerError LG1002."""
    value = top.take("policy")
    if not isinstance(value, dict):
        raise top.bad("policy", "is not a mapping")
    for key, item in value.items():
        parts = item if isinstance(item, list) else [item]
        if not all(isinstance(part, (str, bool)) for part in parts):
            raise top.bad(f"policy/{key}", "is neither text nor a list of texts")
    return value


def _terms(top: Table) -> dict[str, OpenTest]:
    if "terms" not in top.value:
        return {}
    table = top.table("terms")
    found = {name: read_open_test(table.table(name)) for name in sorted(table.value)}
    table.done()
    return found


def read_open_test(table: Table) -> OpenTest:
    """One test of what is open. Raises LedgerError LG1002."""
    types = table.table("types") if "types" in table.value else None
    found = OpenTest(
        osi=table.flag("osi"),
        ids=table.words("ids"),
        judgement=table.words("judgement"),
        types={} if types is None else {key: types.words(key, CONTENT_TYPES) for key in sorted(types.value)},
        exact_for=table.words("exact_for"),
        inherited=table.choice("inherited", INHERITANCE),
        restrictions=table.flag("restrictions") if "restrictions" in table.value else False,
    )
    table.done()
    return found


def _rule(table: Table, known: Mapping[str, Mapping[str, Parameter]]) -> Rule:
    check = table.choice("check", tuple(sorted(known)))
    rule = Rule(
        id=table.text("id"),
        check=check,
        text=table.text("text"),
        source=table.text("source"),
        params={name: read(table, name) for name, read in known[check].items()},
    )
    table.done()
    return rule
