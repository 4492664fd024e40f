"""A witness in a folder: its keys, the logs that it knows, and for each the checkpoint last cosigned (C2SP tlog-witness).

    witness.toml          format and name
    keys/*.pem            one private key per signature type, never published
    policy                the logs, as `log VKEY [URL]` lines of a C2SP tlog-policy
    logs/<hex>/checkpoint the largest checkpoint cosigned for an origin, with the cosignature; hex is the SHA-256 of the origin
    logs/<hex>/conflict-* what a log signed that does not fit: evidence against it
    lock                  what flock is taken on

Check and persist are one step under the lock, and durable before anything is answered.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.clock import Clock
from ledger.errors import LedgerError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_text
from ledger.log.cosignature import COSIGNER_TYPES, can_cosign, cosign
from ledger.log.note import (
    TYPE_COSIGNATURE_ED25519,
    TYPE_COSIGNATURE_ML_DSA_44,
    Note,
    VerifierKey,
    parse_note,
    valid_name,
)
from ledger.log.policy import Policy, parse_policy
from ledger.log.witness import Accepted, Refused, consider, origin_id, parse_request
from ledger.signing.keys import PrivateKey
from ledger.store.fs import Fs, read_file
from ledger.store.lock import DEFAULT_TIMEOUT_SECONDS, check_file_system, exclusive

SCHEME_OF_TYPE = {TYPE_COSIGNATURE_ED25519: "ed25519", TYPE_COSIGNATURE_ML_DSA_44: "ml-dsa-44"}


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A private key with the verifier key that others know it by."""

    vkey: VerifierKey
    private: PrivateKey


@dataclass(frozen=True, slots=True)
class Cosignatures:
    """What a witness answers when it cosigns: its signature lines, and for what."""

    lines: bytes
    checkpoint: Checkpoint


class WitnessFolder:
    """The state of one witness."""

    def __init__(self, root: Path, fs: Fs | None = None) -> None:
        self.root = root
        self.fs = fs or Fs()
        self.fs.inside = root if self.fs.inside is None else self.fs.inside
        self.name = self._read_name()

    def _read_name(self) -> str:
        data = read_file(self.root / "witness.toml")
        if data is None:
            raise LedgerError("LG0514", f"no witness at `{self.root}`: there is no witness.toml")
        try:
            value = tomllib.loads(data.decode("utf-8"))
            name = value["name"]
            if value["format"] != 1 or not isinstance(name, str) or not valid_name(name):
                raise ValueError
        except (ValueError, KeyError):
            raise LedgerError("LG0514", f"`{self.root / 'witness.toml'}` is not what `ledger witness init` writes") from None
        return name

    def key_path(self, kind: int) -> Path:
        """Where the private key of a signature type is."""
        return self.root / "keys" / f"{SCHEME_OF_TYPE[kind]}.pem"

    def key_types(self) -> list[int]:
        """The signature types that there are keys for."""
        return [kind for kind in COSIGNER_TYPES if self.key_path(kind).exists()]

    def policy(self) -> Policy:
        """The logs that are known. Raises LedgerError LG0509."""
        data = read_file(self.root / "policy")
        return parse_policy(data or b"quorum none\n", what=f"`{self.root / 'policy'}`")

    def logs(self) -> dict[str, list[VerifierKey]]:
        """The known keys by origin."""
        found: dict[str, list[VerifierKey]] = {}
        for key, _url in self.policy().logs:
            found.setdefault(key.name, []).append(key)
        return found

    def trust(self, key: VerifierKey) -> bool:
        """Know one more log; false when it is known already."""
        with exclusive(self.root / "lock", DEFAULT_TIMEOUT_SECONDS):
            policy = self.policy()
            if any(key == known for known, _ in policy.logs):
                return False
            text = f"log {key.to_text()}\n" + policy.text
            self.fs.write(self.root / "policy", text.encode("utf-8", "surrogateescape"))
            self.fs.sync_folders()
        return True

    def folder(self, origin: str) -> Path:
        """Where the record of a log is."""
        return self.root / "logs" / origin_id(origin)

    def latest_note(self, hex_id: str) -> bytes | None:
        """The checkpoint last cosigned, with its cosignatures, by the origin's id."""
        return read_file(self.root / "logs" / hex_id / "checkpoint")

    def latest(self, origin: str) -> Checkpoint | None:
        """The checkpoint last cosigned for an origin. Raises LedgerError LG0501 when the record is damaged: nothing is cosigned then."""
        data = self.latest_note(origin_id(origin))
        if data is None:
            return None
        what = f"`{self.folder(origin) / 'checkpoint'}`"
        found = parse_checkpoint_text(parse_note(data, what=what).text, what=what)
        if found.origin != origin:
            raise LedgerError("LG0501", f"{what} is of another log")
        return found

    def answer(self, data: bytes, keys: Sequence[CosignerKey], clock: Clock) -> Cosignatures | Refused:
        """Decide on a request, and when it is accepted, persist and cosign.

        Raises:
            LedgerError: LG0604 to LG0607 when the record cannot be written; then nothing was cosigned.
        """
        check_file_system(self.root)
        with exclusive(self.root / "lock", DEFAULT_TIMEOUT_SECONDS):
            found = consider(data, self.logs(), self.latest)
            if isinstance(found, Refused):
                if found.conflict:
                    self._keep_evidence(data)
                return found
            able = [key for key in keys if can_cosign(key.vkey, found.note.text)]
            if not able:
                return Refused(422, "no key of this witness can sign it: ML-DSA-44 covers no extension lines, and no origin over 255 bytes")
            # What is accepted is on the disk before it is signed, so that no cosignature ever exists for what could be forgotten.
            folder = self.folder(found.checkpoint.origin)
            self._write(folder, found.note)
            note, lines = _cosigned(found, able, int(clock.now().timestamp()))
            self._write(folder, note)
            return Cosignatures(lines, found.checkpoint)

    def _write(self, folder: Path, note: Note) -> None:
        self.fs.make_folders(folder)
        self.fs.write(folder / "checkpoint", note.to_bytes())
        self.fs.sync_folders()

    def _keep_evidence(self, data: bytes) -> None:
        checkpoint = parse_request(data).checkpoint
        origin = parse_checkpoint_text(parse_note(checkpoint).text).origin
        self.fs.write(self.folder(origin) / f"conflict-{hashlib.sha256(checkpoint).hexdigest()[:16]}", checkpoint)
        self.fs.sync_folders()


def _cosigned(found: Accepted, keys: Sequence[CosignerKey], seconds: int) -> tuple[Note, bytes]:
    lines = [cosign(found.note.text, key.vkey, seconds, key.private.sign) for key in keys]
    names = {(line.name, line.key_id) for line in lines}
    others = [line for line in found.note.signatures if (line.name, line.key_id) not in names]
    return Note(found.note.text, (*others, *lines)), "".join(line.to_line() for line in lines).encode("utf-8")


def make_witness(root: Path, name: str, write_keys: Callable[[Path], None], fs: Fs | None = None) -> WitnessFolder:
    """Lay out a new witness's folder.

    Args:
        name: its key name, such as `example.org/witness`.
        write_keys: writes the private keys into the folder that it is given.

    Raises:
        LedgerError: LG0306 for a name that cannot be one, LG0602 when there is one already, LG0606.
    """
    fs = fs or Fs()
    if not valid_name(name) or len(name.encode("utf-8")) > 255:
        raise LedgerError("LG0306", f"`{ascii(name)[1:-1][:300]}` cannot be a witness's name: no spaces, no `+`, at most 255 bytes")
    if (root / "witness.toml").exists():
        raise LedgerError("LG0602", f"there is a witness at `{root}` already")
    for folder in (root, root / "keys", root / "logs"):
        fs.make_folders(folder)
    write_keys(root / "keys")
    fs.write(root / "lock", b"")
    fs.write(root / "policy", b"quorum none\n")
    fs.write(root / "witness.toml", f"format = 1\nname = {json.dumps(name)}\n".encode())
    fs.sync_folders()
    return WitnessFolder(root, fs)
