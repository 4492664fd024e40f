"""Lineage: what was made from what, as a graph of dense integers; pure, without storage."""

from ledger.lineage.graph import Closure, Edge, Graph, PathResult

__all__ = ["Closure", "Edge", "Graph", "PathResult"]
