"""A log's checkpoint on its way to the witnesses and back through files, and the policy that asks for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.log.cosignature import cosigners
from ledger.log.note import NoteSignature, parse_signatures
from ledger.log.policy import parse_policy
from ledger.log.witness import Request
from ledger.merkle.tree import consistency_path
from ledger.store.commit import Store
from ledger.store.cosigning import with_lines
from ledger.store.fs import read_file
from ledger.store.layout import NO_POLICY
from ledger.store.lock import DEFAULT_TIMEOUT_SECONDS, exclusive


@dataclass(frozen=True, slots=True)
class Standing:
    """The checkpoint that witnesses are to cosign, whether it waits for them or is published, and who has cosigned when."""

    signed: SignedCheckpoint
    pending: bool
    cosigned: dict[str, int]


def standing(store: Store) -> Standing:
    """The checkpoint that waits, or else the published one. Raises LedgerError LG0508 for a wrong cosignature."""
    head = store.head()
    data = read_file(store.layout.signed)
    waiting = open_checkpoint(data, store.config.log_key, what=f"`{store.layout.signed}`") if data is not None else head
    pending = waiting.checkpoint.size > head.checkpoint.size
    chosen = waiting if pending else head
    return Standing(chosen, pending, cosigners(chosen.note, store.config.policy.keys))


def set_policy(store: Store, text: str | None) -> None:
    """Write a new witness policy into `ledger.toml`; None asks for no witness.

    Raises:
        LedgerError: LG0509 when it is no policy, or one for other logs.
    """
    if text is not None:
        logs = [key for key, _ in parse_policy(text.encode("utf-8")).logs]
        if logs and store.config.log_key not in logs:
            raise LedgerError("LG0509", f"the policy names logs, and `{store.config.origin}` with this ledger's key is none of them")
    with exclusive(store.layout.lock, DEFAULT_TIMEOUT_SECONDS):
        config = replace(store.config, witness_policy=NO_POLICY if text is None else text)
        store.fs.write(store.layout.config, config.render().encode("utf-8"))
        store.fs.sync_folders()
        store.config = config


def make_request(store: Store, old: int) -> bytes:
    """An add-checkpoint request for a witness that has cosigned `old` entries of this log. Raises LedgerError LG0704."""
    signed = standing(store).signed
    size = signed.checkpoint.size
    if old > size:
        raise LedgerError("LG0704", f"the log has {size} entries, not {old}", hint="bring the newer copy of the ledger back")
    tree = store.tree(size)
    return Request(old, tuple(consistency_path(tree.node, old, size)) if 0 < old < size else (), signed.to_bytes()).to_bytes()


def add_cosignatures(store: Store, data: bytes) -> Standing:
    """Take a witness's answer; a checkpoint that has its quorum by now is published.

    Raises:
        LedgerError: LG0501 not signature lines; LG0508 wrong, or by no witness of the policy.
    """
    try:
        lines = parse_signatures(data.decode("utf-8"), what="the answer")
    except UnicodeDecodeError:
        raise LedgerError("LG0501", "the answer is not UTF-8") from None
    policy = store.config.policy
    with exclusive(store.layout.lock, DEFAULT_TIMEOUT_SECONDS):
        now = standing(store)
        known = {(key.name, key.key_id) for key in policy.keys.values()}
        mine: list[NoteSignature] = [line for line in lines if (line.name, line.key_id) in known]
        if not mine:
            raise LedgerError("LG0508", "no line of the answer is by a witness of this ledger's policy", hint="ledger cosign status")
        signed = with_lines(now.signed, mine)
        there = cosigners(signed.note, policy.keys, what=f"the checkpoint of size {signed.checkpoint.size}")
        if now.pending:
            store.fs.write(store.layout.signed, signed.to_bytes())
            store.fs.sync_folders()
        publish = not now.pending or policy.satisfied(there)
        if publish:
            store.fs.write(store.layout.checkpoint, signed.to_bytes())
            store.fs.sync_folders()
        return Standing(signed, not publish, there)
