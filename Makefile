# `make` lists what there is to make. Python 3.11 or newer and make are all that `make run` needs.
export PORT ?= 8000
PYTHON ?= python3.13 python3.12 python3.11 python3
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadgroup
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locales/*/LC_MESSAGES/messages.po))
# The stamp's name holds a checksum of what was installed: after any change of it the stamp is another file.
checksum = $(shell cat $(1) pyproject.toml | cksum | cut -d' ' -f1)
RUN_STAMP := .venv/.run-$(call checksum,requirements.txt)
DEV_STAMP := .venv/.dev-$(call checksum,requirements-dev.txt)

.DEFAULT_GOAL := help
.PHONY: help run test test-long coverage check format bench model lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: $(RUN_STAMP) $(CATALOGUES)  ## start the hotline with demo data on PORT (8000); Ctrl-C ends it
	@exec $(BIN)/hotline run

test: $(DEV_STAMP) $(CATALOGUES)  ## install what the tests need, and run them; ARGS="-k sms" chooses
	@$(BIN)/python -m tests.needs --install
	@$(PYTEST) -m 'not long' $(ARGS)

test-long: $(DEV_STAMP) $(CATALOGUES)  ## the exhaustive walks and killed processes, which `make test` leaves out
	@$(BIN)/python -m tests.needs --install
	@$(PYTEST) -m long $(ARGS)

coverage: $(DEV_STAMP) $(CATALOGUES)  ## all tests, measured: which lines none of them runs; takes twice as long
	@$(BIN)/python -m tests.needs --install
	@$(PYTEST) --cov=hotline --cov=workers $(ARGS)

check: $(DEV_STAMP)  ## format, lint, types, imports, catalogues
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hotline catalogues --check

format: $(DEV_STAMP)  ## format the code and mend what can be mended by itself
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(DEV_STAMP) $(CATALOGUES)  ## the benchmarks, printed as ratios
	@$(BIN)/python -m tests.needs --install
	@$(BIN)/python -m tests.bench $(ARGS)

model: $(DEV_STAMP)  ## make the second readers of flows/examples, and print how well they read; takes three minutes
	@$(BIN)/python -m tests.model

lock:  ## write the lock files anew from pyproject.toml (needs uv, which nothing else does); ARGS=--upgrade
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --no-emit-index-url --quiet $(ARGS) --output-file requirements.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --no-emit-index-url --quiet $(ARGS) --output-file requirements-dev.txt

clean:  ## remove the environment and the caches; var/ with its data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

# $(1): requirements file, $(2): stamps that it replaces
define install
	@python=; for candidate in $(PYTHON); do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo 'Python 3.11 or newer is needed, and none was found (PYTHON=/path/to/python make …)' >&2; exit 1; fi; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		$$python -m venv --clear .venv || { echo "$$python cannot make a virtual environment; Debian has that in the package python3-venv" >&2; exit 1; }; \
	fi
	@echo 'Installing what $(1) locks (a minute or two the first time) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f $(2)
	@touch $@
endef

$(RUN_STAMP):
	$(call install,requirements.txt,.venv/.run-*)

$(DEV_STAMP):
	$(call install,requirements-dev.txt,.venv/.dev-*)
	@touch $(RUN_STAMP)  # what `make run` needs is part of it

# One thing after the other: the catalogues need the environment that stands before them in each list.
.NOTPARALLEL:
%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
