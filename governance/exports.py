"""Lists taken away as CSV or XLSX, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tablib
from django.http import HttpResponse
from django.utils import timezone

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

#: What makes a spreadsheet read a cell as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def neutralised(value: Any) -> Any:
    """The value with a leading apostrophe where a spreadsheet would take it for a formula."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return (
        f"'{text}"
        if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS)
        else text
    )


def download(name: str, form: str, headings: list[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A file of ``rows`` in the form ``csv`` or ``xlsx``, every cell neutralised."""
    table = tablib.Dataset(headers=[neutralised(str(heading)) for heading in headings], title=name[:31])
    for row in rows:
        table.append([neutralised(str(cell) if cell is not None else "") for cell in row])
    body = table.export(form)
    content = body.encode("utf-8-sig") if isinstance(body, str) else body
    response = HttpResponse(content, content_type=TYPES[form])
    stamp = timezone.now().strftime("%Y-%m-%d")
    response["Content-Disposition"] = f'attachment; filename="{name}-{stamp}.{form}"'
    return response
