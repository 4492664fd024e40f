"""`python -m ledger_cli`, and what the `ledger` command runs."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command line and run it. An interrupt while it loads ends the process at once: there is nothing to tidy up yet."""
    quiet = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if quiet:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    import ledger_cli.failures  # noqa: F401 - what has to be there to tell of an interrupt
    from ledger_cli.app import main as run

    if quiet:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
