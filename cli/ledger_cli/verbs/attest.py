"""`ledger attest`: evaluate, sign, log, bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, new_typer, one_of, open_ledger
from ledger_cli.output import MARKS, count, marked, say, table

# Of more profiles than these the rules are not listed: there are hundreds.
_IN_FULL = 4
# So many requirements are listed, and so many things are named in an error.
_SHOWN = 20
# What decides the exit code when nobody names a profile: those that ask for components and licences alone. No release meets all profiles.
_DECIDING = ("mot-2026-05", "redhat-minimum-2025")

app = new_typer(
    "Evaluate openness profiles over a release, sign, log and bundle.",
    "ledger attest reader@1 --profile redhat-minimum-2025 --out reader.attestation.json",
)


@app.command()
def attest(
    ref: Annotated[str, typer.Argument(help="The release.")],
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Where the attestation bundle goes; needed but for --dry-run.")
    ] = None,
    profiles: Annotated[list[str] | None, typer.Option("--profile", metavar="ID", help="Profile; may be repeated. Default: all.")] = None,
    tsa: Annotated[
        str | None, typer.Option("--tsa", metavar="URL", help="Ask this time-stamping authority (RFC 3161), and put its token in.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="FILE", help="A release policy (YAML): required profiles and tiers, licences, waivers, stance."),
    ] = None,
    svr: Annotated[
        str | None, typer.Option("--svr", metavar="FILE", help="Also write an in-toto Simple Verification Result, for policy engines.")
    ] = None,
    vsa: Annotated[str | None, typer.Option("--vsa", metavar="FILE", help="Also write a SLSA Verification Summary.")] = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="PROFILE/RULE", help="Explain one rule's answer, and sign nothing."),
    ] = None,
    stance: Annotated[
        str | None, typer.Option("--stance", help="Attest only without unresolved licence conflicts under strict, moderate or permissive.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="FILE", help="With --stance: facts about who releases (YAML).")] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            help="fail (exit 1), unknown (exit 1 or 3), or never. Default: fail; with --policy: unknown.",
        ),
    ] = None,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Evaluate profiles over a release, log the signed attestation, and write its self-contained bundle.

    Without --profile and --policy all profiles are evaluated, and mot-2026-05 and redhat-minimum-2025 decide the exit code.
    """
    from ledger.errors import LedgerError

    if fail_on is not None:
        one_of(fail_on, ("fail", "unknown", "never"), "--fail-on")
    if explain is not None:
        _explain(open_ledger(ledger, key=key, passphrase_file=passphrase_file), ref, explain, as_json)
        return
    if out is None and not dry_run:
        raise LedgerError("LG1201", "give the bundle a file with --out FILE, or --dry-run")
    if actor is not None and stance is None:
        raise LedgerError("LG1201", "--actor is for --stance: give both")
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    if stance is not None:
        opened.check_licenses(ref, stance=stance, actor=actor)
    done = opened.attest(ref, profiles, out=out, tsa=tsa, policy=policy, svr=svr, vsa=vsa, dry_run=dry_run)
    asked = fail_on or ("unknown" if policy else "fail")
    deciding = None if profiles else _DECIDING
    Answer("attest", as_json).give(done.to_json(), lambda: _text(done, opened.log_key, out, deciding), gate(done, asked, deciding))


def _text(done: Any, log_key: str, out: str | None, deciding: Sequence[str] | None) -> None:
    from shlex import quote

    word = "already attested" if done.existing else "would be attested" if done.dry_run else "attested"
    say(f"{word} as entry {done.index}, on the ledger's first {done.size} entries: {done.id if done.dry_run else out}")
    show_verdicts(done.verdicts)
    if done.policy is not None:
        show_policy(done.policy["outcome"])
    for item in done.lineage["unverified"]:
        say(f"not backed by bytes: {item.get('name', '')} {item['id'][:16]}…")
    if done.lineage["cached"]:
        many = count(len(done.lineage["cached"]), "artifact")
        say(f"digests from the hash cache, not all bytes read when recorded: {many} (record --rehash reads them)")
    for item in done.corrections:
        say(correction(item))
    if deciding is not None and done.policy is None:
        say(f"{' and '.join(deciding)} decide the exit code; --profile shows the rules of others and makes them decide, as does --policy")
    if done.dry_run:
        say(f"next: the same without --dry-run {'writes its bundle' if done.existing else 'logs it'}")
    else:
        say(f"next: ledger verify bundle {quote(str(out))} --log-key '{log_key}'")


def show_verdicts(verdicts: Sequence[Mapping[str, Any]]) -> None:
    """A few profiles with their rules; of many one line each: by evidence, if every claim were believed, and the framework's own words."""
    if len(verdicts) <= _IN_FULL:
        for verdict in verdicts:
            show_verdict(verdict)
        return
    rows = []
    for verdict in verdicts:
        held = verdict.get("class", {})
        label = held.get("label", "")
        figures = verdict.get("figures", {})
        if "total" in figures and not label:
            label = f"score {figures['by_evidence']:.2f} by evidence, {figures['total']:.2f} believed"
        rows.append((verdict["profile"], verdict["result"], verdict["believed"], label))
    table(("profile", "by evidence", "believed", "in its words"), rows)


def show_policy(outcome: Mapping[str, Any]) -> None:
    """What a policy came to, requirement by requirement."""
    marked(outcome["result"], f"policy: {outcome['result']}")
    for item in outcome["requirements"][:_SHOWN]:
        waived = f"; waived: {', '.join(item['waived'])}" if item["waived"] else ""
        say(f"        {MARKS[item['result']]} {item['requirement']}: {item['detail']}{waived}")
    if len(outcome["requirements"]) > _SHOWN:
        say(f"        and {len(outcome['requirements']) - _SHOWN} more requirements (--json has all)")


def _explain(opened: Any, ref: str, rule: str, as_json: bool) -> None:
    found = opened.explain(ref, rule)

    def text() -> None:
        marked(found["result"], f"{found['profile']}/{found['rule']}: {found['result']}")
        say(f"  asks: {found['text']}")
        say(f"  source: {found['source']}")
        say(f"  reason: {found['reason']}, {found['meaning']}")
        say(f"  found: {found['detail']}")
        for item in found["evidence"]:
            place = " ".join(str(item[name]) for name in ("artifact", "object", "pointer") if name in item)
            say(f"  evidence: entry {item.get('index', '?')}, {item['what']}: {place}")
        if found["would_change"]:
            say(f"  what would change it: {found['would_change']}")

    Answer("attest-explain", as_json).give(found, text)


def correction(item: Mapping[str, Any]) -> str:
    """One correction that a reader of the verdicts has to know of."""
    from ledger.spec.names import display

    what = f"{item['kind']} {display(item['name'], item['version'])}"
    if item["since"]:
        return f"CORRECTED since: {what} by entry {item['index']}, not counted here: {item['reason']}"
    return f"a correction: {what}, entry {item['index']}: {item['reason']}"


def show_verdict(verdict: Mapping[str, Any]) -> None:
    """One profile: its verdict, and every rule that does not simply pass."""
    label = f", {verdict['class']['label']}" if verdict.get("class") else ""
    believed = "" if verdict["believed"] == verdict["result"] else f" (if every claim were believed: {verdict['believed']})"
    marked(verdict["result"], f"{verdict['profile']}: {verdict['result']}{label}{believed}")
    for rule in verdict["rules"]:
        if rule["result"] != "pass":
            say(f"        {MARKS[rule['result']]} {rule['rule']}: {rule['reason']}. {rule['detail']}")


def _few(names: Sequence[str]) -> str:
    """The names, or the first of many: a policy asks of every component."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def gate(done: Any, fail_on: str, deciding: Sequence[str] | None) -> Any:
    """The error that the exit code comes from, or None: a definite no is 1, not knowing is 3 when asked for."""
    from ledger.errors import LedgerError

    results = [(item["profile"], item["result"]) for item in done.verdicts if deciding is None or item["profile"] in deciding]
    if done.policy is not None:
        # Profiles that are named beside a policy decide too.
        required = done.policy["document"].get("profiles", {})
        results = [(item["requirement"], item["result"]) for item in done.policy["outcome"]["requirements"]]
        results += [(item["profile"], item["result"]) for item in done.verdicts if item["profile"] not in required]
    failed = [name for name, result in results if result == "fail"]
    unknown = [name for name, result in results if result == "unknown"]
    if failed and fail_on != "never":
        return LedgerError("LG1105", f"not met: {_few(failed)}")
    if unknown and fail_on == "unknown":
        return LedgerError("LG1106", f"could not tell: {_few(unknown)}")
    return None
