# Every target is one command. PYTHON is any Python ≥ 3.11; what else is needed is made in .venv (tools/bootstrap.py).
PYTHON ?= python3
BIN := .venv/bin/python

.PHONY: help demo test test-all check soak spoil bench screens lock
.DEFAULT_GOAL := help

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: ## Start the portal and the training Gosuslugi; prints addresses and people, Ctrl-C stops both
	@$(PYTHON) tools/bootstrap.py runtime && exec $(BIN) -m sandbox_idp demo

test: ## Make what the tests need (browsers included), then run checks, unit tests and end-to-end tests
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m tools.run_tests

test-all: ## The same with everything in both browsers, and fail on an independent check that cannot run
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m tools.run_tests --everything

check: ## Only the checks of the code: ruff, mypy, djlint, import contracts
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m tools.run_tests --only checks

soak: ## A thousand sign-ins with failures of their own and a thousand rushes for one appointment: does anything leak or get lost
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m tools.soak

spoil: ## Send 10,000 spoilt requests to both programs: none may be answered 5xx or open anything
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m pytest tests/mutation -n 2 -p no:playwright -rP --mutations 10000 --timeout 3600

bench: ## Measure speed, mostly as ratios (docs/performance.md); prints the table and writes bench.json
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m bench

screens: ## Photograph every screen at 320, 768 and 1280 px into screens/index.html
	@$(PYTHON) tools/bootstrap.py development && exec $(BIN) -m tools.screens

lock: ## Resolve the lock files anew from pyproject.toml (needs uv)
	@$(PYTHON) tools/lock.py
