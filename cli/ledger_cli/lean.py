"""What the command line does not load although it is there: pyarrow imports numpy to convert to and from it, which nothing here asks for;
and numpy's linear algebra starts a thread for each processor, which takes as long as all the rest of it.

Only the program does this, in its own process; whoever uses the library has both as they are.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

_THREADS = "OPENBLAS_NUM_THREADS"


class _Finder:
    """Finds no numpy while pyarrow asks for it, and for others one that computes with one thread."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """None, so that others are asked, for anything else."""
        if name != "numpy":
            return None
        if _asking() == "pyarrow":
            raise ModuleNotFoundError("not needed", name=name)
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or _THREADS in os.environ:
            return spec
        load = spec.loader.exec_module

        def alone(module: ModuleType) -> None:
            # The library reads it as it is loaded; commands that we run must not see it.
            os.environ[_THREADS] = "1"
            try:
                load(module)
            finally:
                os.environ.pop(_THREADS, None)

        spec.loader.exec_module = alone  # type: ignore[method-assign]
        return spec


def _asking() -> str:
    """The package of the module whose import this is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] if frame is not None else ""


def without_numpy() -> None:
    """Let pyarrow do without numpy from now on; whoever imports numpy itself gets it. Does nothing when numpy is loaded already."""
    if "numpy" not in sys.modules:
        sys.meta_path.insert(0, _Finder())
