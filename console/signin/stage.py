"""The second-factor stage of a sign-in, and the moment somebody is in."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allauth.account.internal.stagekit import stash_login
from allauth.account.stages import LoginStage, LoginStageController
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from auditlog.actors import Actor
from console.signin.attempts import note_success
from console.signin.providers import sso_is_configured
from console.signin.seen import ENDED
from governance.authority import actor_for_person, session_digest
from governance.models import Person
from governance.services.devices import has_second_factor
from governance.services.sign_ins import record_sign_in

KEY = "second_factor"


@dataclass(frozen=True, slots=True)
class Verified:
    """What one sign-in proved, kept on its last request only: when and how, and by whom the first factor."""

    at: float
    method: str
    first_factor: str


class SecondFactorStage(LoginStage):  # type: ignore[misc]
    """Nobody is in without a second factor: the provider's where it counts, else one of ours."""

    key = KEY
    urlname = "signin:code_check"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Let a provider's second factor pass, or ask for ours, or have one enrolled first."""
        outside = self.login.state.get("outside")
        if outside and outside.get("second_factor_at"):
            self.request.verified = Verified(outside["second_factor_at"], "idp", outside["issuer"])
            return None, True
        name = self.urlname if has_second_factor(self.login.user.pk) else "signin:enrolment"
        return HttpResponseRedirect(reverse(name)), True


def stage_of(request: HttpRequest) -> SecondFactorStage | None:
    """The second-factor stage this browser is at (``None``: nobody is signing in here)."""
    stage: SecondFactorStage | None = LoginStageController.enter(request, KEY)
    person = stage.login.user if stage else None
    return stage if person is not None and person.is_active else None


def actor_signing_in(request: HttpRequest, person: Person) -> Actor:
    """Who acts while signing in: the person, with one factor, and no second one yet."""
    if not request.session.session_key:
        request.session.save()
    return actor_for_person(
        person,
        source="web",
        request_id=getattr(request, "request_id", ""),
        session_id=session_digest(request.session.session_key),
    )


def pass_stage(request: HttpRequest, stage: SecondFactorStage, method: str) -> HttpResponse:
    """The second factor was verified just now: sign the person in and go where they wanted."""
    first = (stage.login.state.get("outside") or {}).get("issuer", "password")
    request.verified = Verified(time.time(), method, first)  # type: ignore[attr-defined]
    response: HttpResponse = stage.exit()
    return response


def keep(request: HttpRequest, stage: SecondFactorStage) -> None:
    """Store what the stage remembers."""
    stash_login(request, stage.login)


def enter(request: HttpRequest, person: Person) -> None:
    """Called once the session is the person's: set what ``request.actor`` needs, and record it.

    Refuses (403) when no second factor was verified in this very request, however it got here.
    """
    verified: Verified | None = getattr(request, "verified", None)
    if verified is None:
        request.session.flush()
        raise PermissionDenied
    request.session.pop(ENDED, None)
    request.session["signed_in_at"] = time.time()
    request.session["second_factor_at"] = verified.at
    request.session["second_factor_method"] = verified.method
    alone = verified.first_factor == "password" and person.is_break_glass and sso_is_configured()
    record_sign_in(
        actor=actor_signing_in(request, person),
        first_factor=verified.first_factor,
        second_factor=verified.method,
        break_glass=alone,
    )
    note_success(
        request, "signin.succeeded", person_id=person.pk, first_factor=verified.first_factor,
        second_factor=verified.method, break_glass=alone,
    )  # fmt: skip
