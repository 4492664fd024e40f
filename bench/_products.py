"""A ledger like that of a maker of many models: releases of two hundred artifacts each, which all rest on one dataset and one model."""

import os
import random
import sys
import time

from _ledgers import LICENSES, digest, environment
from _measure import WORK

from ledger.api import Ledger
from ledger.ids import ArtifactId
from ledger.spec.manifest import DeclaredLicense, InputEdge, Manifest
from ledger.spec.release import Component, Release

# Of one release: raw data, data cleaned from it, mixtures, code, checkpoints; and one model that is released.
SOURCES, CLEANED, MIXTURES, CODE, CHECKPOINTS = 110, 50, 10, 12, 17
EACH = SOURCES + CLEANED + MIXTURES + CODE + CHECKPOINTS + 1
BATCH = 25


class Product:
    """The artifacts of one release."""

    def __init__(self, number, draft, key, base, rng):
        self.number, self.draft, self.key, self.base, self.rng = number, draft, key, base, rng
        self.count = 0

    def add(self, kind, inputs=(), license=None):
        """Log one artifact; returns its id and log index."""
        node = 2 + self.number * EACH + self.count
        self.count += 1
        license = license or LICENSES[self.rng.randrange(len(LICENSES))]
        said = (DeclaredLicense(license, license, "argument"),)
        rows = tuple(InputEdge(relation, ArtifactId(id), index) for relation, (id, index) in inputs)
        id = f"file:{digest(node)}"
        manifest = Manifest(kind, f"{kind}-{self.number}-{self.count}", "1", ArtifactId(id), 1, 10, digest(node), said, inputs=rows)
        return id, self.draft.add(manifest.to_statement(), [self.key]).index

    def make(self):
        """All of it, and the release."""
        rng = self.rng
        data, model = self.base
        sources = [self.add("dataset") for _ in range(SOURCES)]
        cleaned = [
            self.add(
                "dataset", [("derived-from", one) for one in rng.sample(sources, 3)] + ([("subset-of", data)] if turn % 5 == 0 else [])
            )
            for turn in range(CLEANED)
        ]
        mixtures = [self.add("dataset", [("combined-from", one) for one in rng.sample(cleaned, 9)]) for _ in range(MIXTURES - 1)]
        # Not all is recorded step by step: this one is mixed of everything, the common data among it.
        mixtures.append(self.add("dataset", [("combined-from", one) for one in [*cleaned, *sources, data]]))
        code = [self.add("code", license="Apache-2.0") for _ in range(CODE)]
        before = model
        for turn in range(CHECKPOINTS):
            before = self.add(
                "weights", [("fine-tuned-from", before), ("trained-on", mixtures[turn % MIXTURES]), ("built-by", rng.choice(code))]
            )
        parts = [("trained-on", mixtures[-1]), ("evaluated-on", sources[0]), ("fine-tuned-from", before)]
        final = self.add("weights", parts, license="Apache-2.0")
        assert self.count == EACH
        named = [("weights", "weights", final, EACH), ("inference-code", "code", code[0], SOURCES + CLEANED + MIXTURES + 1)]
        components = tuple(
            Component(role, ArtifactId(id), f"{kind}-{self.number}-{place}", "1", index) for role, kind, (id, index), place in named
        )
        self.draft.add(Release(f"product-{self.number}", "1", components).to_statement(), [self.key])


def products(name, releases):
    """The folder of the ledger, made when it is not there. The common data are `common-data@1`, the common model `common-model@1`."""
    folder = WORK / "ledgers" / name
    if (folder / "done").exists():
        return folder / "l"
    os.environ.update(environment())
    if folder.exists():
        raise SystemExit(f"{folder} was left half made: remove it")
    folder.mkdir(parents=True)
    made = Ledger.init(folder / "l", f"example.org/bench/{name}", insecure_no_passphrase=True)
    key, log_key = made._signing_key(), made._log_key()
    base = []

    def common(draft):
        for node, kind, inputs in ((0, "dataset", ()), (1, "weights", ("trained-on",))):
            rows = tuple(InputEdge(relation, ArtifactId(base[0][0]), base[0][1]) for relation in inputs)
            said = (DeclaredLicense("CC-BY-4.0", "CC-BY-4.0", "argument"),)
            name = f"common-{'data' if kind == 'dataset' else 'model'}"
            manifest = Manifest(kind, name, "1", ArtifactId(f"file:{digest(node)}"), 1, 10, digest(node), said, inputs=rows)
            base.append((f"file:{digest(node)}", draft.add(manifest.to_statement(), [key]).index))

    made._store.append(common, log_key)
    begin = time.perf_counter()
    for low in range(0, releases, BATCH):

        def work(draft, low=low):
            for number in range(low, min(releases, low + BATCH)):
                Product(number, draft, key, base, random.Random(number)).make()

        made._store.append(work, log_key)
        if sys.stderr.isatty() or low % (BATCH * 5) == 0:
            print(f"  {low} of {releases} releases, {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    (folder / "done").touch()
    return folder / "l"
