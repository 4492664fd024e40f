"""Statements of the naive reader: envelopes, leaf records, who may sign, and what an attestation rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from reference.naive_log import BASE, KINDS, LEAF_MEMBERS, Key, canonical, fits, h, hexid, need, schema_of, strict, unbase64


@dataclass
class Entry:
    """One log entry with all that it stands for."""

    index: int
    leaf: dict[str, Any]
    payload: bytes
    signatures: list[tuple[str | None, bytes]]
    statement: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, Any]:
        predicate: dict[str, Any] = self.statement["predicate"]
        return predicate

    @property
    def named(self) -> tuple[str, str] | None:
        """What kind of thing the statement gives a name to, and its id."""
        kind = self.leaf["kind"]
        if kind == "manifest":
            return self.said["kind"], self.said["artifact"]["id"]
        return ("release", hexid(self.payload)) if kind == "release" else None


def open_leaf(data: bytes) -> dict[str, Any]:
    leaf: dict[str, Any] = strict(data, 4096)
    need(set(leaf) - {"subjectCount"} == LEAF_MEMBERS and leaf["v"] == 1, "the members of a leaf record")
    need(leaf["kind"] in KINDS and leaf["predicateType"] == BASE + KINDS[leaf["kind"]], "kind and type do not agree")
    need(all(re.fullmatch("sha256:[0-9a-f]{64}", leaf[name]) for name in ("envelope", "payload")), "no ids")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", leaf["time"]), "no time")
    need(("subjectCount" in leaf) == (leaf.get("subjectCount", 0) > 16) and len(leaf["subjects"]) <= 16, "subjects")
    return leaf


def open_envelope(data: bytes) -> tuple[bytes, list[tuple[str | None, bytes]]]:
    envelope = strict(data, 32 << 20)
    need(envelope["payloadType"] == "application/vnd.in-toto+json", "another payload type")
    need(0 < len(envelope["signatures"]) <= 32, "no signatures, or too many")
    return unbase64(envelope["payload"]), [(one.get("keyid"), unbase64(one["sig"])) for one in envelope["signatures"]]


def subject_id(subject: dict[str, Any]) -> str:
    digest = subject["digest"]["sha256"]
    need(re.fullmatch("[0-9a-f]{64}", digest) and set(subject["digest"]) == {"sha256"}, "a subject's digest")
    own = subject.get("annotations", {}).get("id", "")
    return own if re.fullmatch("(file|tree|ref|sha256):" + digest, own) else "sha256:" + digest


def label(said: dict[str, Any]) -> str:
    return said["name"] + ("@" + said["version"] if "version" in said else "")


def edges_of(entry: Entry) -> list[tuple[str, dict[str, Any]]]:
    """The inputs or components, each with the id that it names."""
    return [(one.get("input", one.get("artifact")), one) for one in [*entry.said.get("from", ()), *entry.said.get("components", ())]]


def _check_subjects(entry: Entry) -> None:
    """The subjects are those that section 3, "Agreement", asks for."""
    said, kind = entry.said, entry.leaf["kind"]
    have = [(subject["name"], subject_id(subject)) for subject in entry.statement["subject"]]
    if kind == "manifest":
        need(have == [(label(said), said["artifact"]["id"])], "the subject is not the artifact")
    elif kind == "release":
        wanted: list[tuple[str, str]] = []
        for component in said["components"]:
            if component["artifact"] not in [own for _, own in wanted]:
                wanted.append((label(component), component["artifact"]))
        need(have == wanted, "the subjects are not the components")
    elif kind == "key":
        need(have == [(said["key"]["scheme"] + " key", "sha256:" + said["key"]["keyid"])], "the subject is not the key")
    elif kind == "attestation":
        need(have[0] == (label(said["release"]), said["release"]["id"]), "the first subject is not the release")
        need(len(have) > 1, "no subject beside the release")


def pem_bytes(pem: str) -> bytes:
    """What a PEM in the strict form holds."""
    lines = pem.split("\n")
    need(lines[0] == "-----BEGIN PUBLIC KEY-----" and lines[-2:] == ["-----END PUBLIC KEY-----", ""], "no PEM of a public key")
    body = lines[1:-2]
    need(all(len(line) == 64 for line in body[:-1]) and all(0 < len(line) <= 64 for line in body), "lines of another length")
    return unbase64("".join(body))


SPKI = {  # section 3, "Agreement": what the bytes of a key begin with, and how many follow
    "ed25519": ("302a300506032b6570032100", 32),
    "ecdsa-sha2-nistp256": ("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64),
    "ecdsa-sha2-nistp384": ("3076301006072a8648ce3d020106052b8104002203620004", 96),
    "ml-dsa-44": ("30820532300b06096086480165030403110382052100", 1312),
    "ml-dsa-65": ("308207b2300b0609608648016503040312038207a100", 1952),
}


def _check_key(said: dict[str, Any]) -> None:
    data = pem_bytes(said["key"]["public"])
    need(said["key"]["keyid"] == h(data).hex(), "the key has another keyid")
    begins, length = SPKI[said["key"]["scheme"]]
    need(data[:-length].hex() == begins and len(data) > length, "the key is of another scheme")
    for pem in said.get("roots", {}).get("keys", ()):
        pem_bytes(pem)


def _check_links(entry: Entry) -> None:
    for of, edge in edges_of(entry):
        if of[:4] != "ref:":
            need("index" in edge and "reference" not in edge, "an input that is neither in the log nor a reference")
            continue
        said = edge["reference"]
        need("index" not in edge and of == "ref:" + h(canonical(said)).hex(), "a reference has another id, or an index")
        need("role" not in edge or label(edge) == label(said), "a component is called otherwise than its descriptor")
        need("role" not in edge or ("version" in edge) == ("version" in said), "a component has a version, and its descriptor has none")


def check_agreement(entry: Entry) -> None:
    """What section 3, "Agreement", asks of one statement."""
    said, kind = entry.said, entry.leaf["kind"]
    _check_subjects(entry)
    _check_links(entry)
    if kind == "manifest" and said["artifact"]["id"].startswith("file:"):
        need(said["artifact"]["files"] == 1 and "include" not in said["artifact"], "a file that is not one file")
    elif kind == "release":
        order = schema_of("release")["properties"]["components"]["items"]["properties"]["role"]["enum"]
        ranks = [(order.index(c["role"]), c["name"], c.get("version", ""), c["artifact"]) for c in said["components"]]
        need(ranks == sorted(set(ranks)), "the components have another order, or one is there twice")
    elif kind == "key":
        _check_key(said)
    elif kind == "review":
        for word, member in (("license-concluded", "concluded"), ("finding-waived", "finding")):
            need((said["statement"] == word) == (member in said), "a judgement without what it is about")
    elif kind == "attestation":
        indexes = [one["index"] for one in said["statements"]]
        need(indexes == sorted(set(indexes)), "the evidence does not ascend")
        need(all(index < said["checkpoint"]["size"] for index in indexes), "evidence that was not there yet")
        named = {"index": said["release"]["index"], "payload": said["release"]["id"]}
        need(any({"index": one["index"], "payload": one["payload"]} == named for one in said["statements"]), "the release is no evidence")


def check_statement(entry: Entry) -> None:
    """The payload is a canonical statement that fits its schema and agrees with itself, and the leaf record agrees with it."""
    entry.statement = strict(entry.payload)
    need({"_type", "subject", "predicateType", "predicate"} <= set(entry.statement), "the members of a statement")
    need(entry.statement["_type"] == "https://in-toto.io/Statement/v1", "no in-toto Statement v1")
    need(entry.statement["predicateType"] == entry.leaf["predicateType"], "the leaf record says another type")
    fits(entry.said, schema_of(entry.leaf["kind"]))
    ids = [subject_id(subject) for subject in entry.statement["subject"]]
    need(ids, "no subject")
    check_agreement(entry)
    need(ids[:16] == entry.leaf["subjects"] and entry.leaf.get("subjectCount", len(ids)) == len(ids), "the leaf record has other subjects")
    need([keyid or "" for keyid, _ in entry.signatures] == entry.leaf["keyids"], "the leaf record has other keyids")


class Trust:
    """Folds key statements: who may sign what at an index."""

    def __init__(self) -> None:
        self.roots: dict[str, Key] = {}
        self.threshold = 0
        self.keys: dict[str, tuple[Key, set[str], list[str]]] = {}
        self.added: dict[str, dict[str, str]] = {}
        self.newest: dict[str, int] = {}

    def admit(self, entry: Entry) -> None:
        pae = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(entry.payload), entry.payload)
        kind, said = entry.leaf["kind"], entry.said
        if entry.index == 0:
            need(kind == "key" and "roots" in said, "the first entry does not state the roots")
            self.roots = {key.keyid: key for key in map(Key.of_pem, said["roots"]["keys"])}
            self.threshold = said["roots"]["threshold"]
            need(0 < self.threshold <= len(self.roots), "a threshold that nobody can reach")
        if kind == "key":
            signers = [key for key in self.roots.values() if any(key.signed(pae, one) for _, one in entry.signatures)]
            need(len(signers) >= self.threshold > 0, "the roots have not signed")
            need(said.get("after") == self.newest.get(said["key"]["keyid"]), "a key statement out of its turn")
            self.newest[said["key"]["keyid"]] = entry.index
            self._fold(said)
        else:
            wanted = {"*", kind} | ({said["kind"]} if kind == "manifest" else set())
            named = _names(entry)
            able = [key for key, kinds, given in self.keys.values() if kinds & wanted and _may_name(given, named)]
            need(any(key.signed(pae, one) for key in able for _, one in entry.signatures), "nobody who was trusted has signed")

    def _fold(self, said: dict[str, Any]) -> None:
        keyid = said["key"]["keyid"]
        if said["action"] == "add":
            self.keys[keyid] = Key.of_pem(said["key"]["public"]), set(said["for"]), said.get("names", [])
            self.added[keyid] = {name: said["key"][name] for name in ("keyid", "scheme", "public")}
        else:
            self.keys.pop(keyid, None)


def _names(entry: Entry) -> list[str]:
    """What names a statement is about: its own, its release's, or those of its subjects, without their versions."""
    kind, said = entry.leaf["kind"], entry.said
    if kind in ("manifest", "release"):
        return [said["name"]]
    if kind == "attestation":
        return [said["release"]["name"]]
    return [subject["name"].split("@", 1)[0] for subject in entry.statement["subject"]]


def _may_name(given: list[str], names: list[str]) -> bool:
    for name in names if given else []:
        if name not in [one for one in given if not one.endswith("*")] and not any(
            one.endswith("*") and name[: len(one) - 1] == one[:-1] for one in given
        ):
            return False
    return True


def check_release(attestation: Entry, entries: dict[int, Entry]) -> None:
    named = attestation.said["release"]
    release = entries[named["index"]]
    need(release.leaf["kind"] == "release" and hexid(release.payload) == named["id"], "the release is another")
    need((release.said["name"], release.said["version"]) == (named["name"], named["version"]), "the release has another name")
    own, theirs = ([(one["name"], subject_id(one)) for one in entry.statement["subject"]] for entry in (attestation, release))
    need(own == [(label(named), named["id"]), *theirs], "other subjects than the release's")


def check_evidence(attestation: Entry, entries: dict[int, Entry], *, whole: bool = False) -> set[int]:
    """The evidence is here, and is the lineage with reviews of it (in a `whole` log: all reviews of it); returns its indexes."""
    listed = [(one["index"], one["payload"]) for one in attestation.said["statements"]]
    for index, payload in listed:
        need(index in entries and hexid(entries[index].payload) == payload, f"the evidence {index} is not here")
    open_, reached = [attestation.said["release"]["index"]], set()
    while open_:
        index = open_.pop()
        need(index in entries, f"the lineage leads to {index}, which is not here")
        if index not in reached:
            reached.add(index)
            for of, edge in edges_of(entries[index]):
                if "index" in edge:
                    check_link(index, of, edge, entries)
                    open_.append(edge["index"])
    about = {hexid(entries[attestation.said["release"]["index"]].payload)}
    for index in reached:
        about |= {of for of, _ in edges_of(entries[index])}
        about |= {subject_id(one) for one in entries[index].statement["subject"] if entries[index].leaf["kind"] == "manifest"}
    size = attestation.said["checkpoint"]["size"]
    reviews = {index for index, one in entries.items() if one.leaf["kind"] == "review" and index < size}
    reviews = {index for index in reviews if about & {subject_id(one) for one in entries[index].statement["subject"]}}
    named = {index for index, _ in listed}
    need(reached <= named <= reached | reviews, "the evidence is not the lineage and reviews of it")
    need(not whole or reviews <= named, "a review is left out")
    return named


def check_link(index: int, of: str, edge: dict[str, Any], entries: dict[int, Entry]) -> Entry:
    """The manifest to which an input or component of the statement at the index leads."""
    need(edge["index"] in entries and edge["index"] < index, f"{of} is not here, or not earlier")
    other = entries[edge["index"]]
    need(other.leaf["kind"] == "manifest" and other.said["artifact"]["id"] == of, f"{of} was not recorded at {edge['index']}")
    if "role" in edge:
        names = [(one["name"], one.get("version")) for one in (edge, other.said)]
        need(names[0] == names[1], f"{of} has another name at {edge['index']}")
    return other
