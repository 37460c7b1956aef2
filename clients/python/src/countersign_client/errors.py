"""What can go wrong."""

from __future__ import annotations

from typing import Any


class ProblemError(Exception):
    """Countersign refused (``application/problem+json``, RFC 9457). Rely on ``code``; ``detail`` is for people.

    ``errors`` names each value at fault; ``problem`` is the whole document, with ``refused_citations`` and the like.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code: str = problem.get("code", "")
        self.detail: str = problem.get("detail", "")
        self.errors: list[dict[str, str]] = problem.get("errors", [])
        super().__init__(f"{status} {self.code}: {self.detail}")


class UnreachableError(Exception):
    """Countersign could not be reached, or answered nothing of use, after all attempts. Fail closed: do not act."""
