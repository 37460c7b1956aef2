"""The console's addresses and one that fails in every way, to look at the pages that say so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from auditlog.errors import StateError
from console import urls
from governance.http import page


@page()
def refused(request: HttpRequest) -> HttpResponse:
    """A service that says no."""
    raise StateError("This was decided while you read it.")


def failing(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one failure."""
    return render(None, f"{code}.html")


urlpatterns = [path("failing/refused/", refused), path("failing/<str:code>/", failing), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500
