"""Signs that parts of a PDF were blacked out. A hint only asks a person to look; it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from governance.evidence.inspection.pdf import annotation_hints, open_pdf

MAX_LOOKED_AT = 400
MAX_STREAM = 4 * 1024 * 1024
WORDS = re.compile(r"\[\s*redacted\s*\]|\bredacted\b|\bwithheld\b|[█■▇]{3,}", re.IGNORECASE)

#: A black box is a hint when it is as wide as a word and as high as a line or a paragraph (points).
WIDTHS = (18.0, 560.0)
HEIGHTS = (6.0, 400.0)
DARK = 0.08


def examine_pdf(path: Path) -> dict[str, Any]:
    """All hints with their page numbers: marks, black boxes, and words that say so."""
    with open_pdf(path) as pdf:
        hints = annotation_hints(pdf)
        for number, page in enumerate(pdf.pages, 1):
            if number <= MAX_LOOKED_AT and has_black_box(page):
                hints.append({"page": number, "what": "black_box"})
    hints += word_hints(path)
    return {"hints": sorted(hints, key=lambda hint: (hint["page"], hint["what"]))}


def has_black_box(page: pikepdf.Page) -> bool:
    """Whether the page fills a black rectangle of a word's size or more."""
    try:
        if sum(int(stream.get("/Length", 0)) for stream in content_streams(page)) > MAX_STREAM:
            return False
        return any(
            map(
                hides_text,
                filled_boxes(pikepdf.parse_content_stream(page, "re f F f* B B* b b* q Q cm g rg k sc scn cs")),
            )
        )
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, IndexError):
        return False


def content_streams(page: pikepdf.Page) -> list[pikepdf.Object]:
    """The page's content, always as a list."""
    contents = page.obj.get("/Contents", [])
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def hides_text(box: tuple[float, float]) -> bool:
    """Whether a box of this width and height could cover a word."""
    width, height = box
    return WIDTHS[0] <= width <= WIDTHS[1] and HEIGHTS[0] <= height <= HEIGHTS[1]


def filled_boxes(operations: Sequence[Any]) -> list[tuple[float, float]]:
    """Width and height, in points, of every rectangle filled with (nearly) black."""
    found: list[tuple[float, float]] = []
    pending: list[tuple[float, float]] = []
    dark, scale_x, scale_y = True, 1.0, 1.0
    stack: list[tuple[bool, float, float]] = []
    for operands, operator in operations:
        verb = str(operator)
        if verb == "q":
            stack.append((dark, scale_x, scale_y))
        elif verb == "Q" and stack:
            dark, scale_x, scale_y = stack.pop()
        elif verb == "cm":
            scale_x, scale_y = scale_x * abs(float(operands[0])), scale_y * abs(float(operands[3]))
        elif verb in ("g", "rg", "k", "sc", "scn"):
            dark = is_dark(operands)
        elif verb == "re":
            pending.append((abs(float(operands[2])) * scale_x, abs(float(operands[3])) * scale_y))
        elif verb in ("f", "F", "f*", "B", "B*", "b", "b*"):
            found += pending if dark else []
            pending = []
    return found


def is_dark(operands: Sequence[Any]) -> bool:
    """Whether a fill colour (grey, RGB or CMYK) is nearly black."""
    values = [float(value) for value in operands if not isinstance(value, pikepdf.Name)]
    if len(values) == 4:
        return values[3] > 1 - DARK
    return bool(values) and max(values) < DARK


def word_hints(path: Path) -> list[dict[str, Any]]:
    """Pages whose text says that something was taken out."""
    hints = []
    document = pypdfium2.PdfDocument(path)
    try:
        for number in range(min(len(document), MAX_LOOKED_AT)):
            text = document[number].get_textpage().get_text_bounded()
            if WORDS.search(text):
                hints.append({"page": number + 1, "what": "words"})
    except pypdfium2.PdfiumError:
        return hints
    finally:
        document.close()
    return hints
