"""One script for each claim about speed or size; `make bench` runs them all."""
