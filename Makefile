# Everything is set up by the target that needs it: a virtual environment in .venv, with the packages
# that constraints.txt pins. Start with `make measure` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UPGRADE ?= .cache/upgrade
SEED   ?= 0
READY  := $(VENV)/.ready

.PHONY: help setup measure test lint fix diff annotate upgrade propose mutation refresh bench fidelity gpu-check clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## the virtual environment, with the pinned packages

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "llenergymeasure needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the pinned packages into $(VENV) (the first time takes a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

measure: setup  ## measure the built-in model here and save the record under results/
	@$(BIN)/llenergymeasure measure examples/quickstart.yaml --out results

test: setup lint  ## everything that CI checks
	@$(BIN)/python -m codegen check
	@$(BIN)/python -m codegen coverage
	@$(BIN)/python -m pytest -n auto

lint: setup  ## format, lint, types, and which package may import which
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fix: setup  ## format, and fix what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

diff: setup  ## what the installed transformers would change for users, as markdown; OLD=X NEW=Y compares others
	@$(BIN)/python -m codegen diff $(OLD) $(NEW) --format markdown --fail-on never

annotate: setup  ## the same, as annotations in a GitHub workflow
	@$(BIN)/python -m codegen diff --format github

upgrade: setup  ## upgrade to the newest transformers here, as far as it needs no person; VERSION=X for another
	@$(BIN)/python -m codegen upgrade --into $(UPGRADE) $(if $(VERSION),--to $(VERSION))

propose:  ## open or renew the pull request for that upgrade (needs git and gh; installs only packaging)
	@test -x $(BIN)/python || { $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt packaging; }
	@$(BIN)/python -m codegen propose $(UPGRADE)

mutation: setup  ## make single edits of the real source, and check that diff names each (SEED=7)
	@$(BIN)/python -m tests.codegen.mutation --seed $(SEED)

refresh: setup  ## regenerate the configuration from the installed transformers
	@$(BIN)/python -m codegen refresh

bench: setup  ## measure the speed claims of docs/, as ratios
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.meter_speed
	@$(BIN)/python -m benchmarks.overhead

fidelity: setup  ## compare the schema with the real generate(); FULL=1 makes every call again, VERSION=5.0.0 takes another release
	@$(BIN)/python -m tests.fidelity $(if $(VERSION),--version $(VERSION)) $(if $(FULL),--full)

gpu-check: setup  ## measure this machine's GPU sensors, and a model on it, and save the results
	@$(BIN)/python -m benchmarks.gpu_check

clean:  ## remove the environment and every cache
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
