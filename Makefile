# Two commands matter: `make run` and `make test`. Each target is a line or two; scripts/ holds the rest.
PYTHON ?= python3
VENV := .venv/bin/python
# How many test processes; each has its own database.
JOBS ?= auto
# How many processes drive a browser, each with a portal of its own; 0 is pytest itself. More than one is for trying things:
# tests that measure how soon something is seen want the machine to themselves.
BROWSERS ?= 0

.PHONY: run test lint bench lock messages ready-to-run ready-to-test

run: ready-to-run
	@exec $(VENV) manage.py up

test: ready-to-test
	$(VENV) -m pytest -n $(JOBS) --dist loadfile -m "not e2e"
	$(VENV) -m pytest -n $(BROWSERS) --dist loadfile -m e2e -p no:randomly tests/e2e

lint: ready-to-test
	scripts/lint

bench: ready-to-test
	$(VENV) -m benchmarks

# Pin again after a change to requirements/*.in.
lock: ready-to-test
	scripts/lock

# Collect new texts for translation.
messages: ready-to-test
	$(VENV) scripts/messages.py update

ready-to-run:
	@$(PYTHON) scripts/bootstrap.py local

ready-to-test:
	@$(PYTHON) scripts/bootstrap.py dev
	@scripts/system-packages
