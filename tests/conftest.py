"""Fixtures that every layer uses; people are roles."""
