"""`python -m ledger_cli`, and what the `ledger` command runs."""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_LATER_SECONDS = 0.01


def main() -> None:
    """Load the command line and run it. An interrupt while it loads ends the process at once: there is nothing to tidy up yet."""
    quiet = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if quiet:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    import ledger_cli.failures  # noqa: F401 - what has to be there to tell of an interrupt
    from ledger_cli.app import main as run
    from ledger_cli.lean import without_numpy

    without_numpy()
    if quiet:
        signal.signal(signal.SIGALRM, interrupted)
        signal.signal(signal.SIGINT, interrupted)
    run()


def interrupted(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; a little later, when it hits the machinery of imports.

    That holds locks for a moment outside of any `try`. It would keep them, and threads that import would wait for ever.
    """
    if frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        signal.setitimer(signal.ITIMER_REAL, _LATER_SECONDS)
        return
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
