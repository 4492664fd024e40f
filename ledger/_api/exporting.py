"""Exporting: what is recorded of one thing and its lineage, written as a document that other people's tools read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.graphing import graph_of
from ledger._api.outputs import Output
from ledger.errors import LedgerError
from ledger.exporters.formats import export_format

if TYPE_CHECKING:
    from ledger.exporters.graph import Graph

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Exported:
    """A document that was written."""

    path: str
    sha256: str
    bytes: int
    format: str
    version: str
    graph: Graph

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        graph = self.graph
        return {
            "path": self.path,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "format": self.format,
            "format_version": self.version or None,
            "id": graph.main,
            "name": graph.name,
            "version": graph.version,
            "artifacts": sum(item.form != "ref" for item in graph.items),
            "references": sum(item.form == "ref" for item in graph.items),
            "edges": len(graph.links),
            "files": sum(len(item.listing) for item in graph.items),
        }


def export_document(
    ledger: Any, name: str, ref: str, out: PathLike, *, version: str | None = None, files: bool = True, patch: PathLike | None = None
) -> Exported:
    """Write what is recorded of a REF and its lineage.

    Args:
        ledger: an open `Ledger`.
        name: of the format: one of `ledger.exporters.formats.FORMATS`.
        version: of the format; by default the one that most tools read.
        files: whether to list the files of what it consists of, in formats that list them.
        patch: a card to complete instead of writing a new one, for `hf-card`; it may be `out` itself.

    Raises:
        LedgerError: LG1600, LG1601 for the format and its version, LG1602, LG1603 when the thing has no place in it,
            LG1501, LG1604, LG1605 for the card, LG0901, LG0902 for the reference, LG1103 for the file.
    """
    chosen = export_format(name)
    wanted = version or (chosen.versions[0] if chosen.versions else "")
    if version is not None and version not in chosen.versions:
        known = f"versions {', '.join(chosen.versions)}" if chosen.versions else "one version only"
        raise LedgerError("LG1601", f"`{name}` is written in {known}, not in {ascii(version)[1:-1]}")
    existing = None if patch is None else _card(Path(patch), name, chosen.patches)
    listed = files and chosen.files and wanted not in chosen.unlisted
    graph = graph_of(ledger._store, index := ledger._index(), index.size, ref, ledger.log_key, files=listed)
    data = chosen.write(graph, wanted) if existing is None else chosen.patch(existing, graph)
    with Output(Path(out)) as file:
        file.write(data)
    return Exported(str(out), hashlib.sha256(data).hexdigest(), len(data), name, wanted, graph)


def _card(path: Path, name: str, patches: bool) -> bytes:
    from ledger.importers.huggingface import CARD_BYTES

    if not patches:
        raise LedgerError("LG1605", f"`{name}` is written new, and completes no file")
    try:
        if not path.is_file():
            raise LedgerError("LG1605", f"no file to complete at `{ascii(str(path))[1:-1]}`")
        with path.open("rb") as file:
            data = file.read(CARD_BYTES + 1)
    except OSError as error:
        raise LedgerError("LG1605", f"cannot read `{ascii(str(path))[1:-1]}`: {error.strerror}") from None
    if len(data) > CARD_BYTES:
        raise LedgerError("LG1605", f"`{ascii(str(path))[1:-1]}` is larger than a card may be, {CARD_BYTES >> 20} MiB")
    return data
