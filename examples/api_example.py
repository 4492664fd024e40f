"""The whole way through the Python API, in a temporary folder: record, release, attest, verify, tamper."""

import tempfile
from pathlib import Path

from ledger.api import Ledger, verify_bundle_file


def main() -> None:
    """Run the example; an assertion fails if anything is not as it says."""
    folder = Path(tempfile.mkdtemp(prefix="openness-ledger-"))
    for name, text in {
        "data/figures.csv": "0,1\n1,0\n",
        "data/LICENSE": "CC-BY-4.0, somebody\n",
        "code/train.py": "print('train')\n",
        "code/encode.py": "print('encode')\n",
        "model/model.safetensors": "made-up weights",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    ledger = Ledger.init(folder / "ledger", "example.org/models", passphrase=b"a passphrase")
    data = ledger.record("dataset", folder / "data", name="figures", version="1", license="CC-BY-4.0")
    ledger.record("code", folder / "code", name="trainer", version="1", license="Apache-2.0")
    model = ledger.record(
        "weights",
        folder / "model",
        name="reader",
        version="1",
        license="Apache-2.0",
        inputs=[("trained-on", "figures@1"), ("built-by", "trainer@1"), ("fine-tuned-from", "ref:base@3.0")],
    )
    print(f"{data.display}: {data.id}\n{model.display}: {model.id}")
    assert ledger.record("dataset", folder / "data", name="figures", version="1", license="CC-BY-4.0").existing

    code = [(role, "trainer") for role in ("architecture", "inference-code", "tokenizer", "training-code")]
    ledger.release("reader", "1", [("weights", "reader@1"), ("datasets", "figures@1"), *code])
    print(ledger.lineage("release/reader@1").tree)

    attested = ledger.attest("reader@1", ["redhat-minimum-2025", "mot-2026-05"], out=folder / "reader.attestation.json")
    verdicts = {verdict["profile"]: verdict["result"] for verdict in attested.verdicts}
    print(verdicts)
    assert verdicts == {"redhat-minimum-2025": "pass", "mot-2026-05": "unknown"}

    def failed() -> list[str]:
        report = verify_bundle_file(folder / "reader.attestation.json", ledger.log_key, [folder / "model"])
        return [check.id for check in report.checks if check.result == "fail"]

    assert failed() == []
    (folder / "model/model.safetensors").write_text("made-up weightz")
    assert failed() == ["B11"]
    print("one changed byte of the weights fails check B11")
    assert all(check.result != "fail" for check in ledger.verify(deep=True).checks)
    assert ledger.query("select ledger_root()").rows == ((ledger.checkpoint.root.hex(),),)
    print(f"the ledger verifies; all of it is in {folder}")


if __name__ == "__main__":
    main()
