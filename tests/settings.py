"""Settings for the tests: the console's own, in a place of their own, whatever ``.env`` says."""

from __future__ import annotations

import os
import tempfile

os.environ["ENV_FILE"] = ""
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="countersign-test-"))
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["API_CALLS_PER_MINUTE"] = "0"  # made-up requests come faster; the tests of the limit set it

from console.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; passwords of tests need no protection

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as people have it: threads of a live server get connections of their own and wait for one another. A
    # database in memory shares one cache between them, where a lock is an error at once.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["VAR_DIR"], "test.sqlite3")}  # noqa: F405, PTH118
