"""A catalogue of 10,000 films and 50,000 people, the same every time, for benchmarks to run against."""
