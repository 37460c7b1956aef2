"""Pages drawn as pictures, kept on the machine that drew them as long as somebody looks at them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

#: Seconds after which a picture nobody looked at is removed; it is drawn again when it is asked for.
KEPT_SECONDS = 7 * 24 * 60 * 60


def place_of(digest: str, page: int, width: int) -> Path:
    """Where the picture of one page lies, or would lie."""
    return Path(settings.EVIDENCE_PICTURES) / digest[:2] / digest / f"{page}-{width}.png"


def is_kept(picture: Path) -> bool:
    """Whether the picture is there; if so it counts as looked at now."""
    try:
        os.utime(picture)
    except FileNotFoundError:
        return False
    return True


def clear_pictures() -> int:
    """Remove pictures nobody looked at for a week, and folders empty for as long; gives how many pictures went.

    A picture that vanishes meanwhile, or a folder in which one is being put, is left to the next time.
    """
    before, cleared = time.time() - KEPT_SECONDS, 0
    for path in _deepest_first(Path(settings.EVIDENCE_PICTURES)):
        try:
            if path.lstat().st_mtime >= before:
                continue
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
                cleared += 1
        except OSError:
            continue
    return cleared


def _deepest_first(root: Path) -> Iterator[Path]:
    return iter(sorted(root.rglob("*"), key=lambda path: len(path.parts), reverse=True))
