# What a newcomer runs. Each target does all of its own set-up.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin
UV := $(PYTHON) .ci/uv.py
SOURCES := api schema workers db core dev tests bench .ci
PYTEST := $(BIN)/python -m pytest
# Several processes, for a test waits half of its time; one that has no work left takes another's.
ABREAST := -n auto --dist worksteal
# The tests start Python some hundred times: what has been compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-slow test-all browser check release-check audit sbom pin format schema \
  lock clean screenshots torture siege fuzz bench-send bench-read bench-practices
.DELETE_ON_ERROR:

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# What goes side by side does so in a make of its own, so that `make clean demo` stays in order.
demo: ## Show the whole job on real parts, until Ctrl-C (PORT, SIMULATOR_PORT, RESET=1)
	@$(MAKE) -sj3 .venv/demo-ready portal/dist/index.html
	@exec $(BIN)/python -m dev.demo

test: test-ready ## Prove every behaviour, on real PostgreSQL and Valkey and in a real browser (TESTS)
ifdef TESTS
	@exec $(PYTEST) $(TESTS)
else
	@portal/npm run test --silent
	@exec $(PYTEST) $(ABREAST) -m "not slow"
endif

test-slow: test-ready .tools/sbom/ready ## Run the long proofs, and at full length those that make test has short
	@RECALLS_PROOFS=full $(PYTEST) $(ABREAST) -m "(slow or both) and not alone"
	@RECALLS_PROOFS=full exec $(PYTEST) -m alone

test-all: test-ready .tools/sbom/ready ## Run every test, at full length
	@portal/npm run test --silent
	@RECALLS_PROOFS=full $(PYTEST) $(ABREAST) -m "not alone"
	@RECALLS_PROOFS=full exec $(PYTEST) -m alone

.PHONY: test-ready
test-ready:
	@$(MAKE) -sj3 .venv/ready portal/dist/index.html browser

browser: ## Install Chromium for the tests in a browser, where this machine lets you
	@.ci/browser

check: check-ready ## Everything static: lint, format, types, import contracts, SDL snapshot, audit
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m schema.snapshot --check
	portal/npm run check --silent
	$(BIN)/python .ci/images.py
	$(BIN)/python .ci/audit.py

release-check: ## As make check, for a release: no audit may be skipped, each image is named by its digest
	@RELEASE=1 $(MAKE) check

.PHONY: check-ready
check-ready:
	@$(MAKE) -sj2 .venv/ready portal/node_modules/ready

audit: .venv/ready ## Look the locked packages up among the known vulnerabilities, where the network allows
	@$(BIN)/python .ci/audit.py

sbom: .tools/sbom/ready ## Write down what it consists of and is built with, as CycloneDX, into var/sbom
	@mkdir -p var/sbom
	@.tools/sbom/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
	  -o var/sbom/python.cdx.json requirements.txt
	@portal/npm sbom --sbom-format cyclonedx --sbom-type application --package-lock-only \
	  > var/sbom/portal.cdx.json
	@ls var/sbom/*.cdx.json

pin: .venv/ready ## Name each container image by the digest that its tag has now (needs skopeo)
	@$(BIN)/python .ci/images.py --pin

screenshots: test-ready ## Take the README's pictures anew (needs Chromium)
	@exec $(BIN)/python -m dev.screenshots

torture: .venv/ready ## Kill, freeze and cut off workers for minutes, and judge what was sent (TORTURE="--seed 42")
	@exec $(BIN)/python -m tests.torture $(TORTURE)

siege: .venv/ready portal/dist/index.html ## Attack in every way, and measure what another practice waits (SIEGE="--only bombs")
	@exec $(BIN)/python -m tests.siege $(SIEGE)

fuzz: .venv/ready portal/dist/index.html ## Send what is made up, byte by byte, for ten minutes (FUZZ="--seed 42 --seconds 60")
	@exec $(BIN)/python -m tests.siege.fuzz $(FUZZ)

bench-send: .venv/ready ## Measure sending side by side with a peer (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.send $(BENCH)

bench-read: .venv/ready ## Measure the list side by side with peers (BENCH=--quick; needs cc and Linux)
	@exec $(BIN)/python -m bench.read $(BENCH)

bench-practices: .venv/ready ## Measure what people wait while practices are busy (BENCH="--only nine"; needs cc and Linux)
	@exec $(BIN)/python -m bench.practices $(BENCH)

format: check-ready ## Put the sources into shape
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	portal/npm run format --silent

schema: .venv/ready ## Write schema/schema.graphql anew
	$(BIN)/python -m schema.snapshot

lock: ## Pin the newest dependencies, with hashes (UPGRADE= keeps what is pinned)
	$(LOCK) pyproject.toml --group dev -o requirements-dev.txt
	$(LOCK) pyproject.toml --group demo -c requirements-dev.txt -o requirements-demo.txt
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(LOCK) --group node -o requirements-node.txt
	$(LOCK) --group sbom -c requirements-dev.txt -o requirements-sbom.txt
	$(LOCK) --group uv -o requirements-uv.txt

clean: ## Remove what the targets made, the demo's data among it
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

# An environment that isn't ready may be half of one, and is made anew.
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
