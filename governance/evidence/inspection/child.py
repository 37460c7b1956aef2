"""The child process that reads hostile bytes: one question in, one JSON answer out, within limits.

``python -m governance.evidence.inspection.child VERB JSON``; started by ``governance.evidence.sandbox``.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from governance.evidence.inspection import entry, picturing
from governance.evidence.inspection.refusal import RefusedFile

MEGABYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_AS: 1500 * MEGABYTE,
    resource.RLIMIT_CPU: 40,
    resource.RLIMIT_FSIZE: 400 * MEGABYTE,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_CORE: 0,
}


def answer(verb: str, question: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    path = Path(question["path"])
    try:
        if verb == "inspect":
            return {"facts": entry.inspect(path, question["name"])}
        if verb == "examine":
            return {"facts": entry.examine(path, question["media_type"])}
        shown = question["media_type"], question["page"], question["width"], Path(question["target"])
        return {"facts": picturing.picture_page(path, *shown)}
    except RefusedFile as refusal:
        return {"refused": refusal.code, "why": refusal.facts}
    except (MemoryError, RecursionError):
        return {"refused": "too_much", "why": {}}


def main() -> None:
    """Set the limits, answer, and leave."""
    for limit, value in LIMITS.items():
        hard = resource.getrlimit(limit)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
    sys.stdout.write(json.dumps(answer(sys.argv[1], json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
