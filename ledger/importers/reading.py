"""What several importers do alike: names of references, licences in whatever shape, plain facts, places of files, and digests; pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.errors import LedgerError
from ledger.importers.documents import digest_of
from ledger.importers.imported import Edge, Fact, Input, License, Options, Thing, Unresolved, Vocabulary, license_list, license_said
from ledger.importers.sources import At, confined, parse_yaml, shown
from ledger.limits import LIMITS
from ledger.spec.names import check_name
from ledger.spec.vocabulary import NOASSERTION

STRUCTURE = "LG1506"
"""The code of a document whose parts do not fit together."""
ESCAPES = "LG1507"
"""The code of a file that a document seeks outside of its folder."""

_ADDRESS = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+:(?://)?[^\s\x00-\x1f]+", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")
_LONGEST = 20_000
_MOST_FACTS = 2000
_MOST_LICENSES = 1000


def is_address(text: str) -> bool:
    """Whether a text is an address elsewhere: it has a scheme of two letters or more that is not `file`."""
    return len(text) <= LIMITS.path_bytes and _ADDRESS.fullmatch(text) is not None


def local_path(text: str, what: str, at: At) -> str:
    """A path within the folder. Raises LedgerError LG1507 when it leads out of it."""
    found = confined(text)
    if found is None:
        raise LedgerError(ESCAPES, f"{what} is sought at `{shown(text)}`, which is not within the folder ({at})")
    return found


def reference_name(text: object) -> str | None:
    """A name for a reference from a name, an address or an identifier: without scheme, `:` and `@`; None when nothing is left."""
    if not isinstance(text, str):
        return None
    plain = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", text.strip()).replace(":", "/").replace("@", "%40")
    try:
        return check_name(" ".join(plain.split()).strip("/ ")[: LIMITS.name_chars].strip("/ "))
    except LedgerError:
        return None


def version_text(value: object) -> str | None:
    """A version that can be recorded, from a text or a number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        return check_name(str(value).strip(), what="version")
    except (LedgerError, ValueError):
        return None


def own_name(how: Options, said: object, lost: list[Unresolved], at: At) -> str:
    """What to call the main artifact: what the person says, else the files, else the folder or file itself."""
    if how.name is not None:
        return how.name
    found = reference_name(said)
    if found is None and said is not None:
        lost.append(Unresolved(str(said)[:200], "it cannot be a name: the folder's or file's own is taken", at))
    return found or reference_name(how.given.rsplit("/", 1)[-1]) or "import"


def input_said(relation: str, text: object, at: At, lost: list[Unresolved], version: object = None) -> Input | None:
    """An input that a name or an address stands for; reported when it can be neither."""
    name = reference_name(text)
    if name is None or not isinstance(text, str):
        lost.append(Unresolved(str(text)[:200], "it cannot be the name of a reference", at))
        return None
    return Input(relation, at, name=name, version=version_text(version), uri=text if is_address(text) else None)


def licenses_said(value: Any, at: At, lost: list[Unresolved], vocabulary: Vocabulary = "hf") -> list[License]:
    """Licences from a text, a list of texts, or objects with a name and an address; whatever asserts nothing is reported too."""
    found: list[License] = []
    if value is None or value == "" or value == []:
        lost.append(Unresolved("license", "it says nothing", at))
    elif isinstance(value, str):
        found.append(license_said(value, at, vocabulary))
    elif isinstance(value, Mapping):
        found += _license_object(value, at, lost, vocabulary)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value) and len(value) <= _MOST_LICENSES:
        found.append(license_list([item for item in value if item] or ["none"], at, vocabulary))
    elif isinstance(value, list) and len(value) <= _MOST_LICENSES:
        inner = [one for number, item in enumerate(value) for one in licenses_said(item, at.under(number), lost, vocabulary)]
        if len({item.normalized for item in inner}) < 2:
            return inner
        found.append(license_list([item.text for item in inner], at, vocabulary))
    else:
        lost.append(Unresolved(str(value)[:200], "neither a licence nor a list of licences", at))
    lost += [Unresolved(one.text, one.reason or "it names no licence", one.at) for one in found if one.normalized == NOASSERTION]
    return [item for item in found if item.text.strip()]


def _license_object(value: Mapping[str, Any], at: At, lost: list[Unresolved], vocabulary: Vocabulary) -> Iterator[License]:
    """A licence with a name and an address: the name counts, and the address where the name says nothing, or says something else."""
    texts = {
        name: value[name] for name in ("name", "@id", "id", "url", "path", "title") if isinstance(value.get(name), str) and value[name]
    }
    if not texts:
        lost.append(Unresolved(str(dict(value))[:200], "a licence without a name or an address", at))
        return
    link = next((texts[name] for name in ("url", "path", "@id") if name in texts), None)
    said = [license_said(text, at.under(name), vocabulary, link) for name, text in texts.items()]
    certain = {item.normalized: item for item in reversed(said) if item.normalized != NOASSERTION}
    yield from (certain.values() if certain else said[:1])


def facts_from(name: str, value: Any, at: At) -> Iterator[Fact]:
    """What stands somewhere as plain facts: one for each text or number, a list of texts as one; at most 2,000."""
    pending: list[tuple[str, Any, At]] = [(name, value, at)]
    count = 0
    while pending and count < _MOST_FACTS:
        field, item, place = pending.pop()
        if isinstance(item, Mapping):
            pending += [(f"{field}.{key}", inner, place.under(key)) for key, inner in reversed(list(item.items()))]
        elif isinstance(item, list) and not all(isinstance(inner, str) for inner in item):
            pending += [(field, inner, place.under(number)) for number, inner in reversed(list(enumerate(item)))]
        elif item is not None and item != "" and item != []:
            count += 1
            yield Fact(field, item, place)


def digest_claimed(algorithm: str, value: object) -> tuple[str, str] | None:
    """A digest in hex, or an MD5 in base64 as a header `Content-MD5` has it; None for a placeholder or anything else."""
    found = digest_of(algorithm, value)
    if found is None and algorithm == "md5" and isinstance(value, str) and len(value) == 24:
        try:
            return "md5", base64.b64decode(value, validate=True).hex()
        except (binascii.Error, ValueError):
            return None
    return found


def described(inputs: Iterable[Input], output: str = "main", kind: str = "dataset") -> tuple[list[Thing], list[Edge]]:
    """Inputs of something that is not here, as things and edges."""
    things: list[Thing] = []
    edges: list[Edge] = []
    for number, item in enumerate(inputs):
        key = f"{output}-input-{number}"
        things.append(Thing(key, kind, item.name, item.at, item.version, item.uri))
        edges.append(Edge(output, item.relation, key, item.at))
    return things, edges


def date_of(value: object) -> str | None:
    """A date as data information has it, from a date or a date with a time."""
    if not isinstance(value, str):
        return None
    text = value.split("T", 1)[0].strip()
    return text if _DATE.fullmatch(text) else None


def joined(value: Any) -> str | None:
    """A text, or texts of a list as paragraphs, when it fits into data information."""
    parts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    texts = [item.strip() for item in parts if isinstance(item, str) and item.strip()]
    found = "\n".join(texts)
    return found if 0 < len(found) <= _LONGEST else None


def mapping_yaml(data: bytes, path: str) -> Mapping[str, Any]:
    """A YAML file that is a mapping, every scalar as text. Raises LedgerError LG1501, LG0103."""
    found = parse_yaml(data, path)
    if not isinstance(found, Mapping):
        raise LedgerError("LG1501", f"`{shown(path)}` is no mapping")
    return found


def texts_of(value: Any) -> list[str]:
    """A text or the texts of a list; nothing for anything else."""
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, str) and item.strip()]
