"""Passphrases: from a file or descriptor, else typed, and never from the command line or a variable."""

from __future__ import annotations

import os
import sys

from ledger.errors import LedgerError

_LONGEST = 64 << 10


class Passphrases:
    """The passphrases of one command. A descriptor can be read once, and nobody wants to type the same one twice."""

    def __init__(self, file: str | None) -> None:
        self._own = file or os.environ.get("OPENNESS_LEDGER_PASSPHRASE_FILE")
        self._log = os.environ.get("OPENNESS_LEDGER_LOG_PASSPHRASE_FILE") or self._own
        self._read: dict[str, bytes] = {}
        self._typed: bytes | None = None

    def for_signing(self, name: str) -> bytes | None:
        """The passphrase of a signing key, or None when nobody can be asked. Raises LedgerError LG0404."""
        return self._ask(name, self._own)

    def for_log(self, name: str) -> bytes | None:
        """The passphrase of the log key, likewise."""
        return self._ask(name, self._log)

    def _ask(self, name: str, file: str | None) -> bytes | None:
        if file is not None:
            return self._from(file)
        if not sys.stdin.isatty():
            return None
        from getpass import getpass

        again = " (Enter for the same)" if self._typed else ""
        given = getpass(f"passphrase of {name}{again}: ").encode("utf-8", "surrogateescape")
        self._typed = given or self._typed
        return self._typed

    def for_new(self, insecure: bool) -> bytes | None:
        """The passphrase of new keys, typed twice where there is no file; None only when the caller said so.

        Raises:
            LedgerError: LG0403 when what is typed differs, LG0404 when nobody can be asked.
        """
        if insecure:
            return None
        if self._own is not None:
            return self._from(self._own)
        if not sys.stdin.isatty():
            hint = "give --passphrase-file FILE, or --insecure-no-passphrase"
            raise LedgerError("LG0404", "new keys are encrypted, and there is no terminal to ask for a passphrase", hint=hint)
        from getpass import getpass

        first, second = getpass("new passphrase: "), getpass("again: ")
        if not first or first != second:
            raise LedgerError("LG0403", "the passphrases are empty or differ", hint="run it again and type the same one twice")
        return first.encode("utf-8", "surrogateescape")

    def _from(self, file: str) -> bytes:
        if file not in self._read:
            self._read[file] = first_line(file)
        return self._read[file]


def first_line(file: str) -> bytes:
    """The first line of a file, or of a descriptor such as /dev/fd/3. Raises LedgerError LG0404."""
    try:
        with open(file, "rb") as opened:
            found = opened.readline(_LONGEST).rstrip(b"\n").rstrip(b"\r")
    except OSError as error:
        hint = "give a file, or a descriptor such as /dev/fd/3, whose first line is the passphrase"
        raise LedgerError("LG0404", f"cannot read the passphrase file `{file}`: {error.strerror}", hint=hint) from None
    if not found:
        raise LedgerError("LG0404", f"the passphrase file `{file}` has an empty first line", hint="write the passphrase on its first line")
    return found
