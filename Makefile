# IntentLens: `make run` starts the app, `make test` runs every check and test. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
WORKERS ?= 2
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run install test check format benchmark screenshots clean

help:
	@echo "make run          install what is missing and start the app (PORT= and INTENTLENS_HOME= choose others)"
	@echo "make install      make .venv with all that running needs"
	@echo "make test         set up for testing, then lint, types and every test (WORKERS= more at a time than two,"
	@echo "                  PYTEST_ARGUMENTS= only these, one after the other)"
	@echo "make check        lint and types only"
	@echo "make format       format the code"
	@echo "make benchmark    run the benchmarks and print their tables"
	@echo "make screenshots  take the README's pictures anew"

install: $(VENV)/.run-ready

run: $(VENV)/.run-ready
	@$(BIN)/intentlens serve $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST))

test: $(VENV)/.test-ready check
	@sh tests/browser/install_chromium.sh $(BIN)
	@sh tests/core/collect/broker/install_nats_server.sh
ifdef PYTEST_ARGUMENTS
	@$(BIN)/python -m pytest -q --durations=15 $(PYTEST_ARGUMENTS)
else
	@echo "Tests that share the machine, $(WORKERS) at a time:"; failed=0; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --durations=15 -m "not alone" \
	    -n $(WORKERS) --dist loadfile --no-loadscope-reorder || failed=1; \
	echo "Tests that need it for themselves:"; \
	$(BIN)/python -m pytest -q --durations=15 -m alone || failed=1; \
	exit $$failed
endif

check: $(VENV)/.test-ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.test-ready
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

benchmark: $(VENV)/.test-ready
	@for file in tests/benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

screenshots: $(VENV)/.test-ready
	@sh tests/browser/install_chromium.sh $(BIN)
	@$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "IntentLens needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make run PYTHON=python3.12")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing (about a minute, only this once) ..."
	@$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	@touch $@

$(VENV)/.test-ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing with the test tools (about a minute, only this once) ..."
	@$(BIN)/python -m pip install --quiet --editable '.[test]' --constraint constraints.txt
	@touch $@ $(VENV)/.run-ready
