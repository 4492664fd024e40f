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
    """

    title: str
    module: str
    example: str
    versions: tuple[str, ...] = ()
    files: bool = True
    unlisted: tuple[str, ...] = ()

    @property
    def write(self) -> Callable[[Graph, str], bytes]:
        """The exporter itself: a graph, and the version of the format, as a document's bytes."""
        found: Callable[[Graph, str], bytes] = import_module(f"ledger.exporters.{self.module}").write
        return found


FORMATS: Mapping[str, Format] = {
    "cyclonedx": Format("CycloneDX ML-BOM, as JSON", "cyclonedx", "granite-demo.cdx.json", ("1.6", "1.7")),
    "spdx": Format("SPDX AI BOM, as JSON", "spdx", "granite-demo.spdx3.json", ("3.0.1", "2.3"), unlisted=("2.3",)),
}


def export_format(name: str) -> Format:
    """An exporter by its name. Raises LedgerError LG1600."""
    found = FORMATS.get(name)
    if found is None:
        raise LedgerError("LG1600", f"no exporter is called `{ascii(name)[1:-1]}`; known: {', '.join(FORMATS)}")
    return found
