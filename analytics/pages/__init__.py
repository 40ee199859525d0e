"""What the pages of figures show: one frozen dataclass per template, complete before rendering begins."""
