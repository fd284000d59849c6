# The commands for working on Recalls. Each target does all of its own set-up.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin
UV := $(PYTHON) .ci/uv.py
SOURCES := api schema rowql workers db core dev tests bench .ci
PYTEST := $(BIN)/python -m pytest
# Several processes, because a test waits half of the time; idle ones take over others' tests.
ABREAST := -n auto --dist worksteal
# The tests start Python some hundred times, so compiled files are kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-slow test-all browser check release-check audit sbom pin format schema \
  lock clean screenshots torture siege fuzz bench floor bench-send bench-read bench-start \
  bench-practices bench-migrate bench-portal
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Try it
# Only nested makes run in parallel, so that `make clean demo` runs in order.
demo: ## Run the whole service with made-up patients, until Ctrl-C (PORT, SIMULATOR_PORT, RESET=1)
	@$(MAKE) -sj3 .venv/demo-ready portal/dist/index.html
	@exec $(BIN)/python -m dev.demo

##@ Test it
test: test-ready ## Test every behaviour, on real PostgreSQL and Valkey and in a real browser (TESTS)
ifdef TESTS
	@exec $(PYTEST) $(TESTS)
else
	@portal/npm run test --silent
	@exec $(PYTEST) $(ABREAST) -m "not slow"
endif

test-slow: test-ready .tools/sbom/ready ## Run the long tests, and at full length those that make test shortens
	@RECALLS_PROOFS=full $(PYTEST) $(ABREAST) -m "(slow or both) and not alone"
	@RECALLS_PROOFS=full exec $(PYTEST) -m alone

test-all: test-ready .tools/sbom/ready ## Run every test, at full length
	@portal/npm run test --silent
	@RECALLS_PROOFS=full $(PYTEST) $(ABREAST) -m "not alone"
	@RECALLS_PROOFS=full exec $(PYTEST) -m alone

.PHONY: test-ready
test-ready:
	@$(MAKE) -sj3 .venv/ready portal/dist/index.html browser

browser: ## Install Chromium for the browser tests, if this machine allows it
	@.ci/browser

##@ Check it
check: check-ready ## Run all static checks: lint, format, types, import contracts, SDL snapshot, audit
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m schema.snapshot --check
	portal/npm run check --silent
	$(BIN)/python .ci/images.py
	$(BIN)/python .ci/audit.py

##@ Release it
release-check: ## Run make check for a release: no audit may be skipped, each image must have its digest
	@RELEASE=1 $(MAKE) check

.PHONY: check-ready
check-ready:
	@$(MAKE) -sj2 .venv/ready portal/node_modules/ready

audit: .venv/ready ## Check the locked packages for known vulnerabilities, if the network allows it
	@$(BIN)/python .ci/audit.py

sbom: .tools/sbom/ready ## Write the components and build tools, as CycloneDX, into var/sbom
	@mkdir -p var/sbom
	@.tools/sbom/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
	  -o var/sbom/python.cdx.json requirements.txt
	@portal/npm sbom --sbom-format cyclonedx --sbom-type application --package-lock-only \
	  > var/sbom/portal.cdx.json
	@ls var/sbom/*.cdx.json

pin: .venv/ready ## Pin each container image to its tag's current digest (needs skopeo)
	@$(BIN)/python .ci/images.py --pin

screenshots: test-ready ## Retake the README's pictures (needs Chromium)
	@exec $(BIN)/python -m dev.screenshots

##@ Attack and measure it
torture: .venv/ready ## Kill, freeze and cut off workers for minutes, and judge what was sent (TORTURE="--seed 42")
	@exec $(BIN)/python -m tests.torture $(TORTURE)

siege: .venv/ready portal/dist/index.html ## Run every attack, and measure how long another practice waits (SIEGE="--only bombs")
	@exec $(BIN)/python -m tests.siege $(SIEGE)

fuzz: .venv/ready portal/dist/index.html ## Send generated requests, byte by byte, for ten minutes (FUZZ="--seed 42 --seconds 60")
	@exec $(BIN)/python -m tests.siege.fuzz $(FUZZ)

bench: test-ready ## Measure everything briefly, on one page: some 18 minutes (BENCH="--quick --write"; needs cc and Linux)
	@exec $(BIN)/python -m bench $(BENCH)

floor: .venv/ready ## Fail if a page or a send has become far dearer (needs cc and Linux)
	@exec $(BIN)/python -m bench.floor

bench-send: .venv/ready ## Measure sending side by side with a peer (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.send $(BENCH)

bench-read: .venv/ready ## Measure the list side by side with peers (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.read $(BENCH)

bench-start: .venv/ready ## Measure what starting costs, side by side with the libraries alone (BENCH="--rounds 9"; needs Linux)
	@exec $(BIN)/python -m bench.starting $(BENCH)

bench-practices: .venv/ready ## Measure how long people wait while practices are busy (BENCH="--only nine"; needs cc and Linux)
	@exec $(BIN)/python -m bench.practices $(BENCH)

bench-migrate: .venv/ready ## Measure who waits while 5,000,000 recalls are migrated (BENCH=--quick; needs cc, git and Linux)
	@exec $(BIN)/python -m bench.migrate $(BENCH)

bench-portal: test-ready ## Measure the portal in Chromium: first view, time to act, a day's memory (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.portal $(BENCH)

##@ Change it
format: check-ready ## Format the sources
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	portal/npm run format --silent

schema: .venv/ready ## Rewrite schema/schema.graphql and db/schema.sql
	$(BIN)/python -m schema.snapshot
	$(BIN)/python -m dev.schema_sql

lock: ## Pin the newest dependencies, with hashes (UPGRADE= keeps the pinned versions)
	$(LOCK) pyproject.toml --group dev -o requirements-dev.txt
	$(LOCK) pyproject.toml --group demo -c requirements-dev.txt -o requirements-demo.txt
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(LOCK) --group node -o requirements-node.txt
	$(LOCK) --group sbom -c requirements-dev.txt -o requirements-sbom.txt
	$(LOCK) --group uv -o requirements-uv.txt

clean: ## Remove what the targets made, including the demo's data
	rm -rf .venv .tools var portal/dist portal/src/gql portal/node_modules bench/peers/*/node_modules

UPGRADE ?= --upgrade
LOCK = $(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
  --no-annotate --quiet --custom-compile-command "make lock"

.venv/demo-ready: requirements-demo.txt
	@$(call install,$<)
	@touch $@

.venv/ready: requirements-dev.txt
	@$(call install,$<)
	@touch .venv/demo-ready $@

.tools/sbom/ready: requirements-sbom.txt
	@$(UV) venv --quiet --clear .tools/sbom
	@$(UV) pip install --quiet --python .tools/sbom --require-hashes -r $<
	@touch $@

# An environment that isn't ready may be incomplete, so it is created again.
define install
echo "Installing Python's packages ..."; \
[ -e .venv/demo-ready ] || $(UV) venv --quiet --clear .venv && rm -f .venv/demo-ready .venv/ready && \
$(UV) pip install --quiet --python .venv --require-hashes -r $(1)
endef

portal/node_modules/ready: portal/package.json portal/package-lock.json
	@echo "Installing the portal's packages ..."
	@portal/npm ci --no-audit --no-fund --loglevel=error
	@touch $@

portal/dist/index.html: portal/node_modules/ready schema/schema.graphql \
  $(wildcard portal/*.html portal/*.ts portal/*.mjs) $(shell find portal/src -type f -not -path '*/gql/*' -not -name '*.test.*')
	@echo "Building the portal ..."
	@portal/npm run build --silent
	@touch $@
