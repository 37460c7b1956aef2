"""Whether a certificate is genuine: open to anybody, and silent about everything but the one that is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from allauth.decorators import rate_limit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.http import attempt, status_of
from retention.certificate.enquiry import Answer, answer_digest, answer_file
from retention.certificate.naming import forms_by_kind
from retention.forms.certificates import CheckForm
from retention.queries.certificates import published_keys

TEMPLATE = "retention/certificates/check.html"
V = TypeVar("V", bound=Callable[..., HttpResponse])


def limited(view: V) -> V:
    """Answer 429 once somebody asked too often (``ACCOUNT_RATE_LIMITS``); reading counts, too."""
    return cast("V", rate_limit(action="certificate_check", limit_get=True)(view))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("name", "salt")
@limited
def certificate_check(request: HttpRequest) -> HttpResponse:
    """Say whether a file or a digest is a certificate of this console."""
    form = CheckForm(request.POST or None, request.FILES or None)
    answer = None
    if form.is_bound and form.is_valid():
        answer = attempt(form, lambda: _answer(form))
    return render(request, TEMPLATE, _context(form, answer), status=status_of(form))


def _context(form: CheckForm, answer: Answer | None) -> dict[str, Any]:
    forms = answer.forms if answer else forms_by_kind()
    return {"form": form, "answer": answer, "forms": forms, "keys": published_keys()}


def _answer(form: CheckForm) -> Answer:
    found = form.cleaned_data
    if found["file"]:
        return answer_file(found["file"], form.asked())
    return answer_digest(found["digest"], form.asked())


@never_cache
@require_safe
@limited
def certificate_known(request: HttpRequest, digest: str) -> HttpResponse:
    """The address that is printed on a certificate."""
    answer = answer_digest(digest)
    form = CheckForm(initial={"digest": digest})
    return render(request, TEMPLATE, _context(form, answer), status=200 if answer.certificate else 404)
