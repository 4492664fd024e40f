"""`ledger identity sign` and `ledger verify identity`: signatures by people instead of keys (Sigstore)."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import checks, say

SIGN_EXAMPLE = "ledger identity sign reader.attestation.json --out reader.sigstore.json --browser"
VERIFY_EXAMPLE = "Example: ledger verify identity reader.sigstore.json --identity ada@example.org --issuer https://accounts.example.org"
app = new_typer("Sign an attestation as a person or workflow, without a key (Sigstore).", SIGN_EXAMPLE, no_args_is_help=True)

TrustConfig = Annotated[
    str | None,
    typer.Option("--trust-config", metavar="FILE", help="Client trust configuration of a private Sigstore instance; else the public one."),
]


@app.callback()
def identity() -> None:
    """Sign an attestation as a person or workflow, without a key (Sigstore)."""


@app.command("sign", epilog=f"Example: {SIGN_EXAMPLE}")
def sign(
    file: Annotated[str, typer.Argument(help="The attestation bundle.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="Where the Sigstore bundle goes.")],
    trust_config: TrustConfig = None,
    identity_token: Annotated[
        str | None,
        typer.Option("--identity-token", metavar="FILE", help="An OIDC token, from a file or descriptor; else that of the build service."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Sign in with a web browser.")] = False,
    as_json: Json = False,
) -> None:
    """Sign an attestation's statement with your identity. Identity and signature become public, in a log that forgets nothing."""
    from ledger.api import LedgerError, sign_with_identity

    if browser and identity_token is not None:
        raise LedgerError("LG1201", "give --identity-token or --browser, not both")
    done = sign_with_identity(file, out, trust_config=trust_config, identity_token=identity_token, browser=browser)

    def text() -> None:
        say(f"signed as {', '.join(done.names)}, says {done.issuer}; entry {done.log_index} of the transparency log: {out}")
        private = f" --trust-config {quote(trust_config)}" if trust_config else ""
        name = quote(done.names[0]) if done.names else "NAME"
        say(f"next: ledger verify identity {quote(out)} --identity {name} --issuer {quote(done.issuer)} --bundle {quote(file)}{private}")

    Answer("identity-sign", as_json).give(done.to_json(), text)


def verify_identity(
    file: Annotated[str, typer.Argument(help="The Sigstore bundle.")],
    identity: Annotated[str, typer.Option("--identity", metavar="NAME", help="The address or workflow URI that must have signed.")],
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL", help="Who must have vouched for it.")],
    bundle: Annotated[
        str | None, typer.Option("--bundle", metavar="FILE", help="The attestation bundle whose statement it must be.")
    ] = None,
    trust_config: TrustConfig = None,
    as_json: Json = False,
) -> None:
    """Verify an attestation that was signed by an identity (Sigstore), offline, with no ledger at hand."""
    from ledger.api import verify_identity_file

    report = verify_identity_file(file, identity, issuer, trust_config=trust_config, bundle=bundle)

    def text() -> None:
        checks(report.checks)
        if report.failed:
            say("the identity's signature does NOT hold")
        else:
            say("could NOT tell whether the identity's signature holds" if report.untold else "the identity's signature holds")

    Answer("verify-identity", as_json).give(report.to_json(), text, report.error())
