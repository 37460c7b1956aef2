"""What a person hears of and how, and the link in an e-mail that ends its kind."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.errors import GovernanceError
from governance.http import attempt, page, status_of
from governance.models import NotificationChoice, Person
from governance.notification_forms import NotificationForm
from governance.notification_kinds import choosable, kind_of
from governance.services import notification_choices as services
from governance.services.notifications import times_of
from governance.unsubscribing import DAILY, actor_of_link, read_token


@require_http_methods(["GET", "POST"])
@page()
def notification_choices(request: Any) -> HttpResponse:
    """The actor's own choice for each kind, quiet hours, and the daily e-mail."""
    form = NotificationForm(request.POST or None, initial=chosen(request.user))
    if form.is_valid():
        kept = attempt(form, lambda: services.set_notification_choices(actor=request.actor, **form.choices()))
        if kept is not None:
            messages.success(request, _("Kept. It counts from the next notification."))
            return redirect("governance:notification_choices")
    return render(request, "governance/notifications/choices.html", {"form": form}, status=status_of(form))


def chosen(person: Person) -> dict[str, Any]:
    """What the person chose, and what everybody starts with."""
    times = times_of(person)
    own = dict(NotificationChoice.objects.filter(person_id=person.id).values_list("kind", "channel"))
    starts = {kind.key: kind.default.value for kind in choosable()}
    return {
        "quiet_from": times.quiet_from, "quiet_until": times.quiet_until, "daily": times.daily,
        "daily_at": times.daily_at, **starts, **own,
    }  # fmt: skip


@csrf_exempt  # mail programs post here by themselves (RFC 8058), with no cookie of ours; the link is the proof
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask (a mail scanner that follows links changes nothing), then send no more e-mails of this kind."""
    return _by_link(request, token, services.stop_emails if request.method == "POST" else None, stopped=True)


@csrf_exempt  # as above
@never_cache
@require_POST
def resubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Take it back."""
    return _by_link(request, token, services.resume_emails, stopped=False)


def _by_link(request: HttpRequest, token: str, verb: Any, *, stopped: bool) -> HttpResponse:
    """Do ``verb`` (nothing on a mere look) as whoever the link is for, and say what came of it."""
    try:
        person, kind = read_token(token)
        if verb is not None:
            verb(actor=actor_of_link(person, getattr(request, "request_id", "")), kind=kind)
    except GovernanceError as refusal:
        gone = "governance/notifications/link_gone.html"
        return render(request, gone, {"refusal": refusal}, status=refusal.status)
    name = _("the daily e-mail") if kind == DAILY else kind_of(kind).name
    context = {"token": token, "name": name, "done": verb is not None, "stopped": stopped, "email": person.email}
    return render(request, "governance/notifications/unsubscribe.html", context)
