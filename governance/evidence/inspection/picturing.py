"""A page as a picture, so that it can be looked at without opening the file."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image

from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.inspection.types import PDF

MAX_HEIGHT = 6000


def picture_page(path: Path, media_type: str, page: int, width: int, target: Path) -> dict[str, int]:
    """Write page ``page`` (from 1), ``width`` pixels wide, as a PNG to ``target``."""
    try:
        picture = pdf_page(path, page, width) if media_type == PDF else photograph(path, width)
        picture.save(target, format="PNG", optimize=False, compress_level=6)
    except (pypdfium2.PdfiumError, OSError, ValueError, IndexError, SyntaxError, Image.DecompressionBombError):
        raise RefusedFile("no_picture", page=page) from None
    return {"width": picture.width, "height": picture.height}


def pdf_page(path: Path, page: int, width: int) -> Image.Image:
    """A PDF page, without its form fields' scripts (there are none) and within bounds."""
    document = pypdfium2.PdfDocument(path)
    shown = document[page - 1]
    across, down = shown.get_size()
    scale = min(width / max(across, 1), MAX_HEIGHT / max(down, 1))
    picture: Image.Image = shown.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    return picture


def photograph(path: Path, width: int) -> Image.Image:
    """An uploaded picture drawn anew: only its pixels survive."""
    with Image.open(path, formats=["PNG", "JPEG"]) as original:
        picture = original.convert("RGB")
    picture.thumbnail((width, MAX_HEIGHT))
    return picture
