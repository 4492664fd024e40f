"""Making a ledger, and finding the keys that write to it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ledger.clock import Clock
from ledger.errors import LedgerError
from ledger.log.note import VerifierKey, valid_name
from ledger.signing import files, held, keys
from ledger.signing.files import PassphraseSource
from ledger.signing.keys import PrivateKey, PublicKey
from ledger.spec.key import KeyEvent, Roots
from ledger.store.commit import Store, create, finish, set_aside
from ledger.store.fs import Fs, translated
from ledger.store.layout import Config, Layout

LOG_KEY = "log.pem"
SIGNING_KEY = "signing.pem"


@dataclass(frozen=True, slots=True)
class KeySources:
    """Where private keys and their passphrases come from; None is the ledger's own state folder.

    Attributes:
        held: the URI of a signing key on a device or in a key service, in the place of a file; its PIN is asked for like a passphrase.
    """

    signing: Path | None = None
    passphrase: PassphraseSource = files.no_passphrase
    log_passphrase: PassphraseSource | None = None
    held: str | None = None

    def signing_path(self, layout: Layout) -> Path:
        """The signing key's file."""
        return self.signing or layout.keys / SIGNING_KEY

    def signing_key(self, layout: Layout) -> PrivateKey:
        """Who signs statements. Raises LedgerError LG0401 to LG0405, LG0418, LG0419."""
        if self.held is not None:
            return held.read(self.held, self.passphrase)
        return files.read_private(self.signing_path(layout), self.passphrase)

    def asked_first(self, layout: Layout, *, log: bool) -> tuple[PrivateKey | None, PrivateKey | None]:
        """The signing key and, if wanted, the log key, as far as they need a passphrase; for use before long work.

        So nobody waits for hours of hashing to be asked, and a key that is not there or that others can read is refused now.
        Raises LedgerError LG0401 to LG0405, LG0614.
        """
        early = self.held is not None or files.is_encrypted(self.signing_path(layout))
        signing = self.signing_key(layout) if early else None
        path = layout.keys / LOG_KEY
        return signing, self.log_key(layout) if log and (not path.exists() or files.is_encrypted(path)) else None

    def log_key(self, layout: Layout) -> PrivateKey:
        """Who signs checkpoints. Raises LedgerError LG0614 when it is not here, LG0402 to LG0404."""
        path = layout.keys / LOG_KEY
        if not path.exists():
            raise LedgerError("LG0614", f"no log key at `{path}`: entries are appended where it is")
        return files.read_private(path, self.log_passphrase or self.passphrase)


@dataclass(frozen=True, slots=True)
class RootSources:
    """Which keys may change keys, and how many of them must sign.

    Attributes:
        private: files of private root keys that are at hand and sign the first entry.
        public: files of public keys of root keys that others hold.
    """

    private: tuple[Path, ...] = ()
    public: tuple[Path, ...] = ()
    threshold: int = 1

    def read(self, passphrase: PassphraseSource, default: PrivateKey) -> tuple[Roots, list[PrivateKey]]:
        """The roots as they are stated, and the keys that sign; without any file the first signing key is the only root.

        Raises:
            LedgerError: LG0415 when fewer keys are at hand than must sign, or the threshold can never be met; LG04xx for the keys.
        """
        signers = [files.read_private(path, passphrase) for path in self.private]
        publics = [key.public for key in signers] + [files.read_public(path) for path in self.public]
        if not publics:
            signers, publics = [default], [default.public]
        pems = tuple(dict.fromkeys(key.pem for key in publics))
        at_hand = len({key.public.der for key in signers})
        if not 1 <= self.threshold <= len(pems):
            raise LedgerError(
                "LG0415", f"{self.threshold} of {len(pems)} root keys can never sign", hint="give --threshold from 1 to their number"
            )
        if at_hand < self.threshold:
            message = f"the first entry is signed by {self.threshold} of {len(pems)} root keys, and {at_hand} are at hand"
            raise LedgerError("LG0415", message, hint="name the private ones with --root-key FILE")
        return Roots(self.threshold, pems), list({key.public.der: key for key in signers}.values())


@dataclass(frozen=True, slots=True)
class Created:
    """A new ledger: its folder, origin, verifier key, and the id of the first signing key."""

    dir: Path
    origin: str
    log_key: str
    keyid: str
    index: int


def make_ledger(
    root: Path,
    origin: str,
    sources: KeySources,
    passphrase: bytes | None,
    *,
    roots: RootSources | None = None,
    clock: Clock | None = None,
    fs: Fs | None = None,
) -> Created:
    """Make a ledger with its log key and, unless a signing key is given, a first key that is trusted for everything.

    Args:
        passphrase: encrypts the keys that are made; None writes them in clear (the caller has asked for that).
        roots: the root keys; by default the first signing key alone.

    Raises:
        LedgerError: LG0306 for an origin that cannot be one, LG0602 when there is a ledger, LG04xx for the key given.
    """
    if not valid_name(origin) or len(origin.encode("utf-8")) > 255:
        message = f"`{ascii(origin)[1:-1][:300]}` cannot be an origin: no spaces, no `+`, at most 255 bytes"
        raise LedgerError("LG0306", message, hint="name it as you would a web address, such as example.org/models")
    layout = Layout(root.resolve())
    if layout.config.exists():
        raise LedgerError("LG0602", f"there is a ledger at `{root}` already")
    given = sources.signing_key(layout) if sources.signing or sources.held else None
    signing = given or keys.generate()
    stated, signers = (roots or RootSources()).read(sources.passphrase, signing)
    with _undone(layout):
        return _make(layout, origin, _First(signing, given is None, stated, signers), passphrase, clock, fs or Fs())


@contextmanager
def _undone(layout: Layout) -> Iterator[None]:
    """When a ledger cannot be made, nothing of it stays: half a ledger could be neither used nor made again."""
    parts = (layout.config, layout.log, layout.objects, layout.tables, layout.state)
    there = {path for path in (layout.root, *parts) if path.exists()}
    try:
        yield
    except BaseException:
        for path in parts:
            if path not in there:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        if layout.root not in there:
            with suppress(OSError):
                layout.root.rmdir()
        raise


@dataclass(frozen=True, slots=True)
class _First:
    """The first keys: who signs statements, whether it is new, the roots, and those of them that sign the first entry."""

    signing: PrivateKey
    new: bool
    roots: Roots
    signers: list[PrivateKey]


def _make(layout: Layout, origin: str, first: _First, passphrase: bytes | None, clock: Clock | None, fs: Fs) -> Created:
    fs.make_folders(layout.root)
    fs.inside = layout.root
    set_aside(layout.root, fs)
    fs.make_folders(layout.keys)
    with translated("cannot create", layout.keys):
        layout.keys.chmod(0o700)
    log_key = keys.generate()
    files.write_private(layout.keys / LOG_KEY, log_key, passphrase)
    signing = first.signing
    if first.new:
        files.write_private(layout.keys / SIGNING_KEY, signing, passphrase)
        files.write_public(layout.keys / (SIGNING_KEY + ".pub"), signing.public)
    seal_keys(layout, fs)
    vkey = VerifierKey(origin, log_key.public.raw)
    config = Config(origin, vkey, first.roots.threshold, first.roots.pems)
    create(layout.root, log_key, origin, fs)
    statement = added(signing.public, ("*",), first.roots).to_statement()
    store = Store(layout.root, clock=clock, fs=fs, config=config)
    appended = store.append(lambda draft: draft.add(statement, first.signers), log_key)
    finish(layout.root, config.render(), fs)
    return Created(layout.root, origin, vkey.to_text(), signing.public.keyid, appended.index)


def seal_keys(layout: Layout, fs: Fs) -> None:
    """Write `state/keys/SHA256SUMS`, so that a changed key file is found without its passphrase."""
    names = sorted(path.name for path in layout.keys.iterdir() if path.name != "SHA256SUMS" and not path.name.startswith("."))
    lines = [f"{hashlib.sha256((layout.keys / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    fs.write(layout.keys / "SHA256SUMS", "".join(lines).encode("utf-8"))
    fs.sync_folders()


def added(public: PublicKey, kinds: tuple[str, ...], roots: Roots | None = None) -> KeyEvent:
    """The event that adds a key."""
    return KeyEvent("add", public.keyid, public.scheme, public.pem, kinds, None, roots)
