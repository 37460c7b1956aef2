"""Why a file may not come in: a stable code and small facts; ``governance.evidence.wording`` has the words."""

from __future__ import annotations


class RefusedFile(Exception):
    """A file that may not come in. ``facts`` fill the message's places; they are numbers or short names."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
