"""Runs in the environment of `make spark`: executes a notebook and prints what its cells print, a list of texts, as one JSON line.

Arguments: the notebook's file.
"""

from __future__ import annotations

import json
import sys

import nbformat
from nbclient import NotebookClient


def main() -> None:
    notebook = nbformat.read(sys.argv[1], as_version=4)
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            texts = [item.get("text") or item.get("data", {}).get("text/plain", "") for item in cell.outputs]
            shown.append("".join(texts))
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
