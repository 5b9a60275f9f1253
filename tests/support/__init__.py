"""Helpers and fixtures for all tests. The root `conftest.py` loads the modules that hold fixtures."""
