"""Films to be packaged, and what it takes to package them, for `benchmarks.packaging`."""
