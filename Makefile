# What a newcomer runs. Each target does all of its own set-up.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := api schema workers db tests bench .ci

.PHONY: help demo test check audit format schema lock clean screenshots torture bench-send bench-read

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: .venv/ready portal/dist/index.html ## Show the whole job on real parts, until Ctrl-C (PORT, SIMULATOR_PORT, RESET=1)
	@exec $(BIN)/python -m api.demo

test: .venv/ready portal/dist/index.html ## Run every test, on real PostgreSQL and Valkey and in a real browser
	@.ci/browser
	@exec $(BIN)/python -m pytest $(TESTS)

check: .venv/ready portal/dist/index.html ## Everything static: lint, format, types, import contracts, SDL snapshot, audit
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m schema.snapshot --check
	portal/npm run check --silent
	$(BIN)/python .ci/audit.py

audit: .venv/ready ## Look the locked packages up among the known vulnerabilities, where the network allows
	@$(BIN)/python .ci/audit.py

screenshots: .venv/ready portal/dist/index.html ## Take the README's pictures anew (needs Chromium)
	@exec $(BIN)/python -m tests.screenshots

torture: .venv/ready ## Kill, freeze and cut off workers for minutes, and judge what was sent (TORTURE="--seed 42")
	@exec $(BIN)/python -m tests.torture $(TORTURE)

bench-send: .venv/ready ## Measure sending side by side with a peer (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.send $(BENCH)

bench-read: .venv/ready ## Measure the list side by side with peers (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.read $(BENCH)

format: .venv/ready portal/dist/index.html ## Put the sources into shape
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	portal/npm run format --silent

schema: .venv/ready ## Write schema/schema.graphql anew
	$(BIN)/python -m schema.snapshot

lock: .venv/ready ## Pin the newest dependencies, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --group dev -o requirements-dev.txt
	$(LOCK) --group node -o requirements-node.txt

clean: ## Remove what the targets made, the demo's data among it
	rm -rf .venv var portal/dist portal/node_modules bench/peers/*/node_modules

LOCK := $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-annotate --quiet --custom-compile-command "make lock"

.venv/ready: requirements-dev.txt
	@echo "Setting up Python's packages in .venv (about half a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 3))' \
	  || { echo "Recalls needs Python 3.11.3 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# The machine's Node where there is one that is new enough, else one from a wheel.
portal/dist/index.html: .venv/ready portal/package-lock.json schema/schema.graphql \
  $(wildcard portal/*.html portal/*.ts) $(shell find portal/src -type f -not -path '*/gql/*')
	@echo "Building the portal (about half a minute) ..."
	@portal/npm ci --no-audit --no-fund --loglevel=error
	@portal/npm run build --silent
	@touch $@
