"""A file's name as others may see it: no controls, no tricks with direction, no folders."""

from __future__ import annotations

import re
import unicodedata

from governance.evidence.inspection.types import ENDINGS

LONGEST = 120

#: Names that mean a device on Windows, whatever their ending.
DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def safe_name(name: str, media_type: str = "") -> str:
    """``name`` made safe to show and to save; gets the ending of ``media_type`` when it has none.

    Control and format characters (bidirectional marks among them) go, folders go, what file
    systems dislike becomes ``_``; at most 120 characters, the ending kept.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(
        letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    )
    name = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*%;]', "_", name)).strip().rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ENDINGS.get(media_type, ("",))[0]
    stem = (stem.strip(" .") or "evidence")[: LONGEST - len(ending) - 1]
    whole = f"{stem}.{ending[:12]}" if ending else stem
    return f"_{whole}" if DEVICES.match(whole) else whole
