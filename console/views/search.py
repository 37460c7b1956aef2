"""One search over everything a person may see."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.http import page
from governance.search import search as find


@require_safe
@page()
def search(request: Any) -> HttpResponse:
    """Hits grouped by kind: a page, or only the hits for the dialog that ``/`` and Ctrl-K open."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    hits = sorted(find(request.actor, words), key=lambda hit: str(hit.kind))
    context = {
        "words": words,
        "groups": [(kind, list(found)) for kind, found in groupby(hits, key=lambda hit: str(hit.kind))],
        "count": len(hits),
    }
    return render(request, "console/_hits.html" if request.htmx else "console/search.html", context)
