"""What the benchmark of live streams is made of."""
