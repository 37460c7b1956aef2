# Countersign. On a machine with git, make and Python 3.11 or newer: `make run`.
.DEFAULT_GOAL := help
.PHONY: help run example test fuzz mutants races lint format setup demo code bench lock clean

PORT ?= 8000
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && echo 4 || echo $$n)
ARGS ?=

# The first Python that is new enough and can make virtual environments.
CANDIDATES := python3.11 python3.12 python3.13 python3 python3.14 python
ABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(ABLE)' >/dev/null 2>&1 && echo $$p && break; done)

VENV := .venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin
# Named for the lock's digest: another lock installs again, the same one is there at once.
digest = $(shell cksum < $(1) | tr -cd '0-9')
RUN_STAMP := $(VENV)/.run-$(call digest,requirements.txt)
DEV_STAMP := $(VENV)/.dev-$(call digest,requirements-dev.txt)
BENCH_STAMP := $(VENV)-bench/.bench-$(call digest,requirements-bench.txt)
INSTALL := -m pip install -qq --disable-pip-version-check --no-input --require-hashes

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(PY):
	@[ -n "$(PYTHON)" ] || { echo "Countersign needs Python 3.11 or newer with venv. Debian: apt install python3 python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(PY)
	@echo "Installing what Countersign runs on (once) ..."
	@$(PY) $(INSTALL) -r requirements.txt
	@rm -f $(VENV)/.run-*; touch $@

$(DEV_STAMP): | $(PY)
	@echo "Installing what the tests need (once) ..."
	@$(PY) $(INSTALL) -r requirements-dev.txt
	@rm -f $(VENV)/.dev-*; touch $@

# A clone is a development machine until somebody says otherwise.
.env:
	@printf 'DEBUG=1\nDEMO=1\n' > .env

run example: export PUBLIC_URL ?= http://localhost:$(PORT)
run: $(RUN_STAMP) .env ## open the demo company on http://localhost:8000 (PORT=…; EXAMPLE=1: with a product)
	@[ -z "$(EXAMPLE)" ] || ($(MAKE) --no-print-directory example &)
	@exec $(PY) manage.py serve --port $(PORT)

setup: $(RUN_STAMP) $(DEV_STAMP) .env ## install everything, tests included
	@echo "Ready: make run, make test, make lint"

demo: $(RUN_STAMP) .env ## seed the demo company and print who to sign in as
	@$(PY) manage.py migrate --no-input --verbosity 0
	@$(PY) manage.py demo

example: $(RUN_STAMP) .env ## a product that posts drafts to the running console and acts on decisions (ARGS=…)
	@mkdir -p var; $(PY) -m examples.dispatch_assistant --wait-for $(PUBLIC_URL)
	@$(PY) manage.py demo --json --webhook http://127.0.0.1:8765/ > var/example.json
	@$(PY) -m examples.dispatch_assistant $(ARGS)

code: $(RUN_STAMP) .env ## print a one-time code: make code WHO=ana
	@$(PY) manage.py code $(WHO)

test: $(DEV_STAMP) ## run every test: those for PostgreSQL on PostgreSQL, then all others on SQLite (ARGS=…)
ifdef DATABASE_URL
	$(PY) -m pytest -n $(WORKERS) $(ARGS)
else
	@# Both run even if the first fails; pytest's 5 means that ARGS chose nothing there.
	@echo "On PostgreSQL:"; \
	$(PY) -W ignore -m tests.servers postgres -- $(PY) -m pytest -n $(WORKERS) -m postgres $(ARGS); first=$$?; \
	echo "On SQLite:"; $(PY) -m pytest -n $(WORKERS) $(ARGS); second=$$?; \
	[ $$first -eq 0 ] || [ $$first -eq 5 ] || exit $$first; \
	[ $$second -eq 0 ] || [ $$second -eq 5 ] || exit $$second
endif

fuzz: $(DEV_STAMP) ## send 100,000 made-up requests to the API (FUZZ=…; slow)
	FUZZ=$${FUZZ:-100000} $(PY) -m pytest tests/test_api_fuzz.py -n $(WORKERS) $(ARGS)

mutants: $(DEV_STAMP) ## take each guarded rule out and look whether its test notices (slow)
	MUTANTS=1 $(PY) -m pytest tests/test_mutants.py -n $(WORKERS) $(ARGS)

races: $(DEV_STAMP) ## 1,000 rounds of 50 people deciding at once, and a queue of 10,000, on PostgreSQL (slow)
	RACE_ROUNDS=1000 RACE_CALLERS=50 RACE_ITEMS=10000 RACE_KILLS=100 $(PY) -W ignore -m tests.servers postgres -- $(PY) -m pytest -m postgres -p no:xdist --durations=3 tests/governance/test_races.py tests/reviews/test_races.py $(ARGS)

lint: $(DEV_STAMP) ## style, types, rooms, templates, production settings, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	ENV_FILE=tests/production.env $(PY) manage.py check --deploy --fail-level WARNING
	ENV_FILE=.env DEBUG=1 $(PY) manage.py makemigrations --check --dry-run
	$(BIN)/mypy .

format: $(DEV_STAMP) ## put every file into the common style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BENCH_STAMP):
	@[ -x $(VENV)-bench/bin/python ] || $(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python $(INSTALL) -r requirements-bench.txt
	@rm -f $(VENV)-bench/.bench-*; touch $@

bench: $(BENCH_STAMP) ## measure, each figure against its baseline in the same run
	@set -e; for f in bench/[a-z]*.py; do echo "== $$f"; $(VENV)-bench/bin/python $$f; done

lock: $(DEV_STAMP) ## compile the locks anew from requirements*.in
	@set -e; compile="$(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url"; \
	$$compile --custom-compile-command 'make lock' requirements.in -o requirements.txt; \
	for f in dev bench; do $$compile --custom-compile-command 'make lock' -c requirements.txt requirements-$$f.in -o requirements-$$f.txt; done

clean: ## remove what the tests and the demo left, the demo's data included
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
