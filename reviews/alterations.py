"""How a sound draft is made wrong on purpose: another side, asset, number or source, the same all through the draft.

Everything here is a function of a draft; which of the possible errors is made is drawn in ``services/seeding.py``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from reviews.services.intake import ASSET_NAME, Cited, Draft
from reviews.vocabulary import SeedChange

Choose = Callable[[list[str]], str]

#: Words that stand against each other. A draft is altered only where it speaks of one side.
FAMILIES: tuple[dict[str, str], ...] = (
    {"left": "right", "l/h": "r/h", "lh": "rh", "l/s": "r/s", "lhs": "rhs", "left-hand": "right-hand"},
    {"front": "rear"},
    {"upper": "lower"},
    {"inner": "outer"},
    {"inboard": "outboard"},
)
#: A number that means something: with a unit after it.
UNITS = (
    r"(?:n[·.\- ]?m|nm|mm|cm|bar|kpa|mpa|psi|°c|kg|litres?|l|hours?|hrs?|h|minutes|min|days?|weeks?|pcs|pieces|off|x|%)"
)
MEASURE = re.compile(rf"(?<![\w./:-])(\d{{1,6}}(?:[.,]\d{{1,3}})?)(?=\s?{UNITS}(?![\w]))", re.IGNORECASE)
BARE = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
COUNTED = re.compile(
    r"torque|quantity|qty|hours|count|pressure|amount|length|volume|litres|temperature|days", re.IGNORECASE
)
DATE = re.compile(r"(?<![\w-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?![\w-])")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One error: the draft that has it, in which parts (``title``, ``text``, names of fields), and what was there."""

    change: SeedChange
    draft: Draft
    parts: tuple[str, ...]
    before: str
    after: str


def sides(draft: Draft) -> Iterator[Alteration]:
    """The other side: left for right, L/H for R/H, front for rear, upper for lower, inner for outer."""
    words = "\n".join(value for _part, value in parts_of(draft))
    for family in FAMILIES:
        turned = {other: one for one, other in family.items()}
        for mapping, opposite in ((family, turned), (turned, family)):
            if any_of(mapping).search(words) and not any_of(opposite).search(words):
                yield from altered(draft, SeedChange.SIDE, any_of(mapping), partial(across, mapping))


def assets(draft: Draft, others: Iterable[str]) -> Iterator[Alteration]:
    """Another asset of the queue, wherever the draft names its own."""
    own = next((one["value"] for one in draft.fields if ASSET_NAME.search(one["name"])), "").strip()
    for other in others:
        if own and other.strip().lower() != own.lower():
            pattern = re.compile(rf"(?<!\w){re.escape(own)}(?!\w)", re.IGNORECASE)
            yield from altered(draft, SeedChange.ASSET, pattern, always(other))


def numbers(draft: Draft, choose: Choose) -> Iterator[Alteration]:
    """Another torque, quantity or date, the same wherever the draft gives it."""
    for found in sorted({match.group(0) for _part, value in parts_of(draft) for match in DATE.finditer(value)}):
        if days := other_days(found):
            pattern = re.compile(rf"(?<![\w-]){re.escape(found)}(?![\w-])")
            yield from altered(draft, SeedChange.NUMBER, pattern, always(choose(days)))
    for found in sorted(set(measures(draft))):
        pattern = re.compile(rf"(?<![\w./:-]){re.escape(found)}(?![\w./:-]*\d)")
        yield from altered(draft, SeedChange.NUMBER, pattern, always(choose(other_numbers(found))))


def citations(draft: Draft, others: Iterable[Cited]) -> Iterator[Alteration]:
    """One citation points at another record, and quotes that."""
    for other in others:
        for index, own in enumerate(draft.citations):
            if other.record in {one.record for one in draft.citations}:
                continue
            swapped = replace(other, field=own.field, starts=own.starts, ends=own.ends)
            cited = [*draft.citations[:index], swapped, *draft.citations[index + 1 :]]
            yield Alteration(SeedChange.CITATION, replace(draft, citations=cited), (), own.record, other.record)


def parts_of(draft: Draft) -> list[tuple[str, str]]:
    """Names and values of everything a reader reads."""
    return [("title", draft.title), *((one["name"], one["value"]) for one in draft.fields), ("text", draft.text)]


def altered(
    draft: Draft, change: SeedChange, pattern: re.Pattern[str], new: Callable[[str], str]
) -> Iterator[Alteration]:
    """The draft with every match replaced, its citations still pointing at the same words; nothing if none matches."""
    found = [(part, match.group(0)) for part, value in parts_of(draft) if (match := pattern.search(value))]
    if not found or new(found[0][1]) == found[0][1]:
        return
    title, text = (pattern.sub(lambda m: new(m.group(0)), value) for value in (draft.title, draft.text))
    fields = [{**one, "value": pattern.sub(lambda m: new(m.group(0)), one["value"])} for one in draft.fields]
    values = dict(parts_of(draft))
    cited = [moved(one, values.get(one.field or "text", ""), pattern, new) for one in draft.citations]
    wrong = replace(draft, title=title[:200], text=text, fields=fields, citations=cited)
    yield Alteration(change, wrong, tuple(part for part, _old in found), found[0][1], new(found[0][1]))


def moved(cited: Cited, value: str, pattern: re.Pattern[str], new: Callable[[str], str]) -> Cited:
    """The citation with its range where the same words are after the replacement."""
    starts, ends = cited.starts, cited.ends
    for match in pattern.finditer(value):
        grown = len(new(match.group(0))) - len(match.group(0))
        starts += grown if match.end() <= cited.starts else 0
        ends += grown if match.start() < cited.ends else 0
    return replace(cited, starts=starts, ends=ends)


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, whole; a verb ("lower the boom") at the start of a sentence is none of them."""
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w/-])(?:{either})(?![\w/]| the\b| away\b| now\b)", re.IGNORECASE)


def always(new: str) -> Callable[[str], str]:
    """The same for every match."""
    return lambda _old: new


def across(mapping: dict[str, str], old: str) -> str:
    """The word on the other side, in the case of ``old``."""
    return like(old, mapping[old.lower()])


def like(old: str, new: str) -> str:
    """``new`` in the case of ``old``."""
    if old.isupper():
        return new.upper()
    return new.capitalize() if old[0].isupper() else new


def measures(draft: Draft) -> Iterator[str]:
    """Numbers that mean something: with a unit, or alone in a field that is named for one."""
    for part, value in parts_of(draft):
        yield from (match.group(1) for match in MEASURE.finditer(value))
        if COUNTED.search(part) and BARE.fullmatch(value.strip()):
            yield value.strip()


def other_numbers(found: str) -> list[str]:
    """Numbers that one may take for ``found``: two digits exchanged, a fifth more or less, one more."""
    mark = "," if "," in found else "."
    places = len(found.partition(mark)[2])
    value = float(found.replace(",", "."))
    swapped = [
        found[:at] + found[at + 1] + found[at] + found[at + 2 :]
        for at in range(len(found) - 1)
        if found[at : at + 2].isdigit() and found[at] != found[at + 1] and (at or found[1] != "0")
    ]
    near = [value * 1.2, value * 0.8, value + 1] if value > 4 else [value + 1, value * 2 or 2.0]
    spelled = [f"{one:.{places}f}".replace(".", mark) for one in near]
    return sorted({one for one in (*swapped, *spelled) if one != found})


def other_days(found: str) -> list[str]:
    """Days near ``found`` (ISO); none where that is no day."""
    try:
        day = dt.date.fromisoformat(found)
    except ValueError:
        return []
    return [(day + dt.timedelta(days=shift)).isoformat() for shift in (-28, -14, -7, -3, -1, 1, 2, 7, 14, 28)]
