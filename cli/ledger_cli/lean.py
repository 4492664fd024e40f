"""What the command line does not load although it is there: pyarrow imports numpy to convert to and from it, which nothing here asks for.

Only the program does this, in its own process; whoever uses the library has both as they are.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType


class _Refuser:
    """A finder that knows no numpy while pyarrow asks for it."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """None, so that others are asked; ImportError to pyarrow."""
        if name == "numpy" and _asking() == "pyarrow":
            raise ModuleNotFoundError("not needed", name=name)
        return None


def _asking() -> str:
    """The package of the module whose import this is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] if frame is not None else ""


def without_numpy() -> None:
    """Let pyarrow do without numpy from now on; whoever imports numpy itself gets it. Does nothing when numpy is loaded already."""
    if "numpy" not in sys.modules:
        sys.meta_path.insert(0, _Refuser())
