"""What a reviewer changed, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.safestring import SafeString

from reviews.text import reveal

TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
#: Beyond this many words, the old and the new stand beside each other whole.
MOST_TOKENS = 1500


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch that stayed (``same``), was taken out (``old``), or put in (``new``)."""

    how: str
    html: SafeString


def changes(before: str, after: str) -> list[Change]:
    """The way from one text to the other; equal texts give one stretch."""
    if before == after:
        return [Change("same", reveal(before))]
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    if len(old) + len(new) > MOST_TOKENS:
        return [Change("old", reveal(before)), Change("new", reveal(after))]
    found: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Change("same", reveal("".join(old[a:b]))))
            continue
        if a < b:
            found.append(Change("old", reveal("".join(old[a:b]))))
        if c < d:
            found.append(Change("new", reveal("".join(new[c:d]))))
    return found
