"""Read PROV-JSON with `prov` and write it again: `prov_document.py FILE…` prints {file: {again, same, kinds, blank}}.

`again` is the document that the library writes, `same` whether what it reads from that equals what it read before.
"""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys
from collections import Counter
from pathlib import Path

from prov.model import ProvDocument

found = {}
for name in sys.argv[1:]:
    read = ProvDocument.deserialize(content=Path(name).read_text(encoding="utf-8"), format="json")
    text = read.serialize(format="json")
    found[name] = {
        "again": json.loads(text),
        "same": read == ProvDocument.deserialize(content=text, format="json"),
        "kinds": dict(Counter(type(one).__name__ for one in read.get_records())),
        "nameless": sum(one.identifier is None for one in read.get_records()),
    }
print(json.dumps(found))
