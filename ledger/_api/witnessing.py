"""A witness: made, told of logs, served over HTTP, or asked through files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger.clock import Clock, SystemClock
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.cosignature import LOG_TYPES
from ledger.log.note import VerifierKey, parse_vkey
from ledger.log.witness import Refused
from ledger.signing import files
from ledger.signing.files import PassphraseSource, no_passphrase
from ledger.signing.keys import generate
from ledger.store.witness import SCHEME_OF_TYPE, CosignerKey, WitnessFolder, make_witness

PathLike = str | os.PathLike[str]
TYPE_OF_SCHEME = {scheme: kind for kind, scheme in SCHEME_OF_TYPE.items()}


@dataclass(frozen=True, slots=True)
class MadeWitness:
    """A new witness: its folder, name, and the verifier keys that others put into their policies."""

    dir: Path
    name: str
    vkeys: tuple[str, ...]


class Witness:
    """An opened witness."""

    def __init__(self, dir: PathLike, passphrase: PassphraseSource = no_passphrase, clock: Clock | None = None) -> None:
        self._folder = WitnessFolder(Path(dir).resolve())
        self._passphrase = passphrase
        self._clock = clock or SystemClock()
        self._keys: list[CosignerKey] | None = None

    @classmethod
    def create(cls, dir: PathLike, name: str, schemes: Sequence[str] = ("ed25519",), passphrase: bytes | None = None) -> MadeWitness:
        """Make a witness with one key per scheme (`ed25519`, `ml-dsa-44`). Raises LedgerError LG0306, LG0405, LG0602, LG0606."""
        unknown = [scheme for scheme in schemes if scheme not in TYPE_OF_SCHEME]
        if unknown:
            known = ", ".join(TYPE_OF_SCHEME)
            raise LedgerError("LG0405", f"a witness cosigns with {known}, not with `{unknown[0]}`", hint=f"use {known.replace(',', ' or')}")
        vkeys = []

        def write(folder: Path) -> None:
            for scheme in dict.fromkeys(schemes):
                key = generate(scheme)
                files.write_private(folder / f"{scheme}.pem", key, passphrase)
                vkey = VerifierKey(name, key.public.raw, TYPE_OF_SCHEME[scheme])
                files.write_text(folder / f"{scheme}.vkey", vkey.to_text() + "\n")
                vkeys.append(vkey.to_text())

        made = make_witness(Path(dir).resolve(), name, write)
        return MadeWitness(made.root, name, tuple(vkeys))

    @property
    def name(self) -> str:
        """The witness's key name."""
        return self._folder.name

    def keys(self) -> list[CosignerKey]:
        """Its keys, opened once. Raises LedgerError LG0402 to LG0404."""
        if self._keys is None:
            found = []
            for kind in self._folder.key_types():
                private = files.read_private(self._folder.key_path(kind), self._passphrase)
                found.append(CosignerKey(VerifierKey(self.name, private.public.raw, kind), private))
            if not found:
                raise LedgerError("LG0514", f"the witness at `{self._folder.root}` has no key")
            self._keys = found
        return self._keys

    def trust(self, vkey: str) -> bool:
        """Cosign the log with this verifier key from now on; false when it is known already. Raises LedgerError LG0501."""
        return self._folder.trust(parse_vkey(vkey, LOG_TYPES))

    def logs(self) -> list[dict[str, Any]]:
        """The known logs, each with the size that was cosigned last (0: none yet)."""
        found = []
        for origin, keys in self._folder.logs().items():
            latest = self._folder.latest(origin)
            size, root = (latest.size, latest.root.hex()) if latest else (0, None)
            found.append({"origin": origin, "keys": [key.to_text() for key in keys], "size": size, "root": root})
        return found

    def answer(self, request: bytes) -> tuple[int, bytes, Refused | None]:
        """(HTTP status, body, why not) for one request. Raises LedgerError LG0604 to LG0607 when the state cannot be kept."""
        found = self._folder.answer(request, self.keys(), self._clock)
        if isinstance(found, Refused):
            return found.status, (f"{found.size}\n" if found.size is not None else f"{found.why}\n").encode(), found
        return 200, found.lines, None

    def monitored(self, hex_id: str) -> bytes | None:
        """The checkpoint last cosigned, by the hex SHA-256 of its origin."""
        return self._folder.latest_note(hex_id)

    def cosign_file(self, request: PathLike, out: PathLike) -> int:
        """Answer a request in a file with cosignature lines in another; returns the size cosigned.

        Raises:
            LedgerError: LG0513 when it is refused, LG0201, LG1103.
        """
        from ledger._api.outputs import Output

        data = read_input(Path(request), LIMITS.note_bytes, "the request")
        with Output(Path(out)) as file:
            status, body, refused = self.answer(data)
            if refused is not None:
                hint = f"ledger cosign request --old {refused.size} --out FILE" if refused.size is not None else None
                raise LedgerError("LG0513", f"{status}: {refused.why}", hint=hint)
            file.write(body)
        from ledger.log.checkpoint import parse_checkpoint_text
        from ledger.log.note import parse_note
        from ledger.log.witness import parse_request

        return parse_checkpoint_text(parse_note(parse_request(data).checkpoint).text).size

    def serve(self, host: str, port: int, ready: Callable[[str], None], told: Callable[[str], None]) -> None:
        """Answer requests over HTTP until interrupted. Raises LedgerError LG0606 when it cannot listen.

        Args:
            ready: told the address once it listens.
            told: told of each request, one line.
        """
        from ledger._api.witness_server import serve

        self.keys()
        serve(self, host, port, ready, told)
