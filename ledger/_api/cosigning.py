"""The log's witnesses, as the ledger's operator handles them: policy, standing, and requests and answers as files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger.clock import posix_words
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.policy import shown
from ledger.store import pending
from ledger.store.commit import Store
from ledger.store.layout import NO_POLICY

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class CosignStanding:
    """Where a checkpoint stands with its witnesses.

    Attributes:
        pending: it is signed and waits for its quorum; nothing of it is published.
        quorum: whether the policy is satisfied.
        witnesses: `{name, key, url, cosigned}` each; `cosigned` is a time or None.
    """

    size: int
    root: str
    pending: bool
    quorum: bool
    policy: str
    witnesses: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "size": self.size,
            "root": self.root,
            "pending": self.pending,
            "quorum": self.quorum,
            "policy": self.policy,
            "witnesses": list(self.witnesses),
        }


class LogWitnesses:
    """The witnesses of one ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set_policy(self, file: PathLike | None) -> CosignStanding:
        """Ask for the quorum of a C2SP tlog-policy file from now on, or for nobody's cosignature (None). Raises LedgerError LG0509."""
        if file is None:
            pending.set_policy(self._store, None)
            return self.standing()
        data = read_input(Path(file), LIMITS.policy_bytes, "the policy")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise LedgerError("LG0509", f"`{os.fspath(file)}` is not UTF-8, which `ledger.toml` needs") from None
        pending.set_policy(self._store, text)
        return self.standing()

    def standing(self) -> CosignStanding:
        """Who has cosigned the checkpoint that waits, or else the published one."""
        return self._told(pending.standing(self._store))

    def request(self, out: PathLike, old: int) -> int:
        """Write an add-checkpoint request for a witness that has cosigned `old` entries; returns the size to cosign."""
        with Output(Path(out)) as file:
            file.write(pending.make_request(self._store, old))
        return pending.standing(self._store).signed.checkpoint.size

    def add(self, file: PathLike) -> CosignStanding:
        """Take a witness's cosignature lines from a file. Raises LedgerError LG0501, LG0508."""
        return self._told(pending.add_cosignatures(self._store, read_input(Path(file), LIMITS.note_bytes, "the answer")))

    def _told(self, found: pending.Standing) -> CosignStanding:
        config = self._store.config
        checkpoint = found.signed.checkpoint
        witnesses = tuple(
            {
                "name": shown(name),
                "key": item.key.to_text(),
                "url": item.url,
                "cosigned": posix_words(found.cosigned[name]) if name in found.cosigned else None,
            }
            for name, item in config.policy.witnesses.items()
        )
        quorum = config.policy.satisfied(found.cosigned)
        said = NO_POLICY if config.witness_policy == NO_POLICY else f"quorum {shown(config.policy.quorum or NO_POLICY)}"
        return CosignStanding(checkpoint.size, checkpoint.root.hex(), found.pending, quorum, said, witnesses)
