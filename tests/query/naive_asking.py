"""What the named questions answer, worked out in plain Python from the statements of the naive reader: slowly, and without any table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from reference.naive_ledger import Report
from reference.naive_log import Key, hexid
from reference.naive_statements import Entry, edges_of, subject_id

Row = list[Any]
ANSWERS: dict[str, Callable[..., list[Row]]] = {}


def answers(name: str) -> Callable[[Callable[..., list[Row]]], Callable[..., list[Row]]]:
    def keep(work: Callable[..., list[Row]]) -> Callable[..., list[Row]]:
        ANSWERS[name] = work
        return work

    return keep


def first(value: Any) -> tuple[bool, Any]:
    """A key under which nothing comes before everything."""
    return value is not None, value


class World:
    """What the first entries of a log say."""

    def __init__(self, report: Report, size: int) -> None:
        self.entries: list[Entry] = report.entries[:size]
        self.trees = report.trees
        self.order: list[str] = []
        self.names: list[tuple[int, str, str, str, str | None]] = []
        self.facts: dict[str, dict[str, Any]] = {}
        self.edges: list[tuple[int, str, str]] = []
        self.claims: list[tuple[int, str, str, str]] = []
        for entry in self.entries:
            self._fold(entry)

    def _fold(self, entry: Entry) -> None:
        said = entry.said
        if entry.leaf["kind"] == "review" and "concluded" in said:
            self.claims.append((entry.index, subject_id(entry.statement["subject"][0]), "concluded", said["concluded"]["normalized"]))
        if entry.named is None:
            return
        kind, own = entry.named
        self.names.append((entry.index, own, kind, said["name"], said.get("version")))
        self._see(own, kind, said["name"], said.get("version"))
        if "artifact" in said:
            self.facts[own].setdefault("files", said["artifact"]["files"])
            self.facts[own].setdefault("bytes", said["artifact"]["bytes"])
        self.facts[own].setdefault("idx", entry.index)
        for other, edge in edges_of(entry):
            named = edge.get("reference", {})
            self._see(other, None, named.get("name"), named.get("version"))
            self.edges.append((entry.index, own, other))
        for basis in ("declared", "detected"):
            for claim in said.get("licenses", {}).get(basis, ()):
                self.claims.append((entry.index, own, basis, claim.get("normalized", "NOASSERTION")))

    def _see(self, own: str, kind: str | None, name: str | None, version: str | None) -> None:
        if own not in self.facts:
            self.order.append(own)
            self.facts[own] = {"kind": kind, "name": name, "version": version}

    def called(self, own: str) -> Row:
        """Kind, newest name and its version."""
        for _, id, kind, name, version in reversed(self.names):
            if id == own:
                return [kind, name, version]
        return [self.facts[own][part] for part in ("kind", "name", "version")]

    def said_of(self, own: str) -> list[tuple[str, str]]:
        """(basis, normal form) of the claims about something, each once."""
        return sorted({(basis, normal) for _, id, basis, normal in self.claims if id == own})

    def walk(self, start: str, up: bool, depth: int) -> tuple[dict[str, int], bool]:
        """Fewest steps to everything, breadth first, and whether nothing lies at the bound."""
        found, edge, steps = {start: 0}, [start], 0
        while edge and steps < depth:
            steps += 1
            step = [(out, into) if up else (into, out) for _, out, into in self.edges]
            edge = [to for to in dict.fromkeys(to for by, to in step if by in edge) if to not in found]
            found.update(dict.fromkeys(edge, steps))
        return found, max(found.values()) < depth

    def at(self, own: str) -> int:
        return self.order.index(own)

    def artifacts(self) -> Iterator[str]:
        yield from (own for own in self.order if own.startswith(("file:", "tree:")))

    def releases(self) -> Iterator[str]:
        yield from (own for own in self.order if own.startswith("sha256:"))


@answers("what-is-recorded")
def _(world: World) -> list[Row]:
    found = []
    for own in world.artifacts():
        facts = world.facts[own]
        for basis, normal in world.said_of(own) or [(None, None)]:
            found.append([own, *world.called(own), facts["files"], facts["bytes"], basis, normal])
    return found


@answers("releases")
def _(world: World) -> list[Row]:
    rows = [e for e in world.entries if e.leaf["kind"] == "release"]
    newest = {e.said["name"]: e.index for e in rows}
    return [
        [
            e.said["name"],
            e.said["version"],
            hexid(e.payload),
            e.index,
            e.leaf["time"],
            len(e.said["components"]),
            newest[e.said["name"]] == e.index,
        ]
        for e in rows
    ]


@answers("unlicensed")
def _(world: World) -> list[Row]:
    found = []
    for own in world.order:
        normal = {text for _, text in world.said_of(own)}
        if not own.startswith("sha256:") and normal <= {"NOASSERTION"}:
            found.append([own, *world.called(own), "only NOASSERTION" if normal else "no claim"])
    return found


@answers("restricted-licenses-shipped")
def _(world: World, allowed: str = "") -> list[Row]:
    fine, found = [text.strip() for text in allowed.split(",")], []
    for entry in world.entries:
        for component in entry.said.get("components", ()):
            own = component["artifact"]
            for basis, normal in world.said_of(own) or [(None, None)]:
                if normal in fine and normal != "NOASSERTION":
                    continue
                outcome = "not known" if normal in (None, "NOASSERTION") else "not on the list"
                named = [entry.said["name"], entry.said["version"], component["role"]]
                found.append([*named, own, *world.called(own)[1:], basis, normal, outcome])
    return sorted(found, key=lambda row: (row[:4], first(row[6]), first(row[7])))


@answers("licence-census")
def _(world: World) -> list[Row]:
    under: dict[tuple[str, str], list[str]] = {}
    for own in world.order:
        for claim in world.said_of(own):
            under.setdefault(claim, []).append(own)
    return [
        [*claim, len(ids), *(sum(world.facts[own].get(part, 0) for own in ids) for part in ("files", "bytes"))]
        for claim, ids in sorted(under.items())
    ]


@answers("licence-disagreements")
def _(world: World) -> list[Row]:
    found = []
    for own in sorted(world.order):
        said = [claim for claim in world.said_of(own) if claim[1] != "NOASSERTION"]
        for basis, declared in said:
            others = [claim for claim in said if claim[0] != "declared" and claim[1] != declared]
            found += [[own, *world.called(own)[1:], declared, *other] for other in others if basis == "declared"]
    return found


@answers("unverified-inputs")
def _(world: World, depth: int = 64) -> list[Row]:
    found = []
    for release in world.releases():
        reached, whole = world.walk(release, True, depth)
        refs = sorted((steps, world.at(own), own) for own, steps in reached.items() if own.startswith("ref:"))
        named = world.called(release)[1:]
        found += [[*named, own, *world.called(own)[1:], steps, whole] for steps, _, own in refs]
        found += [] if whole else [[*named, None, None, None, None, False]]
    return found


class Signatures:
    """For each signature which key verifies it, and whether it was trusted."""

    def __init__(self, world: World) -> None:
        self.rows: list[tuple[Entry, int, str | None, bool]] = []
        known: dict[str, Key] = {}
        may: dict[str, set[str]] = {}
        roots: list[str] = []
        for entry in world.entries:
            said, kind = entry.said, entry.leaf["kind"]
            if kind == "key":
                known.setdefault(said["key"]["keyid"], Key.of_pem(said["key"]["public"]))
                roots = [Key.of_pem(pem).keyid for pem in said["roots"]["keys"]] if "roots" in said else roots
            pae = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(entry.payload), entry.payload)
            for position, (_, signature) in enumerate(entry.signatures):
                keyid = next((keyid for keyid, key in known.items() if key.signed(pae, signature)), None)
                wanted = {"*", kind, said.get("kind", kind)}
                trusted = keyid in roots if kind == "key" else bool(may.get(keyid or "", set()) & wanted)
                self.rows.append((entry, position, keyid, trusted))
            if kind == "key":
                may[said["key"]["keyid"]] = set(said["for"]) if said["action"] == "add" else set()


@answers("unsigned-or-untrusted")
def _(world: World) -> list[Row]:
    rows = Signatures(world).rows
    return [
        [e.index, e.leaf["kind"], at, keyid, keyid is not None, trusted] for e, at, keyid, trusted in rows if keyid is None or not trusted
    ]


@answers("who-signed-what")
def _(world: World) -> list[Row]:
    under: dict[tuple[str | None, str], list[tuple[int, bool]]] = {}
    for entry, _, keyid, trusted in Signatures(world).rows:
        under.setdefault((keyid, entry.leaf["kind"]), []).append((entry.index, trusted))
    rows = [
        [*both, len({at for at, _ in seen}), min(seen)[0], max(seen)[0], sum(trusted for _, trusted in seen)]
        for both, seen in under.items()
    ]
    return sorted(rows, key=lambda row: (row[3], row[0], row[1]))


@answers("keys-and-their-ends")
def _(world: World) -> list[Row]:
    events: dict[str, list[Entry]] = {}
    for entry in world.entries:
        if entry.leaf["kind"] == "key":
            events.setdefault(entry.said["key"]["keyid"], []).append(entry)
    words = {"add": "trusted", "retire": "retired", "revoke": "revoked"}
    found = []
    for keyid, seen in events.items():
        last = seen[-1]
        end = None if last.said["action"] == "add" else last.index
        found.append(
            [keyid, last.said["key"]["scheme"], " ".join(last.said["for"]), seen[0].index, last.index, words[last.said["action"]], end]
        )
    return found


@answers("same-bytes-other-names")
def _(world: World) -> list[Row]:
    found = []
    for own in world.order:
        licences: dict[str, int] = {}
        for at, id, basis, normal in world.claims:
            if id == own and basis == "declared":
                licences.setdefault(normal, at)
        names: dict[str, int] = {}
        for at, id, kind, name, version in world.names:
            if id == own:
                names.setdefault(f"{kind}/{name}" + (f"@{version}" if version is not None else ""), at)
        for what, said in (("licence", licences), ("name", names)):
            if len(said) > 1:
                found += [[own, what, text, at] for text, at in sorted(said.items(), key=lambda item: (item[1], item[0]))]
    return found


@answers("same-file-in-many-artifacts")
def _(world: World) -> list[Row]:
    places: dict[str, list[tuple[int, str, str, int]]] = {}
    for own in world.artifacts():
        at = world.at(own)
        if own.startswith("file:"):
            places.setdefault(own, []).append((at, "", own, world.facts[own]["bytes"]))
        for path, digest, size in world.trees.get(own, ()):
            places.setdefault(f"file:{digest}", []).append((at, path.decode(), own, size))
    return [
        [file, size, own, *world.called(own)[1:], path]
        for file, seen in sorted(places.items())
        if len({own for _, _, own, _ in seen}) > 1
        for _, path, own, size in sorted(seen)
    ]


@answers("same-address-other-bytes")
def _(world: World) -> list[Row]:
    under: dict[str, list[Row]] = {}
    for entry in world.entries:
        for source in entry.said.get("sources", ()):
            own = entry.said["artifact"]["id"]
            row = [source["uri"], source.get("revision"), own, entry.said["name"], entry.said.get("version"), entry.index]
            under.setdefault(source["uri"], []).append(row)
    return [row for _, rows in sorted(under.items()) if len({row[2] for row in rows}) > 1 for row in rows]


@answers("orphans")
def _(world: World) -> list[Row]:
    used = {into for _, _, into in world.edges}
    return [[own, *world.called(own), world.facts[own]["idx"]] for own in world.artifacts() if own not in used]


@answers("dangling")
def _(world: World) -> list[Row]:
    found = []
    for own in world.order:
        at = [index for index, _, into in world.edges if into == own]
        if own.startswith("ref:") and at:
            _, name, version = world.called(own)
            same = any((other, given or "") == (name, version or "") for _, _, _, other, given in world.names)
            found.append([own, name, version, len(at), min(at), same])
    return found


def _steps(world: World, start: str, up: bool, depth: int) -> tuple[list[tuple[int, str]], bool]:
    reached, whole = world.walk(start, up, depth)
    return sorted(((steps, own) for own, steps in reached.items() if steps), key=lambda item: (item[0], world.at(item[1]))), whole


@answers("tainted-by")
def _(world: World, artifact: str, depth: int = 64) -> list[Row]:
    rows, whole = _steps(world, artifact, False, depth)
    return [[steps, own, *world.called(own), whole] for steps, own in rows]


@answers("made-from")
def _(world: World, artifact: str, depth: int = 64) -> list[Row]:
    rows, whole = _steps(world, artifact, True, depth)
    return [[steps, own, *world.called(own), not own.startswith("ref:"), whole] for steps, own in rows]


@answers("releases-containing")
def _(world: World, artifact: str, depth: int = 64) -> list[Row]:
    rows, whole = _steps(world, artifact, False, depth)
    found = sorted((world.at(own), own, steps) for steps, own in rows if own.startswith("sha256:"))
    return [[*world.called(own)[1:], own, steps, whole] for _, own, steps in found] + ([] if whole else [[None, None, None, None, False]])


@answers("common-inputs-of-releases")
def _(world: World, release: str, other: str, depth: int = 64) -> list[Row]:
    (one, whole), (two, too) = (world.walk(id, True, depth) for id in (release, other))
    both = [own for own in world.order if one.get(own, 0) and two.get(own, 0)]
    rows: list[Row] = [[own, *world.called(own), one[own], two[own], whole and too] for own in both]
    return rows + ([] if whole and too else [[None, None, None, None, None, None, False]])


@answers("verdict-changes")
def _(world: World) -> list[Row]:
    under: dict[tuple[str, str], list[Row]] = {}
    for entry in world.entries:
        for verdict in entry.said.get("verdicts", ()):
            release = entry.said["release"]
            rows = under.setdefault((release["id"], verdict["profile"]), [])
            before = rows[-1][5] if rows else None
            said = [release["name"], release["version"], verdict["profile"], entry.index, entry.leaf["time"], verdict["result"]]
            rows.append([*said, before, before is not None and before != verdict["result"]])
    return [row for _, rows in sorted(under.items(), key=lambda item: (world.at(item[0][0]), item[0][1])) for row in rows]


@answers("open-verdicts")
def _(world: World) -> list[Row]:
    newest: dict[tuple[str, str], tuple[Entry, dict[str, Any]]] = {}
    for entry in world.entries:
        for verdict in entry.said.get("verdicts", ()):
            newest[entry.said["release"]["id"], verdict["profile"]] = entry, verdict
    found: list[Row] = []
    for (release, profile), (entry, verdict) in sorted(newest.items(), key=lambda item: (world.at(item[0][0]), item[0][1])):
        named = [*world.called(release)[1:], profile]
        found += [[*named, "", "", entry.index]] if verdict["result"] == "unknown" else []
        found += [[*named, rule["rule"], rule["reason"], entry.index] for rule in verdict["rules"] if rule["result"] == "unknown"]
    return found


@answers("corrections")
def _(world: World) -> list[Row]:
    found, last = [], {}
    for entry in world.entries:
        if entry.named is None:
            continue
        kind, own = entry.named
        name = kind, entry.said["name"], entry.said.get("version")
        if "supersedes" in entry.said:
            found.append([entry.index, entry.leaf["time"], *name, last.get(name), own, entry.said["supersedes"]["reason"]])
        last[name] = own
    return found


@answers("largest-artifacts")
def _(world: World, rows: int = 20) -> list[Row]:
    ids = sorted(world.artifacts(), key=lambda own: (-world.facts[own]["bytes"], world.at(own)))[:rows]
    return [[place, own, *world.called(own), world.facts[own]["files"], world.facts[own]["bytes"]] for place, own in enumerate(ids, 1)]


@answers("new-since")
def _(world: World, since: int = 0) -> list[Row]:
    found = []
    for entry in world.entries[since:]:
        said, kind = entry.said, entry.leaf["kind"]
        subject = entry.statement["subject"][0]
        own = hexid(entry.payload) if kind == "release" else subject_id(subject)
        name = subject["name"]
        about = said.get("kind", "release")
        if kind == "release":
            name = f"{said['name']}@{said['version']}"
        elif kind == "review":
            about = world.called(own)[0]
        elif kind == "key":
            about, name, own = "key", said["key"]["scheme"], said["key"]["keyid"]
        found.append([entry.index, entry.leaf["time"], kind, about, name, own])
    return found
