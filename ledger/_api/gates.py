"""Attesting under a policy, and the files that come of an attestation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.attesting import Gate, attest
from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger._api.resolve import resolve_release
from ledger._api.results import Attested
from ledger.attest.policy import check_profiles, read_release_policy
from ledger.attest.summaries import svr, vsa
from ledger.errors import LedgerError
from ledger.frameworks import Profile, all_profiles, load_profile
from ledger.limits import LIMITS
from ledger.signing.dsse import sign
from ledger.signing.keys import PrivateKey
from ledger.store.commit import Store

if TYPE_CHECKING:
    from ledger._api.license_questions import LicenseQuestions

_SUMMARIES = {"svr": svr, "vsa": vsa}


def read_gate(ledger: LicenseQuestions, ref: str, profiles: Sequence[str] | None, policy: Path | None) -> tuple[list[Profile], Gate | None]:
    """The profiles to evaluate, and the gate: those that are named and those that the policy requires; all when nobody names any.

    Raises:
        LedgerError: LG1108 for the policy, LG1001, LG1002 for profiles.
    """
    if policy is None:
        return [load_profile(name) for name in dict.fromkeys(profiles)] if profiles else list(all_profiles()), None
    rules = read_release_policy(read_input(policy, LIMITS.pipeline_bytes, "the policy file"), what=f"`{policy.name}`")
    required = {item.id: load_profile(policy.parent / item.file if item.file else item.id) for item in rules.profiles}
    check_profiles(rules, required)
    named = {profile.id: profile for profile in map(load_profile, profiles or ())}

    def findings() -> Mapping[str, Any]:
        actor = None if rules.actor is None else policy.parent / rules.actor
        # A release may be called as one of its components is.
        release = resolve_release(ledger._index(), ref).id
        found = ledger.licenses(release, stance=rules.stance or "", actor=actor)
        waived = [item for item in found.found.findings if item.waived_by is not None]
        ids = [[f"{item.rule}:{item.id}" for item in some] for some in (found.unresolved, waived)]
        return {"stance": rules.stance, "unresolved": ids[0], "waived": ids[1]}

    return list({**required, **named}.values()), Gate(rules, findings if rules.stance else None)


def attest_with(
    store: Store,
    ref: str,
    profiles: Sequence[Profile],
    key: PrivateKey,
    log_key: PrivateKey | None,
    stamp: Callable[[], object] | None,
    gate: Gate | None,
    files: Mapping[str, Path],
) -> Attested:
    """As `attesting.attest`; and write the files `bundle`, `svr` and `vsa`, whose places are tried before anything is logged.

    Raises:
        LedgerError: LG1201 when two of the files are the same, LG1103 when one cannot be written.
    """
    if len({path.resolve() for path in files.values()}) < len(files):
        raise LedgerError("LG1201", "the bundle and the summaries are files of their own: two of them have the same name")
    if log_key is None or not files:
        return attest(store, ref, profiles, key, log_key, stamp, gate)
    with ExitStack() as stack:
        outputs = {name: stack.enter_context(Output(path, "the attestation is logged")) for name, path in files.items()}
        found = attest(store, ref, profiles, key, log_key, stamp, gate)
        entry = store.one(found.index, store.head().checkpoint.size)
        for name, output in outputs.items():
            if name == "bundle":
                output.write(found.bundle)
            else:
                output.write(sign(_SUMMARIES[name](entry.statement, entry.leaf.time), [key]).to_bytes() + b"\n")
    return replace(found, path=files.get("bundle"))
