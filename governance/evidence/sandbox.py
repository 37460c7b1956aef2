"""Asks the child process, and is not harmed by what becomes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from governance.evidence.inspection.refusal import RefusedFile

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60

#: Reading hostile files is heavy: so many at a time in one process, the others wait their turn.
TURNS = threading.BoundedSemaphore(max(2, (os.cpu_count() or 2)))


class SandboxError(Exception):
    """The child was killed, timed out or made no sense: nothing is known about the file."""


def ask(verb: str, **question: Any) -> dict[str, Any]:
    """Facts from ``inspect``, ``examine`` or ``picture``; raises :class:`RefusedFile` or :class:`SandboxError`."""
    command = [sys.executable, "-s", "-m", "governance.evidence.inspection.child", verb, json.dumps(question)]
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    with TURNS:
        try:
            done = subprocess.run(  # noqa: S603 (our own interpreter, no shell)
                command, capture_output=True, timeout=SECONDS, cwd=ROOT, env=environment, check=False
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            raise SandboxError(type(error).__name__) from None
    return understood(done.returncode, done.stdout)


def understood(code: int, output: bytes) -> dict[str, Any]:
    """The child's answer, or why there is none."""
    try:
        answer = json.loads(output)
    except ValueError:
        raise SandboxError(f"exit {code}") from None
    if "refused" in answer:
        raise RefusedFile(answer["refused"], **answer["why"])
    facts: dict[str, Any] = answer["facts"]
    return facts
