"""Fixtures that every test may ask for: real servers (``tests/servers.py``)."""

pytest_plugins = ["tests.servers"]
