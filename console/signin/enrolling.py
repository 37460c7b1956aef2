"""The page that shows a new authenticator's seed: as a QR code and as text."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django import forms
from django.utils.safestring import SafeString, mark_safe

from auditlog.actors import Actor
from governance.models import Authenticator, Person
from governance.services.devices import begin_authenticator

ISSUER = "Countersign"


def seed_page(actor: Actor, form: forms.Form) -> dict[str, Any]:
    """A seed to scan: the one the form came back with, else a new one."""
    device = _pending(actor, form) or begin_authenticator(actor=actor)
    form.initial["device"] = device.id
    if form.is_bound:
        form.data = {**form.data.dict(), "device": str(device.id)}  # type: ignore[attr-defined]
    secret = base64.b32encode(device.seed).decode().rstrip("=")
    email = Person.objects.values_list("email", flat=True).get(pk=actor.id)
    return {
        "form": form,
        "qr": qr_of(key_uri(email, secret)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "uri": key_uri(email, secret),
    }


def _pending(actor: Actor, form: forms.Form) -> Authenticator | None:
    """The unfinished enrolment a returned form belongs to, so that the app need not scan again."""
    if not form.is_bound or "device" in form.errors:
        return None
    found = Authenticator.objects.filter(pk=form.cleaned_data.get("device"), user_id=actor.id, confirmed=False)
    return found.first()  # type: ignore[no-any-return]


def key_uri(email: str, secret: str) -> str:
    """What authenticator apps read out of the QR code."""
    return f"otpauth://totp/{quote(f'{ISSUER}:{email}')}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def qr_of(text: str) -> SafeString:
    """The QR code as SVG without any inline style; ``text`` becomes modules only, never markup."""
    svg = segno.make(text, error="m").svg_inline(omitsize=True, border=2, dark="#000", light="#fff")
    return mark_safe(svg)  # noqa: S308  made of numbers by segno
