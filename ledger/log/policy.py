"""C2SP tlog-policy files: which logs and witnesses are known, and which of the witnesses must have cosigned.

Source: C2SP tlog-policy. Names are opaque octets; they are kept as text with surrogate escapes, which is reversible. A name is defined
before it is used, and is a member of at most one group, so that each witness counts in only one way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.cosignature import LOG_TYPES, parse_cosigner
from ledger.log.note import VerifierKey, parse_vkey

NONE = "none"
DEFAULT_TIMEOUT_SECONDS = 10.0
"""How long one witness, or one server of a log, may take."""
_COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its name in the policy, its key, and its submission prefix, if it has one."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of the members, which are witnesses or groups."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: logs with their URLs, witnesses by name, groups by name, and the name that the quorum is.

    Attributes:
        quorum: None when no cosignature is required (`quorum none`).
        text: the file, as it was read.
    """

    text: str = "quorum none\n"
    logs: tuple[tuple[VerifierKey, str | None], ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    @property
    def keys(self) -> dict[str, VerifierKey]:
        """The witnesses' keys by name."""
        return {name: item.key for name, item in self.witnesses.items()}

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Whether witnesses of these names are a quorum."""
        return self.quorum is None or self._has(self.quorum, cosigned)

    def _has(self, name: str, cosigned: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._has(member, cosigned) for member in group.members) >= group.threshold

    def quorum_time(self, times: Mapping[str, int]) -> int | None:
        """The earliest second by which a quorum had cosigned, from when each did; None when there is none, or no quorum is asked for.

        A cosignature of time 0 states no time (tlog-cosignature), so it does not count here.
        """
        seen: list[str] = []
        for name, seconds in sorted(times.items(), key=lambda item: item[1]):
            if seconds > 0:
                seen.append(name)
                if self.quorum is not None and self._has(self.quorum, seen):
                    return seconds
        return None

    def words(self, cosigned: Collection[str]) -> str:
        """What was asked for and what is there, for reports."""
        names = sorted(cosigned)
        return f"quorum `{self.quorum or NONE}`; cosigned by {', '.join(map(shown, names)) if names else 'nobody'}"


def shown(name: str) -> str:
    """An opaque name as it may be printed."""
    return ascii(name)[1:-1]


def parse_policy(data: bytes, *, what: str = "witness policy") -> Policy:
    """Read a policy file. Raises LedgerError LG0509, LG0410."""
    if len(data) > LIMITS.policy_bytes:
        raise _wrong(what, None, f"it has more than {LIMITS.policy_bytes} bytes")
    if any((byte < 0x20 and byte not in b"\t\n") or byte == 0x7F for byte in data):
        raise _wrong(what, None, "it holds a control character other than tab and line feed")
    if data and not data.endswith(b"\n"):
        raise _wrong(what, None, "its last line does not end in a line feed")
    reading = _Reading(what)
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        items = [item.decode("utf-8", "surrogateescape") for item in line.replace(b"\t", b" ").split(b" ") if item]
        if items and not items[0].startswith("#"):
            reading.take(number, items)
    if not reading.quorum:
        raise _wrong(what, None, "it has no `quorum` line")
    quorum = None if reading.quorum == NONE else reading.quorum
    return Policy(data.decode("utf-8", "surrogateescape"), tuple(reading.logs), reading.witnesses, reading.groups, quorum)


def _wrong(what: str, line: int | None, why: str) -> LedgerError:
    return LedgerError("LG0509", f"{what}{f', line {line}' if line else ''}: {why}")


class _Reading:
    """The lines taken so far."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.logs: list[tuple[VerifierKey, str | None]] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum = ""

    def take(self, number: int, items: list[str]) -> None:
        """One line's items."""
        try:
            verb = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}.get(items[0])
            if verb is None:
                raise ValueError(f"`{shown(items[0])}` is none of log, witness, group, quorum")
            verb(items[1:])
        except ValueError as error:
            raise _wrong(self.what, number, str(error)) from None
        except LedgerError as error:
            raise LedgerError("LG0509" if error.code == "LG0501" else error.code, f"{self.what}, line {number}: {error.message}") from None

    def _log(self, items: list[str]) -> None:
        if not 1 <= len(items) <= 2:
            raise ValueError("it is `log VKEY [URL]`")
        key = parse_vkey(items[0], LOG_TYPES)
        if any(key.public == other.public for other, _ in self.logs):
            raise ValueError(f"the key of `{key.name}` is there twice")
        self.logs.append((key, items[1] if len(items) == 2 else None))

    def _witness(self, items: list[str]) -> None:
        if not 2 <= len(items) <= 3:
            raise ValueError("it is `witness NAME VKEY [URL]`")
        self._new_name(items[0])
        key = parse_cosigner(items[1])
        if any(key.public == other.key.public for other in self.witnesses.values()):
            raise ValueError(f"the key of `{key.name}` is there twice: one key is one witness")
        self.witnesses[items[0]] = Witness(items[0], key, items[2] if len(items) == 3 else None)

    def _group(self, items: list[str]) -> None:
        if len(items) < 3:
            raise ValueError("it is `group NAME all|any|K NAME…`")
        name, many, members = items[0], items[1], items[2:]
        self._new_name(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise ValueError(f"`{shown(member)}` is not defined above")
            if member in self.members:
                raise ValueError(f"`{shown(member)}` is a member already: each counts in one way only")
            self.members.add(member)
        if many not in {"all", "any"} and _COUNT.fullmatch(many) is None:
            raise ValueError(f"`{shown(many)}` is none of all, any and a number")
        threshold = {"all": len(members), "any": 1}.get(many) or int(many)
        if threshold > len(members):
            raise ValueError(f"{threshold} of {len(members)} members can never be")
        self.groups[name] = Group(threshold, tuple(members))

    def _quorum(self, items: list[str]) -> None:
        if len(items) != 1:
            raise ValueError("it is `quorum NAME` or `quorum none`")
        if self.quorum:
            raise ValueError("there is a quorum already")
        if items[0] != NONE and items[0] not in self.witnesses and items[0] not in self.groups:
            raise ValueError(f"`{shown(items[0])}` is not defined above")
        self.quorum = items[0]

    def _new_name(self, name: str) -> None:
        if name == NONE:
            raise ValueError("`none` cannot be a name")
        if name in self.witnesses or name in self.groups:
            raise ValueError(f"`{shown(name)}` is defined already")
