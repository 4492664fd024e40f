"""Make `ledger/licenses/data/license-rules.json` from the table of rules that people write.

    python tools/make_license_rules.py LICENSE_RULES.YAML [OUTPUT]

What is kept: id, edges, when and effect in words, the severity under each stance, and the sources spelled out. The predicates are
code (`ledger/licenses/rules_*.py`); a test holds that both name the same rules. The same input gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "ledger" / "licenses" / "data"
FORMAT = "openness-ledger/license-rules/v1"
STANCES = ("strict", "moderate", "permissive")


# What the table says of its own project, as a reader of the product would say it.
_OWN = {"project seed: defensible trail": "this product: a trail that can be defended", "project seed: ": ""}


def _words(value: Any) -> str:
    text = " ".join(str(value).split())
    for theirs, ours in _OWN.items():
        text = text.replace(theirs, ours)
    return text


def rule(record: dict[str, Any], sources: dict[str, str]) -> dict[str, Any]:
    """One rule in the product's form."""
    return {
        "edge": _words(record["edge"]),
        "effect": _words(record["effect"]),
        "id": record["id"],
        "note": _words(record["note"]) if "note" in record else None,
        "severity": {stance: record["severity"][stance] for stance in STANCES},
        "sources": [f"{name}: {_words(sources[name])}" if name in sources else _words(name) for name in record["src"]],
        "when": _words(record["when"]),
    }


def main() -> int:
    """Write the table; prints how many rules it has."""
    if len(sys.argv) not in (2, 3):
        print("usage: make_license_rules.py LICENSE_RULES.YAML [OUTPUT]", file=sys.stderr)
        return 2
    table = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
    rows = [json.dumps(rule(item, table["sources"]), ensure_ascii=False, sort_keys=True) for item in table["rules"]]
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else DATA / "license-rules.json"
    text = f'{{"date": "2026-11-20",\n"format": "{FORMAT}",\n"rules": [\n' + ",\n".join(rows) + "\n]}\n"
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{target.name}: {len(rows)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
