"""Small graphs of any names, licences, addresses and edges, as hypothesis draws them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ledger.exporters.graph import FileEntry, Graph, Item, Link, Said
from ledger.licenses.expression import parse_expression
from ledger.spec.vocabulary import ARTIFACT_KINDS, RELATIONS, ROLES

NASTY = (
    "a" * 200,
    "spaces in between",
    "ünïcode é 模型 🤖",
    "quotes \" and ' and `",
    "back\\slash",
    "<tag>&amp;",
    "no",
    "1e10",
    "5503434",
    "null",
    "- dash",
    "# comment",
    "%41%zz",
    "name/with/parts",
    "(in parentheses)",
    "Example (x at example.org)",
    "{braces}",
    "../../etc/passwd",
)
ADDRESSES = (
    "https://huggingface.co/example/demo",
    "https://huggingface.co/datasets/example/data",
    "https://huggingface.co/spaces/example/app",
    "https://huggingface.co/models",
    "https://exämple.org/ä",
    "https://localhost/x",
    "http://10.0.0.1:8080/x y",
    "s3://bucket/key",
    "hf://datasets/x",
    "git+https://example.org/x.git@main#sub",
    "file:///etc/passwd",
    "doi:10.1234/abcd",
    "see the wiki",
    "https://example.org/a#b#c",
    "https://example.org/[x]",
    "https://",
    "urn:x",
    "javascript:alert(1)",
    "line\nbreak",
)
LICENSES = (
    "Apache-2.0",
    "MIT OR GPL-2.0-or-later",
    "OpenMDW-1.0",
    "LicenseRef-mine",
    "DocumentRef-x:LicenseRef-y AND MIT",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "CC BY 4.0",
    "NOASSERTION",
    "NONE",
    "GPL-2.0+",
    "AGPL-3.0-only",
    "MIT AND (Apache-2.0 OR (BSD-3-Clause AND LicenseRef-a))",
    "LicenseRef-A AND LicenseRef-a.b-c",
    "other",
    "",
)
plain = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
names = st.sampled_from(NASTY) | plain.filter(str.strip)
versions = st.none() | st.sampled_from(["1", "1.0", "2026-09", "no", "v 2 'x'"]) | names
days = st.sampled_from(["2026", "2026-02", "2026-02-28", "2026-02-31"])
said = st.builds(
    lambda text, source: Said(text, parse_expression(text).normalized, source),
    st.sampled_from(LICENSES) | plain,
    plain,
)
data = st.fixed_dictionaries(
    {},
    optional={
        "description": plain,
        "collection": plain,
        "processing": plain,
        "filtering": plain,
        "selection": plain,
        "labelling": plain,
        "provenance": plain,
        "purpose": plain,
        "owner": plain,
        "issuer": plain,
        "published": days,
        "acquired": st.fixed_dictionaries({}, optional={"from": days, "to": days}),
        "personal_data": st.sampled_from(["yes", "no", "unknown"]),
        "class": st.sampled_from(["open", "public", "obtainable", "unshareable"]),
        "languages": st.lists(plain, max_size=3),
        "modalities": st.lists(st.sampled_from(["text", "image", "other"]), unique=True, max_size=2),
        "formats": st.lists(plain, max_size=2),
        "classification": st.lists(plain, max_size=2),
        "size": st.fixed_dictionaries({"value": st.integers(0, 10**12) | st.just(0.5), "unit": st.sampled_from(["records", "bytes"])}),
    },
)
about = st.fixed_dictionaries(
    {},
    optional={
        "provider": st.builds(lambda name: {"name": name}, plain),
        "description": plain,
        "released": days,
        "model": st.fixed_dictionaries({}, optional={"training": plain, "properties": plain}),
        "system": st.fixed_dictionaries({}, optional={"application_area": plain}),
    },
)
addresses = st.sampled_from(ADDRESSES) | plain
sources = st.builds(
    lambda uri, revision: {"uri": uri, **({"revision": revision} if revision else {})},
    addresses,
    st.none() | st.just("0123456789abcdef0123456789abcdef01234567") | plain,
)
digests = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")


@st.composite
def items(draw: Any, form: str) -> Item:
    """One artifact or reference."""
    kind = draw(st.sampled_from(ARTIFACT_KINDS if form != "ref" else (*ARTIFACT_KINDS, "")))
    recorded = form != "ref"
    paths = draw(st.lists(names, unique=True, max_size=3)) if form == "tree" else []
    columns = {path: draw(st.lists(plain, max_size=3)) for path in paths} if draw(st.booleans()) else {}
    return Item(
        f"{form}:{draw(digests)}",
        kind,
        draw(names),
        draw(versions),
        draw(st.integers(0, 99)) if recorded else None,
        "2026-11-20T12:00:00Z" if recorded else None,
        None if recorded else draw(st.none() | addresses),
        tuple(draw(st.lists(st.sampled_from(ROLES), unique=True, max_size=2))),
        len(paths) or 1 if recorded else 0,
        draw(st.integers(0, 2**63)) if recorded else 0,
        tuple(draw(st.lists(said, max_size=3))) if recorded else (),
        draw(st.none() | said),
        tuple((path, f"sha256:{0:064x}") for path in paths[:1]),
        tuple(draw(st.lists(sources, max_size=2))) if recorded else (),
        draw(data),
        {"columns": columns} if columns else {},
        None,
        tuple(FileEntry(path, draw(digests)) for path in sorted(paths)),
    )


@st.composite
def graphs(draw: Any) -> Graph:
    """A release, or one artifact, with up to five others in any lineage without a circle."""
    forms = draw(st.lists(st.sampled_from(["tree", "file", "ref"]), min_size=1, max_size=6))
    found = [draw(items(form)) for form in forms]
    ordered = sorted({item.id: item for item in found}.values(), key=lambda item: (item.kind, item.name, item.version or "", item.id))
    links = {}
    for number, output in enumerate(ordered):
        for given in ordered[:number] if output.form != "ref" else []:
            if draw(st.booleans()):
                amount = draw(st.sampled_from([None, {"fraction": 0.5}, {"count": 3}]))
                link = Link(output.id, draw(st.sampled_from(RELATIONS)), given.id, amount)
                links[(link.output, link.relation, link.input)] = link
    release = any(item.roles for item in ordered) and draw(st.booleans())
    main = f"sha256:{draw(digests)}" if release else draw(st.sampled_from(ordered)).id
    lead = next((item for item in ordered if item.id == main), ordered[0])
    return Graph(
        main,
        draw(names) if release else lead.name,
        draw(names) if release else lead.version,
        release,
        "2026-11-20T12:00:00Z",
        tuple(ordered),
        tuple(links[key] for key in sorted(links)),
        "example.org/tests",
        9,
        "ab" * 32,
        "example.org/tests+00000000+key",
        draw(about) if release else {},
        8,
    )
