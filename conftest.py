"""For every test: real servers (``tests/servers.py``) and the browser (``tests/chromium.py``)."""

pytest_plugins = ["tests.servers", "tests.chromium"]
