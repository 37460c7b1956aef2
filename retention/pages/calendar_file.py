"""The calendar as a file for other calendars: iCalendar (RFC 5545), whole days, nothing personal but names of holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from retention.queries.calendar import Day

#: A line holds at most so many octets, its line break not counted (RFC 5545, 3.1).
OCTETS = 75


def calendar_file(days: Iterable[Day]) -> bytes:
    """The days as one VCALENDAR; lines folded and ended as the RFC wants them."""
    stamp = timezone.now().astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Countersign//Retention//EN", "CALSCALE:GREGORIAN"]
    for day in days:
        lines += _event(day, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _event(day: Day, stamp: str) -> list[str]:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    after = day.on + dt.timedelta(days=1)
    return [
        "BEGIN:VEVENT",
        f"UID:{day.uid}@{host}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        f"SUMMARY:{escaped(f'{day.title}: {day.word}')}",
        f"DESCRIPTION:{escaped(day.note)}",
        f"URL:{settings.PUBLIC_URL}{day.url}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """Text as a property's value (RFC 5545, 3.3.11); line breaks of every kind become ``backslash n``."""
    text = "\n".join(text.splitlines())
    for mark, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(mark, instead)
    return "".join(letter for letter in text if letter >= " " and letter != "\x7f")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never through a letter; those that go on begin with a space."""
    piece, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > OCTETS:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    yield piece
