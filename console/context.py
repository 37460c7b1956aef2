"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Demo banner and the actor."""
    return {"demo_mode": settings.DEMO, "actor": getattr(request, "actor", None)}
