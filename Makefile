# Targets for people. `make` alone lists them. Options: PYTHON, DEMO_ARGS, SERVE_ARGS, TEST_ARGS,
# BENCH_ARGS, LOCK_ARGS, SIDE_BY_SIDE.

PYTHON ?= python3
SERVE_ARGS ?= demo/jiangmen.sqlite
BIN := .venv/bin
STAMP := .venv/.stamp
PYTEST := $(BIN)/pytest -q
# A process a core. A file's tests stay together, so that what they share is made once, and files keep
# their order: those that connect to databases of their own come after those that share one.
SIDE_BY_SIDE ?= -n auto --dist loadfile --no-loadscope-reorder
# A benchmark is a module in benchmarks/ whose name does not begin with an underscore.
BENCHES := $(patsubst benchmarks/%.py,%,$(filter-out benchmarks/_%,$(wildcard benchmarks/*.py)))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo serve test test-postgis test-browser lint format bench lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z%-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install everything into .venv (a minute or two the first time)

$(STAMP): requirements.lock pyproject.toml hatch_build.py frontend/package-lock.json $(wildcard frontend/*.mjs)
	@echo "==> Python environment in .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "==> Locked packages (a few hundred MB to fetch the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "==> Browser libraries and Zonewright itself"
	@$(BIN)/python hatch_build.py
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@echo "==> Compiling the land kernels (once)"
	@$(BIN)/python -m zonewright.workflows.compiling
	@touch $@

demo: setup ## Build the example workspace and open the desk on it (DEMO_ARGS)
	$(BIN)/zonewright demo $(DEMO_ARGS)

serve: setup ## Serve a workspace (SERVE_ARGS; by default the demo's)
	$(BIN)/zonewright serve $(SERVE_ARGS)

test: setup ## Run the tests that need nothing but Python (TEST_ARGS)
	env -u ZONEWRIGHT_DATABASE_URL $(PYTEST) $(SIDE_BY_SIDE) -m "not postgis and not browser" $(TEST_ARGS)

test-postgis: setup ## Run the tests on PostGIS: tools/with_postgis make test-postgis
	@test -n "$$ZONEWRIGHT_TEST_DATABASE_URL" || { \
	  echo "ZONEWRIGHT_TEST_DATABASE_URL is not set; run: tools/with_postgis make test-postgis" >&2; exit 2; }
	ZONEWRIGHT_DATABASE_URL="$$ZONEWRIGHT_TEST_DATABASE_URL" $(PYTEST) $(SIDE_BY_SIDE) -m "postgis" $(TEST_ARGS)

test-browser: setup ## Run the tests in a real Chromium
	DJANGO_ALLOW_ASYNC_UNSAFE=true $(PYTEST) -m "browser" $(TEST_ARGS)

lint: setup ## Check style, types and layers; all four run even when one fails
	@code=0; \
	for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports"; do \
	  echo "==> $$check"; $(BIN)/$$check || code=1; \
	done; exit $$code

format: setup ## Put the code in order: imports, layout, what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(addprefix bench-,$(BENCHES)) ## Run every benchmark; make bench-NAME runs one (BENCH_ARGS)

bench-%: setup
	$(BIN)/python -m benchmarks.$* $(BENCH_ARGS)

lock: setup ## Renew requirements.lock and the front end's lock (LOCK_ARGS=--upgrade for newer ones)
	@echo "==> requirements.lock"
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile pyproject.toml --extra postgis --group dev \
	  --python $(BIN)/python --python-version 3.11 --universal --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
	  --output-file requirements.lock $(LOCK_ARGS)
	@if grep -n '://' requirements.lock; then echo "requirements.lock names an address" >&2; exit 1; fi
	@echo "==> frontend/package-lock.json"
	@$(BIN)/python hatch_build.py --lock
	@if grep -n '"resolved"' frontend/package-lock.json; then \
	  echo "frontend/package-lock.json names an address" >&2; exit 1; fi

clean: ## Remove the environment and everything that was made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf src/zonewright/web/static/vendor frontend/.vendor-stamp frontend/node_modules
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
