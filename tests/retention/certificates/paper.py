"""What lay in the folder, and what a printed certificate says."""

from __future__ import annotations

from typing import Any

import pypdfium2

NAMES = [f"acme/contracts/{n:03}.pdf" for n in range(60)]


def printed_text(pdf: Any) -> str:
    """The words on its pages."""
    document = pypdfium2.PdfDocument(bytes(pdf))
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)
