"""A release with everything in it that an exporter can meet, recorded in a small ledger."""

from __future__ import annotations

from pathlib import Path

from ledger.api import InputSpec, Ledger

SKILLS = {
    "class": "open",
    "description": "Questions and answers about geometry.",
    "origin": "synthetic",
    "owner": "Example Labs",
    "issuer": "Example Labs",
    "collection": "Generated from a taxonomy of skills.",
    "processing": "Near duplicates removed.",
    "personal_data": "no",
    "modalities": ["text"],
    "languages": ["en"],
    "size": {"value": 1200, "unit": "records"},
    "published": "2026-10-01",
    "purpose": "instruction tuning",
}
ABOUT = {
    "provider": {"name": "Example AI"},
    "description": "A small model for demonstrations.",
    "released": "2026-11-01",
    "model": {"training": "Supervised fine-tuning.", "properties": "Decoder with 2 layers."},
    "system": {"application_area": "chat"},
}
FILES = {
    "data/skills.jsonl": '{"question": "How many sides has a hexagon?", "answer": "six"}\n',
    "data/LICENSE": "the licence of the data\n",
    "raw/notes.txt": "as found\n",
    "code/train.py": "print('train')\n",
    "model/model.safetensors": "weights of the model",
    "model/config.json": '{"model_type": "demo"}',
    "model/sub folder/ünïcode é.txt": "a name that is not ASCII\n",
    "CARD.md": "---\nlicense: apache-2.0\n---\n# A card\n",
}


def release_everything(ledger: Ledger, root: Path) -> str:
    """Record it; the REF of the release. Every relation of the export mappings is in its lineage at least once."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    teacher = InputSpec("generated-by", None, {"name": "teacher/big-model", "uri": "https://huggingface.co/teacher/big-model"})
    base = {"name": "base/small", "version": "3.0", "uri": "https://example.org/base/small"}
    ledger.record("dataset", root / "raw", name="raw notes", version="2026-09", license="a licence that nobody knows")
    ledger.record(
        "dataset",
        root / "data",
        name="skills",
        version="1",
        license="CC-BY-SA-4.0",
        sources=[{"uri": "https://example.org/skills", "revision": "9488b9b4"}],
        data=SKILLS,
        inputs=[teacher, ("derived-from", "raw notes@2026-09")],
    )
    ledger.record("code", root / "code", name="trainer", version="1", license="MIT OR Apache-2.0", sources=["https://example.org/trainer"])
    ledger.record(
        "weights",
        root / "model",
        name="example/demo",
        version="1.0",
        license="Apache-2.0",
        sources=[{"uri": "https://huggingface.co/example/demo", "revision": "0123456789abcdef0123456789abcdef01234567"}],
        inputs=[
            InputSpec("trained-on", "skills@1", None, {"fraction": 0.75}),
            InputSpec("trained-on", None, {"name": "commonpile/wikimedia"}, {"count": 5000}),
            InputSpec("fine-tuned-from", None, base),
            ("built-by", "trainer@1"),
            InputSpec("evaluated-on", None, {"name": "benchmarks/geometry", "version": "2"}),
            InputSpec("tokenized-with", None, {"name": "tokenizers/plain"}),
        ],
    )
    ledger.record(
        "document", root / "CARD.md", name="demo card", version="1.0", license="CC-BY-4.0", inputs=[("describes", "example/demo@1.0")]
    )
    ledger.review("ref:base/small@3.0", concluded_license="LicenseRef-Llama-3.1", reason="the text was read")
    ledger.release(
        "demo",
        "1.0",
        [("weights", "example/demo@1.0"), ("datasets", "skills@1"), ("training-code", "trainer@1"), ("model-card", "demo card@1.0")],
        about=ABOUT,
    )
    return "release/demo@1.0"
