"""Where things are in a ledger's folder, and `ledger.toml` (docs/spec/format.md, section 6).

`ledger.toml` has exactly one rendering, so a changed byte is found by rendering it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.log.note import VerifierKey, parse_vkey
from ledger.log.policy import Policy, parse_policy
from ledger.store.fs import read_file

FORMAT = 1
CONFIG = "ledger.toml"
NO_POLICY = "none"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one ledger."""

    root: Path

    @property
    def config(self) -> Path:
        """`ledger.toml`."""
        return self.root / CONFIG

    @property
    def log(self) -> Path:
        """The published log."""
        return self.root / "log"

    @property
    def checkpoint(self) -> Path:
        """The commit point."""
        return self.root / "log" / "checkpoint"

    @property
    def objects(self) -> Path:
        """Immutable bytes by digest."""
        return self.root / "objects"

    @property
    def tables(self) -> Path:
        """Derived Parquet segments."""
        return self.root / "tables"

    @property
    def state(self) -> Path:
        """Local, never published."""
        return self.root / "state"

    @property
    def timestamps(self) -> Path:
        """Evidence of when checkpoints existed."""
        return self.root / "timestamps"

    @property
    def lock(self) -> Path:
        """What flock is taken on; always empty."""
        return self.root / "state" / "lock"

    @property
    def signed(self) -> Path:
        """The last checkpoint signed here."""
        return self.root / "state" / "checkpoint"

    @property
    def keys(self) -> Path:
        """The private keys that `init` makes."""
        return self.root / "state" / "keys"

    @property
    def lookups(self) -> Path:
        """The lookups of a large ledger."""
        return self.root / "state" / "lookups.sqlite"

    @property
    def digests(self) -> Path:
        """Which rows of `files` have which digest, of a large ledger."""
        return self.root / "state" / "digests"

    @property
    def hash_cache(self) -> Path:
        """Stat data of recorded folders."""
        return self.root / "state" / "hash-cache"

    def object_path(self, hex_digest: str) -> Path:
        """`objects/sha256/ab/cd/<hex>`."""
        return self.root / f"objects/sha256/{hex_digest[:2]}/{hex_digest[2:4]}/{hex_digest}"


@dataclass(frozen=True, slots=True)
class Config:
    """What `ledger.toml` says.

    Attributes:
        witness_policy: `none`, or the text of a C2SP tlog-policy.
    """

    origin: str
    log_key: VerifierKey
    threshold: int
    root_pems: tuple[str, ...]
    witness_policy: str = NO_POLICY

    @property
    def policy(self) -> Policy:
        """The witness policy. Raises LedgerError LG0509, which `read_config` has ruled out."""
        return Policy() if self.witness_policy == NO_POLICY else parse_policy(self.witness_policy.encode("utf-8"))

    def render(self) -> str:
        """The one text of these values. JSON strings are TOML basic strings."""
        keys = ", ".join(json.dumps(pem) for pem in self.root_pems)
        return (
            "# A ledger of openness-ledger: https://openness-ledger.dev/\n"
            f"format = {FORMAT}\n"
            f"origin = {json.dumps(self.origin)}\n"
            f"log_key = {json.dumps(self.log_key.to_text())}\n"
            "\n[roots]\n"
            f"threshold = {self.threshold}\n"
            f"keys = [{keys}]\n"
            "\n[witness]\n"
            f"policy = {json.dumps(self.witness_policy)}\n"
        )


def read_config(layout: Layout) -> Config:
    """Read `ledger.toml`.

    Raises:
        LedgerError: LG0601 no ledger, LG0603 newer format, LG0611 damaged.
    """
    data = read_file(layout.config)
    if data is None:
        raise LedgerError("LG0601", f"no ledger at `{layout.root}`: there is no {CONFIG}", hint="ledger init DIR --origin NAME")
    import tomllib

    try:
        value = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LedgerError("LG0611", f"`{layout.config}` is not TOML: {error}") from None
    found = value.get("format")
    if isinstance(found, int) and not isinstance(found, bool) and found > FORMAT:
        raise LedgerError(
            "LG0603",
            f"the ledger at `{layout.root}` has format {found}, this version knows {FORMAT}",
            hint="install a newer openness-ledger",
        )
    config = _config(value, layout)
    if config.render().encode("utf-8") != data:
        raise LedgerError("LG0611", f"`{layout.config}` is not as `ledger init` wrote it")
    return config


def _config(value: dict[str, Any], layout: Layout) -> Config:
    try:
        if value["format"] != FORMAT:
            raise ValueError("unknown format")
        roots, witness = value["roots"], value["witness"]
        key = parse_vkey(value["log_key"])
        config = Config(value["origin"], key, roots["threshold"], tuple(roots["keys"]), witness["policy"])
        if not isinstance(config.witness_policy, str):
            raise ValueError("the witness policy is no text")
        if config.policy.logs and key not in [log for log, _ in config.policy.logs]:
            raise ValueError("the witness policy is for other logs")
        if key.name != config.origin:
            raise ValueError("the log key's name is not the origin")
    except (KeyError, TypeError, ValueError) as error:
        raise LedgerError("LG0611", f"`{layout.config}` lacks or misstates something: {error}") from None
    except LedgerError as error:
        raise LedgerError("LG0611", f"`{layout.config}`: {error.message}") from None
    return config


def find_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds `ledger.toml`. Raises LedgerError LG0601."""
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise LedgerError("LG0601", f"no ledger in `{start}` or above", hint="give --ledger DIR, or make one: ledger init DIR --origin NAME")
