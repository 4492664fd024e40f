"""The documents that a graph can be written as: one file each, found by the format's name, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.exporters.graph import Graph


@dataclass(frozen=True, slots=True)
class Format:
    """One exporter.

    Attributes:
        title: what it writes, in a few words.
        module: below `ledger.exporters`; it has `write(graph, version) -> bytes`.
        example: the file of a command that shows its use.
        versions: of the format that can be asked for; the first is the default. Empty when there is one.
        files: whether the files of the components are listed in it.
        unlisted: versions in which they are not.
        patches: whether the module has `patched(existing, graph) -> bytes` too, which completes a document that is there.
    """

    title: str
    module: str
    example: str
    versions: tuple[str, ...] = ()
    files: bool = True
    unlisted: tuple[str, ...] = ()
    patches: bool = False

    @property
    def write(self) -> Callable[[Graph, str], bytes]:
        """The exporter itself: a graph, and the version of the format, as a document's bytes."""
        found: Callable[[Graph, str], bytes] = import_module(f"ledger.exporters.{self.module}").write
        return found

    @property
    def patch(self) -> Callable[[bytes, Graph], bytes]:
        """Completes a document that is there."""
        found: Callable[[bytes, Graph], bytes] = import_module(f"ledger.exporters.{self.module}").patched
        return found


FORMATS: Mapping[str, Format] = {
    "cyclonedx": Format("CycloneDX ML-BOM, as JSON", "cyclonedx", "granite-demo.cdx.json", ("1.6", "1.7")),
    "spdx": Format("SPDX AI BOM, as JSON", "spdx", "granite-demo.spdx3.json", ("3.0.1", "2.3"), unlisted=("2.3",)),
    "croissant": Format("Croissant metadata of a dataset, with RAI and lineage", "croissant", "croissant.json", ("1.1",)),
    "hf-card": Format("the metadata of a Hugging Face card", "hf_card", "README.md", files=False, patches=True),
    "slsa-provenance": Format("SLSA provenance of weights, as an in-toto statement", "slsa", "granite-demo.intoto.json"),
    "openlineage": Format("OpenLineage run events, as JSON lines", "openlineage", "granite-demo.openlineage.jsonl", files=False),
    "prov-json": Format("W3C PROV, as PROV-JSON", "prov", "granite-demo.prov.json", files=False),
    "mldcat-ap": Format("MLDCAT-AP, as JSON-LD", "mldcat", "granite-demo.mldcat.jsonld", ("3.0.0",)),
    "datacite": Format("DataCite metadata, as JSON", "datacite", "granite-demo.datacite.json", ("4.5",), files=False),
}


def export_format(name: str) -> Format:
    """An exporter by its name. Raises LedgerError LG1600."""
    found = FORMATS.get(name)
    if found is None:
        raise LedgerError("LG1600", f"no exporter is called `{ascii(name)[1:-1]}`; known: {', '.join(FORMATS)}")
    return found
