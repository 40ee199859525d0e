"""Nova's own PostgreSQL, Redis and processes, for a machine that brings none.

Loading this package imports no Django: `manage.py up`, the tests and the settings all use parts of it.
"""
