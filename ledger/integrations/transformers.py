"""A callback for the `Trainer` of Hugging Face transformers: records the trained model with its declared inputs and its provenance.

    from ledger.integrations.transformers import LedgerCallback

    callback = LedgerCallback(ledger, "out/model", name="reader", version="2", inputs=[("trained-on", "figures@1")])
    Trainer(model=model, args=args, train_dataset=data, callbacks=[callback]).train()
    callback.report.recorded

When training ends, the model (and the tokenizer or processor, if the trainer has one) is saved to the folder that was named, hashed and
recorded. If training fails, nothing is. Parameters are those of `PARAMETERS`, which the trainer was given; metrics the last that it logged.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError

try:
    from transformers import TrainerCallback
except ImportError as error:
    raise LedgerError("LG1804", f"transformers cannot be imported: {error}") from None

PARAMETERS = (
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "bf16",
    "fp16",
    "gradient_accumulation_steps",
    "learning_rate",
    "lr_scheduler_type",
    "max_grad_norm",
    "max_steps",
    "num_train_epochs",
    "optim",
    "per_device_train_batch_size",
    "seed",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
)
"""The training arguments that are stated, as far as the library's version has them."""


class LedgerCallback(TrainerCallback):  # type: ignore[misc]  # the library has no types when it is not installed
    """Records one training.

    Attributes:
        report: what was recorded, once training has ended; None before, and in processes that are not the first.
    """

    def __init__(
        self,
        ledger: Any,
        output: str | os.PathLike[str],
        *,
        name: str,
        version: str | None = None,
        inputs: Sequence[tuple[str, str]] = (),
        license: str | None = None,
        run: str = "train",
        code: str | os.PathLike[str] | None = ".",
        provenance: str | os.PathLike[str] | None = None,
    ) -> None:
        """Args: `output`: a folder of its own for the model; `inputs`, `code`, `provenance`: as of `Ledger.run`.

        Raises:
            LedgerError: LG0302, LG0901, LG0902, LG0306 at once, before hours of training.
        """
        self._run = ledger.run(run, inputs=inputs, code=code, out=provenance)
        self._output = Path(output)
        self._run.output("weights", self._output, name=name, version=version, license=license)
        self.report: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """The run begins."""
        if state.is_world_process_zero:
            self._run.__enter__()

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """The model is saved and recorded."""
        if not state.is_world_process_zero:
            return
        self._run.parameters({field: _plain(getattr(args, field)) for field in PARAMETERS if hasattr(args, field)})
        self._run.parameter("global_step", state.global_step)
        for field, value in sorted(_last(state.log_history).items()):
            self._run.metric(field, _plain(value))
        more["model"].save_pretrained(self._output)
        processing = more.get("processing_class") or more.get("tokenizer")
        if processing is not None:
            processing.save_pretrained(self._output)
        self._run.__exit__(None, None, None)
        self.report = self._run.report


def _last(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The last value of everything that was logged."""
    found: dict[str, Any] = {}
    for entry in history:
        found.update(entry)
    return found


def _plain(value: Any) -> Any:
    """A value that canonical JSON has; enumerations by their value, whatever else as text."""
    value = getattr(value, "value", value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
