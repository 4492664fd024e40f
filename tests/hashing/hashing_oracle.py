"""What the hashing tests expect, computed without the code under test: coreutils, and a naive walk with hashlib."""

import hashlib
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.clock import FixedClock

ONE_LINER = "find . -type f -printf '%P\\n' | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum"
LATER = FixedClock(datetime.now(UTC) + timedelta(hours=1))
"""A clock by which every file of the test is old enough to be trusted."""


def coreutils_ids(folders: list[Path]) -> list[str]:
    """The tree ids of folders by the one-liner of the format page, in one shell."""
    script = f'for folder in "$@"; do (cd "$folder" && {ONE_LINER}); done'
    done = subprocess.run(["sh", "-c", script, "sh", *map(str, folders)], capture_output=True, check=True)
    return ["tree:" + line.split()[0].decode() for line in done.stdout.splitlines()]


def naive_inventory(root: Path, *, follow: bool = False) -> bytes:
    """The inventory by os.walk and hashlib."""
    base = os.fsencode(root)
    paths = []
    for folder, _, names in os.walk(base):
        for name in names:
            path = os.path.join(folder, name)
            if follow or not Path(os.fsdecode(path)).is_symlink():
                paths.append(os.path.relpath(path, base))
    lines = []
    for path in sorted(paths):
        with open(os.path.join(base, path), "rb") as file:
            lines.append(hashlib.sha256(file.read()).hexdigest().encode() + b"  " + path + b"\n")
    return b"".join(lines)


def naive_id(root: Path, *, follow: bool = False) -> str:
    return "tree:" + hashlib.sha256(naive_inventory(root, follow=follow)).hexdigest()


def naive_root(root: Path, *, follow: bool = False) -> bytes:
    """RFC 6962 section 2.1 over the lines of the inventory, word for word."""

    def mth(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return hashlib.sha256(b"\0" + leaves[0]).digest()
        k = 1
        while 2 * k < len(leaves):
            k *= 2
        return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()

    return mth(naive_inventory(root, follow=follow).split(b"\n")[:-1])


def make_tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def tick(folder: Path) -> None:
    """Wait until the file system's clock has moved, so that the next change has another ctime on any kernel."""
    probe = folder.parent / f".{folder.name}.probe"
    probe.write_bytes(b"")
    before = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == before:
        os.utime(probe)
    probe.unlink()


def open_descriptors() -> set[str]:
    return {name for name in os.listdir("/proc/self/fd") if Path(f"/proc/self/fd/{name}").exists()}


def has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True
