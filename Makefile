# Two commands matter: `make run` and `make test`. Each target is a line or two; scripts/ holds the rest.
PYTHON ?= python3
VENV := .venv/bin/python

.PHONY: run test lint bench lock clean

run:
	@$(PYTHON) scripts/bootstrap.py local
	@$(VENV) manage.py up
