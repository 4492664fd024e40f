"""Train a model of a few thousand parameters with the real Trainer, and record it: `train_tiny.py LEDGER FOLDER [fail]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from ledger.api import Ledger
from ledger.integrations.transformers import LedgerCallback


class Numbers(torch.utils.data.Dataset):
    """Eight made-up sentences with labels."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, number: int) -> dict[str, object]:
        if "fail" in sys.argv and number == 3:
            raise RuntimeError("this example cannot be read")
        return {"input_ids": torch.tensor([1, number % 7 + 2, 3]), "attention_mask": torch.ones(3, dtype=torch.long), "labels": number % 2}


ledger = Ledger.open(sys.argv[1])
work = Path(sys.argv[2])
before = ledger.size
config = BertConfig(vocab_size=16, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=2)
torch.manual_seed(7)
callback = LedgerCallback(
    ledger,
    work / "model",
    name="tiny",
    version="1",
    license="Apache-2.0",
    inputs=[("trained-on", "figures@1"), ("fine-tuned-from", "ref:base/tiny@0")],
    code=None,
    provenance=work / "provenance.intoto.jsonl",
)
args = TrainingArguments(
    output_dir=str(work / "checkpoints"),
    max_steps=2,
    per_device_train_batch_size=4,
    learning_rate=0.01,
    seed=7,
    report_to=[],
    use_cpu=True,
    logging_steps=1,
)
trainer = Trainer(model=BertForSequenceClassification(config), args=args, train_dataset=Numbers(), callbacks=[callback])
try:
    trainer.train()
except RuntimeError as error:
    print(json.dumps({"error": str(error), "size": [before, ledger.size], "report": callback.report}))
    sys.exit(0)
print(json.dumps({"size": [before, ledger.size], "report": callback.report.to_json()}))
