# Everything there is to do here; `make help` lists it. Needs Python 3.11 or newer and nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Processes of the test suite; most of what it does is waiting for other processes.
WORKERS ?= 3
# Deadlines of `make faults`: the product's, or quick.
TEMPO ?=
# How long `make rest` tries.
SECONDS ?= 600
# Modules of matrix/scoring for `make mutants`, or its options; all when empty.
MUTANTS ?=
# More words for pytest: make test ARGS="-k matrix"
ARGS ?=
# What a machine says of compiled Python would have every process here compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test faults mutants check bench rest shots openapi lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/runtime.lock ## everything, in one command: prints Ready and the sign-ins; Ctrl-C stops it (PORT=, DATA_DIR=)
	@exec $(PY) manage.py up --with-parent

test: .venv/dev.lock ## the whole suite on PostgreSQL and Valkey of its own
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

faults: .venv/dev.lock ## runs with killed workers, emptied queues, restarted databases: each ten times in a row (TEMPO=quick: shorter deadlines)
	@FAULT_TIMES=10 FAULT_TEMPO=$(TEMPO) $(PY) -m pytest -n $(WORKERS) tests/live/test_run_faults.py -p no:cacheprovider $(ARGS)

mutants: .venv-mutants/mutants.lock ## the scoring core made wrong in every way, one by one: do its tests notice? (MUTANTS=tally)
	@.venv-mutants/bin/python -m tests.mutants $(MUTANTS)

check: .venv/dev.lock ## lint, format, types, import contracts, migrations, OpenAPI, docs
	@failed=""; \
	step() { name="$$1"; shift; echo "== $$name"; "$$@" || failed="$$failed, $$name"; }; \
	step lint .venv/bin/ruff check . ; \
	step format .venv/bin/ruff format --check . ; \
	step types .venv/bin/mypy . ; \
	step imports .venv/bin/lint-imports ; \
	step migrations $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run ; \
	step openapi $(MAKE) --no-print-directory .openapi-in-step ; \
	step docs $(PY) -m pytest -q -p no:cacheprovider $(wildcard tests/test_docs*.py tests/test_containers.py) ; \
	if [ -n "$$failed" ]; then echo "== failed: $${failed#, }"; exit 1; fi; \
	echo "== all in step"

.PHONY: .openapi-in-step
.openapi-in-step:
	@new=$$(mktemp) && trap 'rm -f "$$new"' EXIT && \
	$(PY) manage.py spectacular --validate --fail-on-warn --file "$$new" && \
	diff -u docs/openapi.yaml "$$new" || { echo "docs/openapi.yaml is behind: make openapi"; exit 1; }

openapi: .venv/dev.lock ## write docs/openapi.yaml anew
	@$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

bench: .venv/dev.lock ## every benchmark; one JSON object a line
	@$(PY) -m benchmarks

rest: .venv/dev.lock ## every route of REST tried with calls that chance brings, for SECONDS
	@REST_SECONDS=$(SECONDS) $(PY) -m pytest tests/rest/test_every_route.py

shots: .venv/dev.lock ## pictures of every page into build/shots/
	@$(PY) -m tests.shots

lock: .venv/dev.lock ## resolve the dependencies of pyproject.toml anew, with hashes
	@command -v uv >/dev/null || { echo "make lock needs uv on the path." >&2; exit 1; }; \
	compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" pyproject.toml "$$@"; }; \
	compile --output-file requirements.lock && \
	compile --extra dev --constraint requirements.lock --output-file requirements-dev.lock && \
	compile --extra dev --extra mutants --constraint requirements-dev.lock --output-file requirements-mutants.lock

clean: ## remove the virtual environment and caches; data stays
	rm -rf .venv .venv-mutants mutants .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A lock's copy in .venv says what is installed: only a changed lock is installed again.

.venv/runtime.lock: requirements.lock | .venv/bin/python
	@echo "Installing what requirements.lock names."
	@$(PY) -m pip install -qq --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@cp requirements.lock $@

.venv/dev.lock: requirements-dev.lock .venv/runtime.lock
	@echo "Installing what requirements-dev.lock names."
	@$(PY) -m pip install -qq --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@cp requirements-dev.lock $@

.venv-mutants/mutants.lock: requirements-mutants.lock | .venv/bin/python
	@echo "Installing what requirements-mutants.lock names."
	@.venv/bin/python -m venv .venv-mutants
	@.venv-mutants/bin/python -m pip install -qq --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements-mutants.lock
	@cp requirements-mutants.lock $@

.venv/bin/python:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || { without="$$without $$python"; continue; }; \
	  echo "Making .venv with $$("$$python" --version)."; \
	  exec "$$python" -m venv .venv; \
	done; \
	if [ -n "$$without" ]; then \
	  echo "Found$$without, but without its venv module. On Debian or Ubuntu: apt-get install python3-venv"; \
	else \
	  echo "Connected needs Python 3.11 or newer. Name one that is not on the path: make run PYTHON=/path/to/python"; \
	fi >&2; exit 1
