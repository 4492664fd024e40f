"""The whole way, on real input: train a small model on openly licensed figures, record it, attest it, verify it, and tamper with it.

    python examples/demo.py [--dir DIR] [--quiet]

Every command shown is run as shown, and its real output follows; the run ends with an error if a step does not do what it says.
It takes some ten seconds, needs no network, and writes nothing outside its folder.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COMPONENTS = {
    "weights": "digit-reader@1.0",
    "architecture": "model@1.0",
    "tokenizer": "encode@1.0",
    "training-code": "trainer@1.0",
    "inference-code": "reader@1.0",
    "evaluation-code": "evaluator@1.0",
    "preprocessing-code": "prepare@1.0",
    "datasets": "training-figures@1.0",
    "evaluation-data": "held-out-figures@1.0",
    "evaluation-results": "results@1.0",
    "model-card": "model-card@1.0",
    "data-card": "data-card@1.0",
    "technical-report": "report@1.0",
}


class Demo:
    """Runs commands in one folder and shows them."""

    def __init__(self, folder: Path, *, quiet: bool = False) -> None:
        self.folder = folder
        self.quiet = quiet
        self.steps = 0
        binaries = Path(sys.executable).parent
        self.env = {
            **os.environ,
            "PATH": f"{binaries}:{os.environ.get('PATH', '')}",
            "XDG_STATE_HOME": str(folder / ".state"),
            "OPENNESS_LEDGER_DIR": "ledger",
            "OPENNESS_LEDGER_PASSPHRASE_FILE": "passphrase",
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "120",
        }

    def say(self, *lines: str) -> None:
        """What the next step is for."""
        self.steps += 1
        print(f"\n# {self.steps}. {lines[0]}", *(f"#    {line}" for line in lines[1:]), sep="\n", flush=True)

    def show(self, text: str) -> None:
        """A command or its output."""
        if not self.quiet:
            print(text, end="", flush=True)

    def run(self, *command: str, wanted: int = 0, shown: str = "", has: str = "") -> str:
        """Run a command, show it with its output, and hold it to its exit code and to a piece of its output."""
        self.show(f"$ {shown or shlex.join(command)}\n")
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        self.show(done.stdout)
        if done.returncode != wanted or has not in done.stdout:
            print(done.stdout, end="", file=sys.stderr)
            raise SystemExit(f"the demo went wrong: exit {done.returncode}, wanted {wanted}, and `{has}` in the output")
        if wanted:
            self.show(f"[exit {wanted}]\n")
        return done.stdout


def train(demo: Demo) -> None:
    """A real pipeline: derive two datasets, train, evaluate."""
    demo.say(
        "A small, real training run: 1,797 handwritten digits (UCI, CC-BY-4.0) in figures/, and a model of 3,610 numbers in model/.",
        "This is the work as it always was. The ledger comes afterwards and looks at the files.",
    )
    demo.run(sys.executable, "train/prepare.py", "figures", "data", shown="python train/prepare.py figures data")
    demo.run(sys.executable, "train/train.py", "data/training", "model", shown="python train/train.py data/training model")
    demo.run(
        sys.executable,
        "train/evaluate.py",
        "data/held-out",
        "model",
        "documents",
        shown="python train/evaluate.py data/held-out model documents",
        has="held-out figures right (9",
    )


def record(demo: Demo) -> str:
    """Make a ledger and record everything; returns the log's key."""
    demo.say(
        "A ledger is an append-only log of signed statements; this one is in ledger/.",
        "Its log key is public, and all that others need to check it. Its private keys are encrypted: the demo's passphrase is in passphrase.",
    )
    demo.run("ledger", "init", "ledger", "--origin", "example.org/digits", has="made the ledger")
    demo.say(
        "pipeline.yaml names each artifact, its licence and what it was made from. All of it is hashed, signed and logged, or nothing is.",
        "An id is the digest of the bytes: the same bytes have the same id everywhere, and other bytes have another.",
    )
    demo.run("ledger", "record", "--file", "pipeline.yaml", has="release")
    demo.say("What was the model made from? Every line is an artifact whose bytes were hashed, or would say that it is unverified.")
    demo.run("ledger", "lineage", "weights/digit-reader@1.0", has="digit-figures@1998")
    demo.run("ledger", "why", "digit-figures@1998", "weights/digit-reader@1.0", has="trained-on")
    demo.say(
        "Auditors ask SQL, and can compute the signed root of the log from the tables alone:",
        "the root that the query gives is the one that `ledger verify` finds signed. `-` is what nothing could be said about.",
    )
    licences = "select normalized as licence, count(*) as artifacts from licenses where basis = 'declared' group by 1 order by 1"
    demo.run("ledger", "sql", licences, shown=f'ledger sql "{licences}"')
    root = demo.run(
        "ledger", "sql", "select ledger_root()", "--format", "csv", shown='ledger sql "select ledger_root()" --format csv'
    ).split()[-1]
    demo.run("ledger", "verify", has=f"root {root}")
    listed = subprocess.run(["ledger", "key", "list"], cwd=demo.folder, env=demo.env, capture_output=True, text=True, check=True).stdout
    return next(line.split(": ", 1)[1] for line in listed.splitlines() if line.startswith("log key: "))


def attest(demo: Demo, key: str) -> None:
    """Ask two definitions of openness, mend what nobody could tell, and verify as a stranger would."""
    both = ["--profile", "redhat-minimum-2025", "--profile", "mot-2026-05"]
    demo.say(
        "Is it open? By which definition? Three answers: ok (holds), FAIL (does not), ? (nobody can tell from what is recorded).",
        "One of the two cannot be told here, and `--fail-on unknown` makes that exit code 3, so that a pipeline stops.",
    )
    attested = ["ledger", "attest", "digit-reader@1.0", *both, "--out", "digit-reader-1.0.json", "--fail-on", "unknown"]
    demo.run(*attested, wanted=3, has="redhat-minimum-2025: unknown")
    demo.say("What is missing is named: nothing turns the model's input into numbers. encode.py does, so a new release says so.")
    parts = [item for role, ref in COMPONENTS.items() for item in ("--component", f"{role}={ref}")]
    shown = "".join(f" \\\n    --component {role}={ref}" for role, ref in COMPONENTS.items())
    demo.run(
        "ledger",
        "release",
        "digit-reader",
        "--version",
        "1.1",
        *parts,
        shown=f"ledger release digit-reader --version 1.1{shown}",
        has="tokenizer",
    )
    attested = ["ledger", "attest", "digit-reader@1.1", *both, "--out", "digit-reader-1.1.json"]
    demo.run(*attested, has="redhat-minimum-2025: pass")
    demo.say(
        "Anyone can check that file, offline, without the ledger: with the log's key, and against the weights on disk.",
        "The verdicts are not believed but evaluated again, from the signed statements in the file.",
    )
    demo.run("ledger", "verify", "bundle", "digit-reader-1.1.json", "--log-key", key, "--artifact", "model", has="the bundle verifies")


def tamper(demo: Demo, key: str) -> None:
    """Change one bit of the weights, and one of the ledger."""
    demo.say("Now one bit of the weights is changed. Whoever compares finds it: exit code 1, checked and does not hold.")
    flip(demo.folder / "model" / "model.safetensors")
    demo.run("ledger", "verify", "artifact", "weights/digit-reader@1.0", "model", wanted=1, has="changed  model.safetensors")
    checked = ["ledger", "verify", "bundle", "digit-reader-1.1.json", "--log-key", key, "--artifact", "model"]
    demo.run(*checked, wanted=1, has="FAIL  B11")
    flip(demo.folder / "model" / "model.safetensors")
    demo.say("And one bit of the ledger itself, in a copy of it: exit code 4, this ledger is damaged, and the file is named.")
    copy = demo.folder / "damaged"
    shutil.copytree(demo.folder / "ledger", copy)
    victim = sorted((copy / "tables" / "licenses").iterdir())[-1]
    victim.chmod(0o600)
    flip(victim)
    demo.run("ledger", "verify", "--ledger", "damaged", wanted=4, has=victim.name)


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, or change it back."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def main() -> int:
    """Run the demo in a new folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, default=ROOT / "demo", help="folder to make (an old one is removed)")
    parser.add_argument("--quiet", action="store_true", help="say the steps, without the commands and their output")
    options = parser.parse_args()
    folder = options.dir.resolve()
    if folder.exists() and not (folder / "pipeline.yaml").is_file():
        raise SystemExit(f"{folder} is there and is no demo: give another --dir")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "digits", folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "fixtures" / "digits", folder / "figures")
    (folder / "passphrase").write_text("a passphrase for the demo only\n")
    demo = Demo(folder, quiet=options.quiet)
    print("The whole way on real input: train, record, ask, attest, verify, tamper. It takes some ten seconds and no network.")
    print(f"All of it happens in {folder}, a new folder. `$` lines are commands that run there; below each is its real output.")
    train(demo)
    key = record(demo)
    attest(demo, key)
    tamper(demo, key)
    print(f"\nEverything is in {folder}:")
    for path, what in (
        ("figures/ data/ train/", "what the model was made from"),
        ("model/ documents/", "the weights as they were recorded, and what is said of them"),
        ("pipeline.yaml", "what was recorded, and as what"),
        ("ledger/", "the ledger: ledger/state is private, the rest may be published"),
        ("digit-reader-1.1.json", "the attestation bundle, for whoever downloads the model"),
        ("damaged/", "the copy with the changed bit"),
    ):
        print(f"  {path:<24}{what}")
    print("To go on by hand, with the same ledger:")
    print(f"  cd {shlex.quote(str(folder))} && export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
    print("  export OPENNESS_LEDGER_DIR=ledger OPENNESS_LEDGER_PASSPHRASE_FILE=passphrase XDG_STATE_HOME=$PWD/.state")
    print("  ledger log")
    print("next: docs/tutorial.md does the same on files small enough to look at, and `ledger --help` lists the verbs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
