"""Parts of the benchmark of media delivery."""
