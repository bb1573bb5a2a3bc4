# Everything here works on a fresh machine with Python 3.11+, make and git.
PYTHON ?= python3
BIN := .venv/bin
# The whole suite's random lives; `make check` plays fewer.
RANDOM_LIVES ?= 10000

.PHONY: install run test check lint bench drill chaos format lock record golden shapes

install: .venv/installed ## Create .venv from the hashed lock.

.venv/installed: requirements.lock pyproject.toml src/neiic/console/assets/package-lock.json
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m neiic.console.assets
	@touch $@

run: install ## The whole stack on this machine, with the example centers started.
	$(BIN)/neiic dev --examples examples

test: install lint ## Everything: lint, types, imports, all tests.
	$(BIN)/python -m tests.console.browser.chromium
	NEIIC_RANDOM_LIVES=$(RANDOM_LIVES) $(BIN)/python -m pytest -n 2 --dist loadgroup

check: install lint ## The fast part: lint, types, imports, the pure tests.
	NEIIC_RANDOM_LIVES=400 $(BIN)/python -m pytest -n 2 tests/statute tests/activities tests/golden tests/storage

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

bench: install ## The speed table: what was measured beside each must.
	$(BIN)/python -m bench

drill: install ## Lives of the previous release go on under today's workers, and back.
	$(BIN)/python -m drill $(if $(SEED),--seed $(SEED))

chaos: install ## The fault drill on both databases, five minutes at most; SEED=N repeats one.
	$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED))

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Resolve requirements.in anew (needs uv).
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.lock

record: install ## Record this release's histories for the replay test.
	$(BIN)/python -m tests.histories.record

golden: install ## Write the scenarios' outcomes anew, when the law was meant to change.
	$(BIN)/python -m tests.golden

shapes: install ## Note new optional fields of stored models, and record samples of new versions.
	$(BIN)/python -m tests.storage
