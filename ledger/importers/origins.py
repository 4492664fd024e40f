"""The importers: one file each, found by its origin's name, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.importers.imported import Imported, Options
    from ledger.importers.sources import Files


@dataclass(frozen=True, slots=True)
class Origin:
    """One importer.

    Attributes:
        title: what it reads, in a few words.
        module: below `ledger.importers`; it has `read(files, options) -> Imported`.
        example: the path, and whatever else, of a command that shows its use.
        needs: options that mean something to it beside name and version.
    """

    title: str
    module: str
    example: str
    needs: tuple[str, ...] = ()

    @property
    def read(self) -> Callable[[Files, Options], Imported]:
        """The importer itself."""
        found: Callable[[Files, Options], Imported] = import_module(f"ledger.importers.{self.module}").read
        return found


ORIGINS: Mapping[str, Origin] = {
    "huggingface": Origin(
        "A Hugging Face model or dataset: folder, clone, local cache, or card", "huggingface", "models/granite-demo", ("revision",)
    ),
    "instructlab": Origin(
        "An InstructLab taxonomy, or the folder of generated data",
        "instructlab",
        "taxonomy --revision 5f7158a5",
        ("generated_by", "revision"),
    ),
    "cyclonedx": Origin("A CycloneDX document, 1.4 to 1.7, in JSON", "cyclonedx", "vendor.cdx.json"),
    "croissant": Origin(
        "A Croissant dataset: a folder with its document, or the document alone; 0.8 to 1.1", "croissant", "datasets/qa-skills"
    ),
    "git": Origin(
        "A Git work tree: tracked files, commit and remote, licences by REUSE and SPDX tags", "git", "src/trainer", ("revision",)
    ),
    "dvc": Origin("A folder with files of DVC: *.dvc, dvc.lock, dvc.yaml", "dvc", "project", ("revision",)),
    "mlflow": Origin("MLflow: a model's folder, a run's, or a file store (mlruns)", "mlflow", "mlruns"),
    "openlineage": Origin("OpenLineage events: one, a list, or one on each line", "openlineage", "events.jsonl"),
    "datapackage": Origin(
        "A data package (Frictionless, Kaggle): a folder with datapackage.json, or the document", "datapackage", "datasets/rivers"
    ),
    "citation": Origin("A CITATION.cff, alone or in a folder", "citation", "CITATION.cff"),
    "mot": Origin("A record of the Model Openness Tool", "mot_record", "OLMo-7B.yml"),
    "osai-index": Origin("A record of the Open Source AI Index, in either of its forms", "osai_record", "alpaca.yaml"),
    "spdx": Origin("An SPDX document: 3.0.1, 2.3 or 2.2, in JSON; of SPDX 2 also YAML", "spdx", "vendor.spdx.json"),
}


def origin(name: str) -> Origin:
    """An importer by its name. Raises LedgerError LG1500."""
    found = ORIGINS.get(name)
    if found is None:
        raise LedgerError("LG1500", f"no importer is called `{ascii(name)[1:-1]}`; known: {', '.join(ORIGINS)}")
    return found
