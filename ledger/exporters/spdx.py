"""SPDX by version: 3.0.1 is a model of its own, 2.3 the one before it; pure."""

from __future__ import annotations

from ledger.exporters import spdx2, spdx3
from ledger.exporters.graph import Graph


def write(graph: Graph, version: str) -> bytes:
    """A graph as an SPDX document of version `3.0.1` or `2.3`. Raises LedgerError LG1603 for 2.3, when the library refuses it."""
    return spdx2.write(graph, version) if version == "2.3" else spdx3.write(graph, version)
