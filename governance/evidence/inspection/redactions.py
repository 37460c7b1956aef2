"""Signs that parts of a PDF were blacked out. A hint only asks a person to look; it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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

FILLS = ("f", "F", "f*", "B", "B*", "b", "b*")
ENDS = ("n", "S", "s")
COLOURS = ("g", "rg", "k", "sc", "scn")
OPERATORS = " ".join(("re", "m", "l", "q", "Q", "cm", *FILLS, *ENDS, *COLOURS))


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
        return any(map(hides_text, filled_boxes(pikepdf.parse_content_stream(page, OPERATORS))))
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, IndexError):
        return False


def content_streams(page: pikepdf.Page) -> list[pikepdf.Object]:
    """The page's content, always as a list."""
    contents: Any = page.obj.get("/Contents", [])
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def hides_text(box: tuple[float, float]) -> bool:
    """Whether a box of this width and height could cover a word."""
    width, height = box
    return WIDTHS[0] <= width <= WIDTHS[1] and HEIGHTS[0] <= height <= HEIGHTS[1]


@dataclass(slots=True)
class Pen:
    """What a content stream draws with: colour and scale, and the boxes of the path so far."""

    dark: bool = True
    scale_x: float = 1.0
    scale_y: float = 1.0
    boxes: list[tuple[float, float]] = field(default_factory=list)
    corners: list[tuple[float, float]] = field(default_factory=list)

    def close(self) -> None:
        """Make a box of straight lines a box; other shapes hide nothing."""
        across, down = ({corner[side] for corner in self.corners} for side in (0, 1))
        if len(across) == 2 and len(down) == 2:
            self.add(max(across) - min(across), max(down) - min(down))
        self.corners = []

    def add(self, width: float, height: float) -> None:
        """Remember a box in points."""
        self.boxes.append((abs(width) * self.scale_x, abs(height) * self.scale_y))

    def ink(self) -> list[tuple[float, float]]:
        """The boxes that a fill makes black; the path is used up."""
        self.close()
        boxes, self.boxes = self.boxes, []
        return boxes if self.dark else []


def filled_boxes(operations: Sequence[Any]) -> list[tuple[float, float]]:
    """Width and height, in points, of every rectangle filled with (nearly) black."""
    found: list[tuple[float, float]] = []
    pen = Pen()
    stack: list[tuple[bool, float, float]] = []
    for operands, operator in operations:
        verb = str(operator)
        if verb == "q":
            stack.append((pen.dark, pen.scale_x, pen.scale_y))
        elif verb == "Q" and stack:
            pen.dark, pen.scale_x, pen.scale_y = stack.pop()
        elif verb in FILLS:
            found += pen.ink()
        elif verb in ENDS:
            pen.ink()
        else:
            draw(pen, verb, operands)
    return found


def draw(pen: Pen, verb: str, operands: Sequence[Any]) -> None:
    """One step of a path, of the scale or of the colour."""
    if verb == "cm":
        pen.scale_x, pen.scale_y = pen.scale_x * abs(float(operands[0])), pen.scale_y * abs(float(operands[3]))
    elif verb in COLOURS:
        pen.dark = is_dark(operands)
    elif verb == "re":
        pen.add(float(operands[2]), float(operands[3]))
    elif verb in ("m", "l"):
        if verb == "m":
            pen.close()
        pen.corners.append((round(float(operands[0]), 1), round(float(operands[1]), 1)))


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
