# Festival Push. `make` alone lists what can be done.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test bare bench soak fuzz histories lint format types lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Install missing packages and run a demo festival; prints the links to open
	@scripts/install runtime
	@exec $(BIN)/festival-push demo

test: ## Check everything: format, lint, types, and all tests against real servers
	@scripts/install-programs test
	@$(MAKE) --no-print-directory lint
	@scripts/install-node-modules tests/browser
	@echo "Checking types and testing ..."
	@scripts/run-tests --types

bare: ## Follow the README and run `make test` on fresh Debians; as root (SUITES="bookworm trixie" or others)
	@scripts/install dev
	@$(BIN)/python -m tests.bare $(SUITES)

bench: ## Measure everything, beside other push servers; writes docs/performance.md (let nothing else run)
	@scripts/install dev
	@scripts/install-bench
	@$(BIN)/python -m bench $(ARGS)

soak: ## Break everything that may break, under load, and measure how long it is felt (ARGS="--row Redis --minutes 60")
	@scripts/install-programs test
	@scripts/install dev
	@$(BIN)/python -m bench.soak $(ARGS)

lint: ## Check format and lint rules
	@scripts/install dev
	@echo "Checking format and lint rules ..."
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

fuzz: ## Weigh refusals, and try the published contract with made-up requests, for some minutes
	@scripts/install dev
	@$(BIN)/python -m tests.fuzz

histories: ## Play some hundred random histories on both databases, and try each property with a thousand examples
	@scripts/install dev
	@HISTORIES=300 $(BIN)/pytest -q tests/store/writing/test_histories.py
	@EXAMPLES=1000 scripts/run-tests -m hypothesis

format: ## Format the code and repair what the linter can repair
	@scripts/install dev
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

types: ## Check types, strictly
	@scripts/install dev
	@echo "Checking types ..."
	@$(BIN)/mypy

lock: ## Resolve the dependencies anew into the lock files; `scripts/lock --upgrade` renews the pins
	@scripts/lock
