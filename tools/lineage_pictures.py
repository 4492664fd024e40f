"""Make the pictures of docs/concepts/pictures.md from lineages that are made up: of 12, 200 and 5,000 things.

python tools/lineage_pictures.py [DIR]
"""

from __future__ import annotations

import random
import sys
from hashlib import sha256
from pathlib import Path

from ledger.lineage.folding import folded
from ledger.lineage.picture import Node, Picture, picture
from ledger.lineage.svg import svg

ROOT = Path(__file__).resolve().parent.parent
_LICENSES = ("CC-BY-4.0", "Apache-2.0", "CC0-1.0", "ODC-By-1.0", "MIT", "CC-BY-SA-4.0", None)


def _node(kind: str, name: str, version: str | None, license: str | None, depth: int = 0) -> Node:
    form = "release" if kind == "release" else "tree" if kind else "ref"
    id = f"{form}:{sha256(f'{kind}/{name}@{version}'.encode()).hexdigest()}"
    return Node(id, kind, name, version, verified=bool(kind), depth=depth, license=license, license_by="declared" if license else "")


def twelve() -> Picture:
    """A release of a small model, fine-tuned from a reference, with the way to one of its datasets marked."""
    said = {
        "release": _node("release", "reader", "2", None),
        "model": _node("weights", "reader", "2", "Apache-2.0"),
        "base": _node("", "base-model", "2026-03", None),
        "chat": _node("dataset", "conversations", "2", "CC-BY-SA-4.0"),
        "books": _node("dataset", "old-books", "1", "CC0-1.0"),
        "letters": _node("dataset", "letters", "4", "CC-BY-4.0"),
        "crawl": _node("", "crawl", "2025-41", None),
        "filter": _node("code", "filters", "0.9", "MIT"),
        "train": _node("code", "training", "1.4", "Apache-2.0"),
        "tokens": _node("code", "tokenizer", "1", "MIT OR Apache-2.0"),
        "card": _node("document", "model-card", "2", "CC-BY-4.0"),
        "test": _node("dataset", "questions", "1", "CC-BY-4.0"),
    }
    made = [
        ("release", "model", "weights"), ("release", "train", "training-code"), ("release", "card", "model-card"),
        ("release", "tokens", "tokenizer"), ("model", "base", "fine-tuned-from"), ("model", "chat", "trained-on"),
        ("model", "books", "trained-on"), ("model", "train", "built-by"), ("model", "tokens", "tokenized-with"),
        ("model", "test", "evaluated-on"), ("chat", "letters", "derived-from"), ("chat", "crawl", "subset-of"),
        ("chat", "filter", "built-by"), ("card", "model", "describes"),
    ]  # fmt: skip
    links = [(said[a].id, said[b].id, relation, number) for number, (a, b, relation) in enumerate(made)]
    way = [("release", "model"), ("model", "chat"), ("chat", "letters")]
    marked = [(said[a].id, said[b].id) for a, b in way]
    return picture(
        said["release"].id, "up", said.values(), links, marked=marked, size=31, notes=["In bold: the shortest way to letters@4."]
    )


def grown(count: int, seed: int) -> Picture:
    """A release whose model was trained on mixtures of datasets, most of which were taken from others."""
    dice = random.Random(seed)
    release, model = _node("release", "large", "1", None), _node("weights", "large", "1", "Apache-2.0")
    nodes = [release, model]
    made = [(release, model, "weights")]
    for part in ("training", "inference", "evaluation"):
        nodes.append(_node("code", f"{part}-code", "3", "Apache-2.0"))
        made.append((release, nodes[-1], f"{part}-code"))
    mixtures = [_node("dataset", f"mixture-{number}", "1", "ODC-By-1.0") for number in range(max(4, count // 400))]
    nodes += mixtures
    made += [(model, each, "trained-on") for each in mixtures]
    filters = [_node("code", f"filter-{number}", "1", "MIT") for number in range(4)]
    nodes += filters
    made += [(each, dice.choice(filters), "built-by") for each in mixtures]
    parts = list(mixtures)
    while len(nodes) < count:
        number = len(nodes)
        kind = "" if dice.random() < 0.15 else "dataset"
        node = _node(
            kind, f"{'crawl' if not kind else 'corpus'}-{number}", f"{dice.randrange(1, 5)}", dice.choice(_LICENSES) if kind else None
        )
        target = dice.choice(mixtures) if dice.random() < 0.7 else dice.choice(parts)
        made.append((target, node, "combined-from" if target in mixtures else "subset-of"))
        if kind and dice.random() < 0.3:
            parts.append(node)
        nodes.append(node)
    used = {input.id for _, input, _ in made} | {release.id}
    links = [(output.id, input.id, relation, number) for number, (output, input, relation) in enumerate(made)]
    return picture(release.id, "up", [node for node in nodes if node.id in used], links, size=len(made))


def main() -> None:
    """Write the three pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images"
    for name, drawn in (("lineage-12", twelve()), ("lineage-200", grown(200, 7)), ("lineage-5000", grown(5_000, 11))):
        text = svg(folded(drawn).picture)
        (folder / f"{name}.svg").write_text(text, "utf-8")
        print(f"{name}.svg: {len(drawn.nodes)} things, {len(text.encode()) // 1000} kB")


if __name__ == "__main__":
    main()
