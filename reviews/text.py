"""AI text and source text, shown inert (I82): no markup, no links, and what hides in it made visible.

:func:`reveal` gives HTML that holds nothing but text, ``<span>`` and ``<mark>``. Characters that cannot be seen, that
turn the direction of reading, that drive a terminal or that look like others become marks with their names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.lookalikes import disguise, foreign_letters

ANSI = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
TAGS = r"[\U000e0000-\U000e007f]+"
SELECTORS = r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
#: More than three marks on one letter are stacked to hide its neighbours.
STACKED = r"(?<=[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"  # noqa: E501
WORD = r"[^\W_]+"
SPECIAL = re.compile(f"({ANSI})|({TAGS})|({SELECTORS})|({STACKED})|({WORD})|(\\r\\n)|(.)", re.DOTALL)
#: Nothing but printable ASCII and line ends: nothing to look for.
PLAIN = re.compile(r"[\t\n\x20-\x7e]*")
#: Letters, spaces and signs that look like nothing, or like a plain space.
BLANK = frozenset(
    chr(code)
    for code in (
        *(0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x1680, *range(0x180B, 0x1810), *range(0x2000, 0x200B)),
        *(0x2028, 0x2029, 0x205F, 0x2800, 0x3000, 0x3164, 0xFFA0, 0xFFFC),
    )
)
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

NAMES = {
    "\u200b": gettext_lazy("zero width space"),
    "\u200c": gettext_lazy("zero width non-joiner"),
    "\u200d": gettext_lazy("zero width joiner"),
    "\u00ad": gettext_lazy("soft hyphen"),
    "\ufeff": gettext_lazy("byte order mark"),
    "\u2060": gettext_lazy("word joiner"),
    "\u202a": gettext_lazy("left-to-right embedding"),
    "\u202b": gettext_lazy("right-to-left embedding"),
    "\u202c": gettext_lazy("end of embedding"),
    "\u202d": gettext_lazy("left-to-right override"),
    "\u202e": gettext_lazy("right-to-left override"),
    "\u2066": gettext_lazy("left-to-right isolate"),
    "\u2067": gettext_lazy("right-to-left isolate"),
    "\u2068": gettext_lazy("first strong isolate"),
    "\u2069": gettext_lazy("end of isolate"),
    "\u200e": gettext_lazy("left-to-right mark"),
    "\u200f": gettext_lazy("right-to-left mark"),
    "\u061c": gettext_lazy("Arabic letter mark"),
    "\r": gettext_lazy("carriage return"),
    "\x00": gettext_lazy("null"),
    "\x08": gettext_lazy("backspace"),
    "\x1b": gettext_lazy("escape"),
    "\x7f": gettext_lazy("delete"),
    "\x07": gettext_lazy("bell"),
    "\x0b": gettext_lazy("vertical tab"),
    "\x0c": gettext_lazy("form feed"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text from ``start`` to ``end``: plain (``name`` empty), or something to be named."""

    start: int
    end: int
    text: str
    name: str = ""
    detail: str = ""

    @property
    def html(self) -> SafeString:
        """The piece, inert."""
        if not self.name:
            return conditional_escape(self.text)
        if self.text:
            return format_html('<span class="reveal__letter" title="{}">{}</span>', self.detail, self.text)
        return format_html('<span class="reveal" title="{}">{}</span>', self.detail, self.name)


def pieces(text: str) -> Iterator[Piece]:
    """The text in order: plain stretches, and what is named. Their spans cover it without gaps."""
    if PLAIN.fullmatch(text):
        yield from [Piece(0, len(text), text)] if text else []
        return
    foreign = foreign_letters(text)
    plain_from, at = 0, 0
    for match in SPECIAL.finditer(text):
        found = list(named(match, foreign))
        if found:
            if plain_from < match.start():
                yield Piece(plain_from, match.start(), text[plain_from : match.start()])
            yield from found
            plain_from = match.end()
        at = match.end()
    if plain_from < at:
        yield Piece(plain_from, at, text[plain_from:at])


def named(match: re.Match[str], foreign: Mapping[int, str]) -> Iterator[Piece]:
    """What is to be named in one stretch; nothing for a plain one."""
    start, end, found = match.start(), match.end(), match[0]
    if match[1]:
        yield Piece(start, end, "", _("terminal code"), codes_of(found))
    elif match[2]:
        said = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) < 0xE007F else "?" for c in found)
        yield Piece(start, end, "", _("hidden tag text: “%(said)s”") % {"said": said[:200]}, codes_of(found))
    elif match[3]:
        yield Piece(start, end, "", times(_("variation selector"), len(found)), codes_of(found))
    elif match[4]:
        yield Piece(start, end, "", times(_("stacked mark"), len(found)), codes_of(found))
    elif match[5]:
        yield from letters(start, found, foreign)
    elif match[7] and is_hidden(found):
        yield Piece(start, end, "", name_of(found), codes_of(found))
    elif match[7] and (name := disguise(found)):
        yield Piece(start, end, found, name, codes_of(found))


def letters(start: int, word: str, foreign: Mapping[int, str]) -> Iterator[Piece]:
    """A word with letters of another script in it, or with signs that cannot be seen."""
    marked = [at for at in range(start, start + len(word)) if at in foreign or is_hidden(word[at - start])]
    plain_from = start
    for at in marked:
        if plain_from < at:
            yield Piece(plain_from, at, word[plain_from - start : at - start])
        sign = word[at - start]
        if at in foreign:
            yield Piece(at, at + 1, sign, foreign[at], codes_of(sign))
        else:
            yield Piece(at, at + 1, "", name_of(sign), codes_of(sign))
        plain_from = at + 1
    if marked and plain_from < start + len(word):
        yield Piece(plain_from, start + len(word), word[plain_from - start :])
    yield from (
        Piece(start + len(word), start + len(word), "", script)
        for script in sorted({foreign[at] for at in marked if at in foreign})
    )


def is_hidden(sign: str) -> bool:
    """Whether nobody can see the sign, or see that it is not a plain space."""
    return sign not in "\n\t" and (sign in BLANK or unicodedata.category(sign) in UNSEEN)


def name_of(sign: str) -> str:
    """The sign's name in words; its number where it has none."""
    return str(NAMES.get(sign) or unicodedata.name(sign, "").lower() or code_of(sign))


def code_of(sign: str) -> str:
    """``U+202E``."""
    return f"U+{ord(sign):04X}"


def codes_of(signs: str) -> str:
    """The numbers of the signs, with the name when there is one only."""
    if len(signs) == 1:
        return f"{code_of(signs)} {unicodedata.name(signs, '')}".strip()
    return " ".join(code_of(sign) for sign in signs[:40]) + (" …" if len(signs) > 40 else "")


def times(name: str, count: int) -> str:
    """``variation selector × 3``."""
    return name if count == 1 else f"{name} × {count}"


def collapsed(found: Iterator[Piece]) -> Iterator[Piece]:
    """The same hidden sign many times over becomes one mark with a count."""
    held: list[Piece] = []
    for piece in found:
        same = held and piece.name and not piece.text and piece.end > piece.start and piece.name == held[0].name
        if held and not same:
            yield joined(held)
            held = []
        if piece.name and not piece.text and piece.end > piece.start:
            held.append(piece)
        else:
            yield piece
    if held:
        yield joined(held)


def joined(run: Sequence[Piece]) -> Piece:
    """One piece for a run of equal ones."""
    return Piece(run[0].start, run[-1].end, "", times(run[0].name, len(run)), run[0].detail)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``starts`` to ``ends`` of a text that citation number ``cite`` stands behind."""

    starts: int
    ends: int
    cite: int


def reveal(text: str, spans: Sequence[Span] = ()) -> SafeString:
    """The text as safe HTML: escaped, everything hidden named; what ``spans`` cover is marked with their numbers."""
    found = list(collapsed(pieces(str(text))))
    if not spans:
        return mark_safe("".join(piece.html for piece in found))  # noqa: S308 every piece escapes itself
    cuts = sorted({0, len(text), *(edge for span in spans for edge in (span.starts, span.ends))})
    parts = [stretch(found, low, high, spans) for low, high in pairwise(cuts)]
    return format_html_join("", "{}", ((part,) for part in parts))


def stretch(found: Sequence[Piece], low: int, high: int, spans: Sequence[Span]) -> SafeString:
    """The text from ``low`` to ``high``, in a mark when citations stand behind it."""
    inner = mark_safe("".join(cut(piece, low, high) for piece in found))  # noqa: S308 every piece escapes itself
    behind = [span for span in spans if span.starts <= low and high <= span.ends and span.starts < span.ends]
    if not behind:
        return inner
    numbers = " ".join(str(span.cite) for span in behind)
    ends = [span for span in behind if span.ends == high]
    feet = format_html_join(
        "", '<a class="claim__cite" href="#source-{0}" data-cites="{0}">{0}</a>', ((one.cite,) for one in ends)
    )
    return format_html('<mark class="claim" data-cites="{}">{}</mark>{}', numbers, inner, feet)


def cut(piece: Piece, low: int, high: int) -> str:
    """What of a piece lies between ``low`` and ``high``; a named one belongs where it begins."""
    if piece.name:
        begins = piece.start if piece.end > piece.start else piece.start - 1
        return piece.html if low <= begins < high else ""
    start, end = max(piece.start, low), min(piece.end, high)
    return escape(piece.text[start - piece.start : end - piece.start]) if start < end else ""


def hidden_in(text: str) -> list[str]:
    """The names of what hides in the text, each once, in order."""
    return list(dict.fromkeys(piece.name for piece in pieces(str(text)) if piece.name))
