"""Hashing against what people use for it today, in one interleaved run on files in the page cache.

    python bench/hashing.py [--quick] [--subject library|cli] [--rounds N] [--out bench/results/hashing.json]

Three trees (8 files of 512 MiB; 100,000 files of 4 KiB; a model folder with both) are recorded for the first time and again
unchanged, by `ledger record` or by the library alone, and by `openssl dgst -sha256` and `sha256sum` under `xargs -P` with as
many processes as there are cores, `git status` on a repository of the same tree, and `model-signing` (if pip can install
it; `pyopenssl` is added because it does not start without). Work files stay in `bench/.work` (or `BENCH_WORK`) and are used again.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from _measure import WORK, Figures, Subject, gate, measure, ratio, report_gates, run_once, table, write_results

ROOT = Path(__file__).parent.parent
CORES = len(os.sched_getaffinity(0))
RACY_SECONDS = 2.5

LIBRARY = """
import sys
from pathlib import Path
from ledger.hashing.cache import HashCache
from ledger.hashing.tree import hash_path
hashed = hash_path(sys.argv[1], cache=HashCache(Path(sys.argv[2])))
print(hashed.id, hashed.hashed_bytes)
"""


def write_file(path: Path, size: int, pool: bytes, offset: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb", buffering=0) as file:
        left = size
        while left:
            start = offset % (len(pool) // 2)
            piece = memoryview(pool)[start : start + min(left, len(pool) // 2)]
            left -= file.write(piece)
            offset += 7919


def wait_until_trusted(name: str) -> None:
    """Times this young are not trusted by any cache, ours or git's; a quick run does not wait for that."""
    if not name.endswith("-quick"):
        time.sleep(RACY_SECONDS)


def build_tree(name: str, files_of: Callable[[], dict[str, int]]) -> Path:
    """Make a tree of files of these sizes, or take the one that is there."""
    root = WORK / "hashing" / name
    done = WORK / "hashing" / f"{name}.done"
    if not done.exists():
        files = files_of()
        print(f"writing {root} ({len(files)} files, {sum(files.values()) >> 20} MiB)", file=sys.stderr)
        shutil.rmtree(root, ignore_errors=True)
        pool = os.urandom(4 << 20)
        for number, (path, size) in enumerate(files.items()):
            write_file(root / path, size, pool, number * 104_729)
        os.sync()
        done.write_text("")
        wait_until_trusted(name)
    return root


def trees(quick: bool) -> dict[str, Callable[[], dict[str, int]]]:
    """The trees by name; called, each gives path to size. Not before it is needed: memory held here counts in every figure."""
    scale = 100 if quick else 1
    suffix = "-quick" if quick else ""

    def big() -> dict[str, int]:
        return {f"model-{number:05d}-of-00008.safetensors": (512 << 20) // scale for number in range(1, 9)}

    def small() -> dict[str, int]:
        return {f"part-{number // 500:03d}/sample-{number:06d}.json": 4096 for number in range(100_000 // scale)}

    def mixed() -> dict[str, int]:
        files = {f"model-{number:05d}-of-00006.safetensors": (320 << 20) // scale for number in range(1, 7)}
        files |= {f"src/pkg{number % 37:02d}/file{number:04d}.py": 2000 + number * 37 % 20_000 for number in range(2000 // scale)}
        files |= {f"data/shard-{number:03d}.parquet": 400_000 + number * 7919 % 900_000 for number in range(300 // scale)}
        return files | {"config.json": 700, "README.md": 9000, "tokenizer.json": 2_000_000}

    return {f"big{suffix}": big, f"small{suffix}": small, f"mixed{suffix}": mixed}


def git_repository(root: Path, with_git: bool) -> tuple[list[str], str]:
    """The command for `git status` on a tree, whose repository is kept beside it, and why there is none."""
    if shutil.which("git") is None:
        return [], "git is not installed"
    if not with_git:
        return [], "adding 4 GiB to git takes minutes"
    folder = root.parent / f"{root.name}.git"
    base = ["git", f"--git-dir={folder}", f"--work-tree={root}", "-c", "core.looseCompression=0"]
    if not (folder / "index").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"adding {root} to git", file=sys.stderr)
        subprocess.run([*base, "init", "-q"], check=True)
        subprocess.run([*base, "add", "-A"], check=True, cwd=root)
        commit = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "bench"]
        subprocess.run([*base, *commit], check=True, cwd=root)
        wait_until_trusted(root.name)
    return [*base, "status", "--porcelain"], ""


def model_signing() -> tuple[Path, str]:
    """The program in an environment of its own, and why there is none."""
    folder = WORK / "model-signing"
    program = folder / "bin" / "model_signing"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            install = [str(folder / "bin" / "pip"), "install", "--quiet", "model-signing", "pyopenssl"]
            subprocess.run(install, check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            return program, f"pip could not install it: {type(error).__name__}"
    key = WORK / "ec-key.pem"
    if not key.exists():
        made = subprocess.run(
            ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)], capture_output=True, check=False
        )
        if made.returncode:
            return program, "openssl could not make a key"
    return program, ""


def xargs(tool: str, batch: int) -> str:
    return f"find . -type f -print0 | xargs -0 -n {batch} -P {CORES} {tool} > /dev/null"


class Recorder:
    """The commands that record a tree, for the first time and again."""

    def __init__(self, subject: str, command: str) -> None:
        self.label = "ledger record" if subject == "cli" else "hash_path"
        self._cli = shlex.split(command) if subject == "cli" else []
        if self._cli and Path(self._cli[0]).exists():
            self._cli[0] = str(Path(self._cli[0]).absolute())  # measured commands run in the work folder
        # A program that is installed is measured as it is installed, and not with this checkout in front of it.
        installed = bool(self._cli) and Path(self._cli[0]).resolve() != Path(sys.executable).resolve()
        self._env = {} if installed else {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}

    def _state(self, root: Path, kind: str) -> Path:
        return WORK / "ledgers" / f"{root.name}-{kind}"

    def _reset(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        if self._cli:
            folder.parent.mkdir(parents=True, exist_ok=True)
            command = [*self._cli, "init", str(folder), "--origin", "bench.example/ledger", "--insecure-no-passphrase"]
            run_once(Subject("ledger init", command, env=self._environment(folder)))

    def _environment(self, folder: Path) -> dict[str, str]:
        # The program's own memory of ledgers and keys stays in the work folder as well.
        home = folder.with_name(folder.name + ".home")
        return self._env | {
            "OPENNESS_LEDGER_DIR": str(folder),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
        }

    def _command(self, root: Path, folder: Path) -> list[str]:
        if not self._cli:
            return [sys.executable, "-c", LIBRARY, str(root), str(folder)]
        return [*self._cli, "record", "dataset", str(root), "--name", "bench/tree", "--license", "Apache-2.0"]

    def first(self, root: Path) -> Subject:
        """Record a tree that no cache knows."""
        folder = self._state(root, "first")
        return Subject(
            f"{self.label}", self._command(root, folder), prepare=lambda: self._reset(folder), env=self._environment(folder), cwd=WORK
        )

    def again(self, root: Path, what: str = "unchanged") -> Subject:
        """Record it once more, unchanged."""
        folder = self._state(root, "again")
        subject = Subject(f"{self.label}, {what}", self._command(root, folder), env=self._environment(folder), cwd=WORK)
        self._reset(folder)
        run_once(subject)
        return subject


def rivals(root: Path, with_git: bool, with_model_signing: bool) -> list[Subject]:
    """The tools that do part of the same work on the same tree."""
    batch = 1 if root.name.startswith("big") else 500
    program, missing = model_signing() if with_model_signing else (Path(), "left out")
    signature = WORK / "model.sig"
    sign = [str(program), "sign", "key", str(root), "--private_key", str(WORK / "ec-key.pem"), "--signature", str(signature)]
    status, no_git = git_repository(root, with_git)
    return [
        Subject("openssl dgst -sha256, xargs", xargs("openssl dgst -sha256", batch), root, missing=_needs("openssl")),
        Subject("sha256sum, xargs", xargs("sha256sum", batch), root, missing=_needs("sha256sum")),
        Subject("model-signing sign", sign, WORK, missing=missing, rounds=2),
        Subject("git status", status, root, missing=no_git),
    ]


def _needs(tool: str) -> str:
    return "" if shutil.which(tool) else "it is not installed"


def compare(recorder: Recorder, root: Path, rounds: int, with_git: bool, with_model_signing: bool) -> dict[str, list[Figures]]:
    """Measure all subjects of one tree in one interleaved run."""
    first, again = recorder.first(root), recorder.again(root)
    suffix = "-quick" if root.name.endswith("-quick") else ""
    nothing = recorder.again(build_tree(f"nothing{suffix}", lambda: {"empty": 0}), "one empty file")
    figures = measure([first, again, *rivals(root, with_git, with_model_signing), nothing], rounds)
    rows = {row.name: row for row in figures}
    digest = WORK / "hashing"
    title = f"{root.relative_to(digest)}"
    print(table(f"{title}: recorded for the first time", [figures[0], *figures[2:5]]))
    unchanged = [figures[1], rows["git status"], rows[nothing.name], figures[0]]
    print(table(f"{title}: unchanged", unchanged), flush=True)
    return {f"{title} first": [figures[0], *figures[2:5]], f"{title} unchanged": unchanged}


def targets(groups: dict[str, list[Figures]], suffix: str) -> list[dict[str, object]]:
    """The targets that the project sets itself."""
    big, small = groups[f"big{suffix} first"], groups[f"small{suffix} first"]
    slower = ratio(small, "model-signing sign")
    empty = next(row.name for row in groups[f"big{suffix} unchanged"] if row.name.endswith("one empty file"))
    return [
        gate("big files, wall against parallel openssl", ratio(big, "openssl dgst -sha256, xargs"), 1.1),
        gate("small files, wall against parallel sha256sum", ratio(small, "sha256sum, xargs"), 0.8),
        gate("small files, times faster than model-signing", None if slower is None else round(1 / slower, 1), 20, at_least=True),
        gate("unchanged small files, wall against git status", ratio(groups[f"small{suffix} unchanged"], "git status"), 2.5),
        gate("unchanged big files, wall against one empty file", ratio(groups[f"big{suffix} unchanged"], empty), 1.05),
        gate("small files, peak memory in MB", small[0].peak_bytes >> 20, 300),
    ]


def main() -> int:
    """Measure, print, write; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a hundredth of the size, to see that it runs")
    parser.add_argument("--subject", choices=("library", "cli"), default="library")
    parser.add_argument("--command", default=f"{sys.executable} -m ledger_cli", help="the program, for --subject cli")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=("big", "small", "mixed"), help="only this tree; targets are then not judged")
    parser.add_argument("--no-model-signing", action="store_true", help="leave model-signing out, which needs pip and a network once")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    recorder = Recorder(arguments.subject, arguments.command)
    groups: dict[str, list[Figures]] = {}
    for name, files_of in trees(arguments.quick).items():
        if not arguments.only or name.removesuffix("-quick") in arguments.only:
            groups |= compare(
                recorder, build_tree(name, files_of), arguments.rounds, not name.startswith("big"), not arguments.no_model_signing
            )
    gates = [] if arguments.only else targets(groups, "-quick" if arguments.quick else "")
    met = report_gates(gates)
    if arguments.quick:
        print("small and fresh files: start-up dominates and caches trust nothing, so the targets are for the full run")
    if arguments.out is not None:
        write_results(arguments.out, "hashing", groups, gates)
    return 0 if met or arguments.quick else 1


if __name__ == "__main__":
    sys.exit(main())
