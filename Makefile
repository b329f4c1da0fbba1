# linli 邻里. `make` alone lists the targets. Everything below needs only Python ≥ 3.11 and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help install run demo test check format migration diagram bench rasa browser clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/.runtime: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "linli needs Python 3.11 or newer: install it, or set PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing linli (first time: about two minutes) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(BIN)/.development: $(BIN)/.runtime
	@echo "installing the test tools …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

install: $(BIN)/.runtime  ## the environment, nothing else

run: $(BIN)/.runtime  ## demo district, model, everything at http://127.0.0.1:8000; Ctrl-C ends
	@$(BIN)/linli init
	@$(BIN)/linli demo --if-empty
	@$(BIN)/linli nlu train --if-missing
	@exec $(BIN)/linli serve --role all --host $(HOST) --port $(PORT)

demo: $(BIN)/.runtime  ## load the demonstration district
	@$(BIN)/linli init
	@$(BIN)/linli demo

test: $(BIN)/.development  ## the whole suite; what needs a missing program is skipped with a sentence
	@$(BIN)/python -m pytest

check: $(BIN)/.development  ## ruff, formatting, mypy --strict, import contracts, migrations, texts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/house

format: $(BIN)/.development  ## lay the code out
	@$(BIN)/ruff check --fix -q .
	@$(BIN)/ruff format -q .

migration: $(BIN)/.development  ## write a migration from changed tables: make migration MESSAGE="…"
	@$(BIN)/python -m tests.house.new_migration "$(MESSAGE)"

diagram: $(BIN)/.development  ## redraw the state diagrams of the READMEs from the table of moves
	@$(BIN)/python -m tests.house.diagrams

bench: $(BIN)/.runtime  ## the budgets, measured on this machine
	@$(BIN)/linli bench all

rasa: $(BIN)/.runtime  ## the second engine: its own Python 3.10 environment, training, server
	@$(BIN)/python -m nlu.rasa_project.build

browser: $(BIN)/.development  ## the walks in a real browser, with pictures
	@$(BIN)/python -m pytest tests/browser -q

clean:  ## remove environments and caches; data in var/ stays
	@rm -rf $(VENV) .venv-rasa .mypy_cache .ruff_cache .pytest_cache
