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


def _subjects(entry: Entry) -> list[str]:
    """The subjects that the predicate asks for; those of an attestation begin with the release."""
    said, kind = entry.said, entry.leaf["kind"]
    if kind == "manifest":
        need(entry.statement["subject"][0]["name"] == label(said), "the subject has another name")
        return [said["artifact"]["id"]]
    if kind == "release":
        order = schema_of("release")["properties"]["components"]["items"]["properties"]["role"]["enum"]
        ranks = [(order.index(c["role"]), c["name"], c.get("version", ""), c["artifact"]) for c in said["components"]]
        need(ranks == sorted(ranks), "the components have another order")
        return list(dict.fromkeys(component["artifact"] for component in said["components"]))
    if kind == "key":
        need(Key.of_pem(said["key"]["public"]).keyid == said["key"]["keyid"], "the key has another keyid")
        return ["sha256:" + said["key"]["keyid"]]
    ids = [subject_id(subject) for subject in entry.statement["subject"]]
    need(kind != "attestation" or ids[0] == said["release"]["id"], "the first subject is not the release")
    return ids


def check_statement(entry: Entry) -> None:
    """The payload is a canonical statement that fits its schema, and the leaf record agrees with it."""
    entry.statement = strict(entry.payload)
    need(set(entry.statement) == {"_type", "subject", "predicateType", "predicate"}, "the members of a statement")
    need(entry.statement["_type"] == "https://in-toto.io/Statement/v1", "no in-toto Statement v1")
    need(entry.statement["predicateType"] == entry.leaf["predicateType"], "the leaf record says another type")
    fits(entry.said, schema_of(entry.leaf["kind"]))
    ids = [subject_id(subject) for subject in entry.statement["subject"]]
    need(ids and ids == _subjects(entry), "the subjects are not those of the predicate")
    need(ids[:16] == entry.leaf["subjects"] and entry.leaf.get("subjectCount", len(ids)) == len(ids), "the leaf record has other subjects")
    need([keyid for keyid, _ in entry.signatures] == entry.leaf["keyids"], "the leaf record has other keyids")
    for edge in [*entry.said.get("from", ()), *entry.said.get("components", ())]:
        of = edge.get("input", edge.get("artifact"))
        if of.startswith("ref:"):
            need("index" not in edge and of[4:] == h(canonical(edge["reference"])).hex(), "a reference has another id")


class Trust:
    """Folds key statements: who may sign what at an index."""

    def __init__(self) -> None:
        self.roots: dict[str, Key] = {}
        self.threshold = 0
        self.keys: dict[str, tuple[Key, set[str]]] = {}
        self.added: dict[str, dict[str, str]] = {}

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
            self._fold(said)
        else:
            wanted = {"*", kind} | ({said["kind"]} if kind == "manifest" else set())
            able = [key for key, kinds in self.keys.values() if kinds & wanted]
            need(any(key.signed(pae, one) for key in able for _, one in entry.signatures), "nobody who was trusted has signed")

    def _fold(self, said: dict[str, Any]) -> None:
        keyid = said["key"]["keyid"]
        if said["action"] == "add":
            self.keys[keyid] = Key.of_pem(said["key"]["public"]), set(said["for"])
            self.added[keyid] = {name: said["key"][name] for name in ("keyid", "scheme", "public")}
        else:
            self.keys.pop(keyid, None)


def check_release(attestation: Entry, entries: dict[int, Entry]) -> None:
    named = attestation.said["release"]
    release = entries[named["index"]]
    need(release.leaf["kind"] == "release" and hexid(release.payload) == named["id"], "the release is another")
    need((release.said["name"], release.said["version"]) == (named["name"], named["version"]), "the release has another name")
    ids = [subject_id(subject) for subject in attestation.statement["subject"]]
    need(ids == [named["id"], *(subject_id(subject) for subject in release.statement["subject"])], "other subjects than the release's")
    need(attestation.statement["subject"][0]["name"] == label(named), "the first subject has another name")


def check_evidence(attestation: Entry, entries: dict[int, Entry]) -> set[int]:
    """The evidence is here, and is the lineage; returns its indexes."""
    listed = [(one["index"], one["payload"]) for one in attestation.said["statements"]]
    for index, payload in listed:
        need(index in entries and hexid(entries[index].payload) == payload, f"the evidence {index} is not here")
    open_, reached = [attestation.said["release"]["index"]], set()
    while open_:
        index = open_.pop()
        need(index in entries, f"the lineage leads to {index}, which is not here")
        if index not in reached:
            reached.add(index)
            said = entries[index].said
            for edge in [*said.get("from", ()), *said.get("components", ())]:
                if "index" in edge:
                    other = entries[edge["index"]]
                    need(edge["index"] < index and other.leaf["kind"] == "manifest", "an input that is no earlier manifest")
                    need(other.said["artifact"]["id"] == edge.get("input", edge.get("artifact")), "an input at another index")
                    open_.append(edge["index"])
    need([index for index, _ in listed] == sorted(reached), "the evidence is not the lineage")
    return reached
