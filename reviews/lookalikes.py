"""Letters that look like others: mixed scripts within a word, and words spelled with another script's letters."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

WORD = re.compile(r"[^\W_]+(?:[\u200b-\u200f\u2060\ufeff\u00ad]+[^\W_]+)*")

#: Cyrillic, Greek, Armenian and Cherokee letters that an eye takes for Latin ones or digits.
TWINS = frozenset("АВЕЅІЈКМНОРСТУХҮЗаеорсухѕіјһԁԛԝӏѵгпкмтвнЬьбҽοΟαΑΒΕΖΗΙΚΜΝΡΤΥΧνρικυτωϲϳօսոՏԼՕցհԁᎪᎬᎻᏀᏃᏆᎢᏢᎡᏚᎳᎷ")
#: Greek letters that stand before or after Latin ones in units and formulas, as they should.
IN_UNITS = frozenset("μΩωΔδπΠΣσαβγθλφΦηετ")


def foreign_letters(text: str) -> dict[int, str]:
    """Where letters stand that look like others, with what to call them.

    A letter of another script in a word of Latin ones; a word that is all look-alikes in a text that is
    otherwise Latin; a letter or digit in fancy dress (fullwidth, mathematical); a digit of another script.
    """
    if not any(script_of(sign) == "LATIN" for sign in text):
        return {at: name for at, sign in enumerate(text) if (name := disguise(sign)) and not sign.isdigit()}
    others = sum(script_of(sign) in ("CYRILLIC", "GREEK") and sign not in TWINS for sign in text)
    found: dict[int, str] = {}
    for match in WORD.finditer(text):
        found |= in_word(match.start(), match[0], alone=others == 0)
    return found


def in_word(start: int, word: str, *, alone: bool) -> dict[int, str]:
    """Letters of one word; ``alone``: nothing else in the text is written in another script."""
    scripts = {script_of(sign) for sign in word} - {""}
    found = {start + at: name for at, sign in enumerate(word) if (name := disguise(sign))}
    if "LATIN" in scripts and len(scripts) > 1:
        short = len(word) <= 3
        found |= {
            start + at: call(sign)
            for at, sign in enumerate(word)
            if script_of(sign) not in ("", "LATIN") and not (short and sign in IN_UNITS)
        }
    elif scripts and "LATIN" not in scripts and alone and len(word) > 1 and all(
        sign in TWINS or not script_of(sign) for sign in word
    ):  # fmt: skip
        found |= {start + at: call(sign) for at, sign in enumerate(word) if script_of(sign)}
    return found


def script_of(sign: str) -> str:
    """``LATIN``, ``CYRILLIC``…: the first word of a letter's name; empty for what is no letter of a script."""
    if sign.isascii():
        return "LATIN" if sign.isalpha() else ""
    if not sign.isalpha() or unicodedata.category(sign) in ("Lm", "Lo"):
        return ""
    first = unicodedata.name(sign, "").split(" ", 1)[0]
    return first if first in ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC") else ""


def disguise(sign: str) -> str:
    """What a letter or digit in fancy dress is to be called; empty for a plain one."""
    if sign.isascii():
        return ""
    if unicodedata.category(sign) == "Nd":
        return _("another script's digit")
    plain = unicodedata.normalize("NFKC", sign)
    dressed = "MATHEMATICAL" in (name := unicodedata.name(sign, "")) or "FULLWIDTH" in name or "CIRCLED" in name
    return _("look-alike of “%(plain)s”") % {"plain": plain} if dressed and plain.isascii() and plain.isalnum() else ""


def call(sign: str) -> str:
    """``Cyrillic letter``."""
    return _("%(script)s letter") % {"script": script_of(sign).capitalize()}
