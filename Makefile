# The two commands of the README are `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.DEFAULT_GOAL := help
.PHONY: help run up install check test soak bench format lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.default ## Install the default and build a data set from the standard library
	$(BIN)/case2code build $(ARGS)

up: $(VENV)/.default ## Start Prefect's server and UI, workers and all deployments on this machine
	$(BIN)/case2code up $(ARGS)

install: $(VENV)/.default ## Install what the default needs

test: $(VENV)/.test ## Install what the tests need and run them all
	$(BIN)/python -m pytest $(ARGS)

soak: $(VENV)/.test ## The long tests: many kills, many programs, large corpora
	$(BIN)/python -m pytest -m soak --timeout 7200 --numprocesses 0 $(ARGS)

check: $(VENV)/.check ## Lint, types, the direction of imports, declared dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry flows tasks sandbox

bench: $(VENV)/.test ## Measure: make bench NAME=sandbox
	$(BIN)/python tests/benchmarks/bench_$(NAME).py $(ARGS)

format: $(VENV)/.check ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.check ## Write the versions that are installed to requirements.lock
	$(BIN)/python -m pip freeze --exclude-editable | grep -v '@' | sed 's/+cpu$$//' > requirements.lock

clean: ## Remove the environment and all caches
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.default: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.default

$(VENV)/.check: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) --editable '.[test,check]'
	@touch $@ $(VENV)/.test $(VENV)/.default
