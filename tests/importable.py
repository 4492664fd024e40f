"""Small folders and documents of other tools, one for each origin, as their files by path; the tools' own form, our words and bytes.

What DVC and MLflow keep was written by DVC 3.67.1 and MLflow 3.17.2 for these very files, and shortened.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

COMMIT = "5f7158a5ce83c4ff493bfe341fe31ecad64ff697"
MODEL_ID = "m-0379238c6d3f4c5da003537eaba8207b"
RUN_ID = "dfea90de65bc42c6afe55a66c2b49853"
EXPERIMENT = "134588367713493685"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CSV = b"id,name\n1,heron\n2,wren\n"
NOTES = {"notes/a.txt": b"a\n", "notes/b.txt": b"b\n"}


CONTEXT = {
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    **{
        name: f"cr:{name}"
        for name in ("recordSet", "field", "dataType", "source", "fileObject", "fileSet", "extract", "column", "includes")
    },
    **{name: f"cr:{name}" for name in ("containedIn", "excludes", "md5", "references", "value", "subField", "data", "key")},
}


def croissant_document() -> dict[str, Any]:
    """A document of 1.1 with a file, a set, a record set, lineage and Responsible AI."""
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "birds",
        "description": "Names of birds.",
        "url": "https://example.org/birds",
        "version": "2.0.0",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "datePublished": "2026-03-01T10:00:00Z",
        "inLanguage": ["en"],
        "publisher": {"@type": "sc:Organization", "name": "Bird Society"},
        "prov:wasDerivedFrom": [{"@id": "https://example.org/feathers", "name": "feathers", "version": "7"}],
        "rai:dataCollection": "Counted by hand.",
        "rai:dataCollectionTimeframe": ["2025-01-01", "2025-12-31"],
        "rai:dataBiases": ["Herons only near water."],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "birds.csv",
                "name": "birds.csv",
                "contentUrl": "data/birds.csv",
                "contentSize": f"{len(CSV)} B",
                "encodingFormat": "text/csv",
                "sha256": sha256(CSV),
            },
            {
                "@type": "cr:FileSet",
                "@id": "notes",
                "name": "notes",
                "encodingFormat": "text/plain",
                "includes": "notes/*.txt",
                "excludes": "notes/b*",
            },
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "birds",
                "name": "birds",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": "birds/name",
                        "name": "name",
                        "dataType": "sc:Text",
                        "source": {"fileObject": {"@id": "birds.csv"}, "extract": {"column": "name"}},
                    }
                ],
            }
        ],
    }


def croissant() -> dict[str, bytes]:
    return {"metadata.json": json.dumps(croissant_document()).encode(), "data/birds.csv": CSV, **NOTES}


DVC = {
    "data/a.csv": b"b\n",
    "data/b.csv": b"a\n",
    "data/sub/é.csv": b"c\n",
    "raw.csv": b"raw\n",
    "train.py": b'import sys; open("model.bin","wb").write(b"w"); open("m.json","w").write("{}")\n',
    "params.yaml": b"lr: 0.1\n",
    "model.bin": b"w",
    "m.json": b"{}",
    "data.dvc": b"outs:\n- md5: ad3b635bee70495c0689c1f0dc252b56.dir\n  size: 6\n  nfiles: 3\n  hash: md5\n  path: data\n",
    "raw.csv.dvc": b"outs:\n- md5: 2306b4377429730ee03a806cff76e92b\n  size: 4\n  hash: md5\n  path: raw.csv\n",
    "dvc.yaml": b"""stages:
  train:
    cmd: python3 train.py
    deps: [data, train.py]
    params: [lr]
    outs: [model.bin]
    metrics:
    - m.json:
        cache: false
artifacts:
  tiny:
    path: model.bin
    type: model
    meta: {license: Apache-2.0}
""",
    "dvc.lock": b"""schema: '2.0'
stages:
  train:
    cmd: python3 train.py
    deps:
    - path: data
      hash: md5
      md5: ad3b635bee70495c0689c1f0dc252b56.dir
      size: 6
      nfiles: 3
    - path: train.py
      hash: md5
      md5: 8b2c384f061acfd586c41cb6e54278aa
      size: 79
    params:
      params.yaml:
        lr: 0.1
    outs:
    - path: m.json
      hash: md5
      md5: 99914b932bd37a50b983c5e7c90ae93b
      size: 2
    - path: model.bin
      hash: md5
      md5: f1290186a5d0b1ceab27f4e77c0c5d68
      size: 1
""",
}

_RUN = f"{EXPERIMENT}/{RUN_ID}"
_LOGGED = f"{EXPERIMENT}/models/{MODEL_ID}"
_SOURCE = 'source: \'{"url": "https://example.org/%s.csv"}\'\nsource_type: http\n'
MLFLOW = {
    f"{EXPERIMENT}/meta.yaml": f"experiment_id: '{EXPERIMENT}'\nlifecycle_stage: active\nname: tiny\n".encode(),
    f"{_RUN}/meta.yaml": f"""artifact_uri: file:///home/somebody/mlruns/{_RUN}/artifacts
end_time: 1795796395715
lifecycle_stage: active
run_id: {RUN_ID}
run_name: thoughtful-lamb-453
start_time: 1795796395577
status: 3
user_id: somebody
""".encode(),
    f"{_RUN}/params/lr": b"0.1",
    f"{_RUN}/metrics/acc": b"1795796395577 0.25 0\n1795796395677 0.5 1\n",
    f"{_RUN}/tags/mlflow.source.git.commit": COMMIT.encode(),
    f"{_RUN}/tags/mlflow.source.name": b"train.py",
    f"{_RUN}/tags/mlflow.user": b"somebody",
    f"{_RUN}/inputs/6bfd/meta.yaml": b"source_id: '1719'\nsource_type: DATASET\ntags:\n  mlflow.data.context: eval\n",
    f"{_RUN}/inputs/d22b/meta.yaml": b"source_id: '152f'\nsource_type: DATASET\ntags:\n  mlflow.data.context: training\n",
    f"{EXPERIMENT}/datasets/1719/meta.yaml": ("digest: 2b772cb6\nname: test\n" + _SOURCE % "test").encode(),
    f"{EXPERIMENT}/datasets/152f/meta.yaml": ("digest: 7403b6ce\nname: train\n" + _SOURCE % "train").encode(),
    f"{_LOGGED}/meta.yaml": f"model_id: {MODEL_ID}\nname: tiny\nsource_run_id: {RUN_ID}\nstatus: 2\n".encode(),
    f"{_LOGGED}/artifacts/python_model.pkl": b"pickled",
    f"{_LOGGED}/artifacts/MLmodel": f"""artifact_path: file:///home/somebody/mlruns/{_LOGGED}/artifacts
flavors:
  python_function:
    loader_module: mlflow.pyfunc.model
    python_model: python_model.pkl
metadata:
  license: apache-2.0
mlflow_version: 3.17.2
model_id: {MODEL_ID}
model_size_bytes: 7
run_id: {RUN_ID}
utc_time_created: '2026-11-27 16:19:55.595235'
""".encode(),
}


def event(**change: Any) -> dict[str, Any]:
    """A run of OpenLineage that completed."""
    found: dict[str, Any] = {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-01T12:00:00Z",
        "producer": "https://example.org/producer",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0190e0a2-0000-7000-8000-000000000001", "facets": {}},
        "job": {
            "namespace": "birds",
            "name": "clean",
            "facets": {"sourceCodeLocation": {"type": "git", "url": "https://example.org/clean.git", "version": COMMIT}},
        },
        "inputs": [{"namespace": "s3://raw", "name": "birds", "facets": {"version": {"datasetVersion": "3"}}}],
        "outputs": [
            {
                "namespace": "s3://clean",
                "name": "birds",
                "facets": {"tags": {"tags": [{"key": "license", "value": "CC-BY-4.0"}, {"key": "season", "value": "spring"}]}},
            }
        ],
    }
    return {**found, **change}


def datapackage_document() -> dict[str, Any]:
    """A package with three resources, a licence, a source and a contributor."""
    return {
        "name": "rivers",
        "title": "Rivers",
        "description": "Lengths of rivers.",
        "version": "1.2.0",
        "homepage": "https://example.org/rivers",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "Attribution"}],
        "sources": [{"title": "Survey of 1900", "path": "https://example.org/survey"}],
        "contributors": [{"title": "A. Surveyor", "role": "author"}],
        "resources": [
            {"name": "rivers", "path": "data/rivers.csv", "bytes": len(CSV), "hash": f"sha256:{sha256(CSV)}", "mediatype": "text/csv"},
            {"name": "old", "path": "data/old.csv", "hash": hashlib.md5(b"old\n").hexdigest()},
            {"name": "inline", "data": [1, 2]},
        ],
    }


def datapackage() -> dict[str, bytes]:
    return {"datapackage.json": json.dumps(datapackage_document()).encode(), "data/rivers.csv": CSV, "data/old.csv": b"old\n"}


CITATION = b"""cff-version: 1.2.0
message: Please cite it.
title: Birds
type: dataset
version: 2.0.0
date-released: 2026-03-01
license: [CC-BY-4.0, MIT]
repository-code: https://example.org/birds
doi: 10.5281/zenodo.1234567
identifiers:
- {type: swh, value: "swh:1:rev:5f7158a5ce83c4ff493bfe341fe31ecad64ff697"}
- {type: doi, value: 10.5281/zenodo.7654321}
authors:
- {family-names: Wren, given-names: Jenny}
- {name: Bird Society}
references:
- {type: article, title: On herons, doi: 10.1000/182}
"""

MOT = b"""framework: {name: Model Openness Framework, version: '1.0'}
release:
  name: Tiny
  version: 1B
  license:
    distribution: {name: Apache-2.0, path: LICENSE}
  components:
  - {name: Model parameters (Final), license: Apache-2.0, component_path: 'https://example.org/weights'}
  - {name: Datasets, license: unlicensed}
  - {name: Something else}
"""

OSAI = b"""project: {name: Tiny, license: Apache 2.0, link: 'https://example.org'}
opencode: {class: open, link: 'https://example.org/code', notes: x}
rlweights: {class: partial, link: , notes: }
datasheet: {class: closed}
"""

_HEADER = b'{"__metadata__":{"format":"pt","license":"apache-2.0"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
HUGGINGFACE = {
    "README.md": b"---\nlicense: apache-2.0\ndatasets: [birds/names]\nbase_model: birds/base\nlanguage: en\n---\n# A model\n",
    "config.json": b'{"model_type": "wren", "architectures": ["Wren"], "_name_or_path": "birds/base"}',
    "adapter_config.json": b'{"base_model_name_or_path": "birds/base", "revision": "main"}',
    "model.safetensors": len(_HEADER).to_bytes(8, "little") + _HEADER + b"\0" * 4,
}
INSTRUCTLAB = {
    "knowledge/birds/qna.yaml": f"""version: 3
created_by: somebody
domain: birds
document_outline: About birds.
seed_examples: [{{context: a}}, {{context: b}}, {{context: c}}, {{context: d}}, {{context: e}}]
document: {{repo: 'https://example.org/birds.git', commit: {COMMIT}, patterns: [birds.md]}}
""".encode(),
    "knowledge/birds/attribution.txt": b"Title of work: Birds\nLink to work: https://example.org/birds\nLicense of the work: CC-BY-4.0\n",
}

REUSE_FILES = {
    "REUSE.toml": b"""version = 1

[[annotations]]
path = "data/**"
SPDX-FileCopyrightText = "2026 Bird Society"
SPDX-License-Identifier = "CC-BY-4.0"

[[annotations]]
path = ["weights.bin"]
precedence = "override"
SPDX-FileCopyrightText = "2026 Bird Society"
SPDX-License-Identifier = "Apache-2.0"
""",
    "LICENSES/MIT.txt": b"text of MIT\n",
    "LICENSES/CC-BY-4.0.txt": b"text of CC-BY-4.0\n",
    "LICENSES/Apache-2.0.txt": b"text of Apache-2.0\n",
    "train.py": b"# SPDX-FileCopyrightText: 2026 Jenny Wren\n# SPDX-License-Identifier: MIT\nprint(1)\n",
    "style.css": b"/* SPDX-FileCopyrightText: 2026 Jenny Wren\n * SPDX-License-Identifier: MIT */\n",
    "data/birds.csv": CSV,
    "weights.bin": b"\0\1\2",
    "photo.jpg": b"\xff\xd8",
    "photo.jpg.license": b"SPDX-FileCopyrightText: 2026 Jenny Wren\n\nSPDX-License-Identifier: CC-BY-4.0\n",
    "bare.txt": b"nothing is said of this\n",
}


def written(files: dict[str, bytes], folder: Path) -> Path:
    """The files in a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def git(folder: Path, *command: str) -> str:
    """What git prints, run without anybody's configuration."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=Wren", "-c", "user.email=wren@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *command], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path) -> Path:
    """A repository with one commit and files under REUSE."""
    written(REUSE_FILES, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "remote", "add", "origin", "https://wren:secret@example.org/birds.git")
    return folder


def folder_files(folder: Path) -> dict[str, bytes]:
    """A folder's files in memory, without Git's objects."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith((".git/objects/", ".git/hooks/"))}


def samples(repository_folder: Path) -> dict[str, dict[str, bytes]]:
    """For each origin the files of one import, in memory; a document alone stands under its own name."""
    return {
        "huggingface": HUGGINGFACE,
        "instructlab": INSTRUCTLAB,
        "croissant": croissant(),
        "git": folder_files(repository(repository_folder)),
        "dvc": DVC,
        "mlflow": MLFLOW,
        "openlineage": {"events.jsonl": b"\n".join(json.dumps(event(eventType=kind)).encode() for kind in ("START", "COMPLETE"))},
        "datapackage": datapackage(),
        "citation": {"CITATION.cff": CITATION},
        "mot": {"record.yml": MOT},
        "osai-index": {"record.yaml": OSAI},
    }
