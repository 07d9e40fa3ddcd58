# Two commands are enough: `make demo` and `make test`. Both set up what they need in .venv.

VENV := .venv
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
JOBS := $(shell nproc 2>/dev/null || echo 2)
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check audit bench browser screenshots clean help

help:            ## Show the commands
	@grep -E '^[a-z]+: .*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/demo.stamp  ## See it work: a demo LMS and the bridge, in your browser
	@$(VENV)/bin/socialbridge demo $(ARGS)

test: $(VENV)/test.stamp browser  ## Run every test
	@rm -f .coverage .coverage.*
	@$(VENV)/bin/pytest -q -n $(JOBS) --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=90 $(ARGS)

check: $(VENV)/test.stamp  ## Lint, types, house rules; quick
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/lint-imports

audit: $(VENV)/test.stamp  ## Ask the network for known holes in what the bridge depends on
	@$(PIP) install pip-audit
	@$(VENV)/bin/pip-audit --skip-editable --desc off $(ARGS)

bench: $(VENV)/test.stamp  ## Measure; prints figures, asserts none
	@$(VENV)/bin/python -m tests.benchmarks.feed --json
	@$(VENV)/bin/python -m tests.benchmarks.outbox --json
	@$(VENV)/bin/python -m tests.benchmarks.sync --json
	@$(VENV)/bin/python -m tests.benchmarks.faults --json
	@$(VENV)/bin/python -m tests.benchmarks.curation --json
	@$(VENV)/bin/python -m tests.benchmarks.api --json

screenshots: $(VENV)/test.stamp browser  ## Every page at 390 and 1280 pixels, light and dark
	@$(VENV)/bin/python -m tests.e2e.screenshots

# The browser tests take the system's Chromium; where there is none it is installed if that can be
# done without asking for a password.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium for the browser tests ..." \
	     && { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } >/dev/null 2>&1; } \
	|| $(VENV)/bin/playwright install chromium >/dev/null 2>&1 \
	|| echo "No Chromium here, and none could be installed: the browser tests will say so."

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: setup.cfg pyproject.toml | $(VENV)/bin/python
	@test -f $(VENV)/test.stamp || { echo "Installing what the bridge needs into $(VENV) ..."; $(PIP) install -e .; }
	@touch $@

$(VENV)/test.stamp: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install -e '.[test]'
	@touch $@

clean:           ## Remove what was made here
	rm -rf $(VENV) demo-data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
