"""What allauth asks us: who may sign in, through which stages, and what a provider's answer means."""

from __future__ import annotations

from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.errors import GovernanceError
from console.signin.attempts import note_failure
from console.signin.mfa import Outside, second_factor_time
from console.signin.providers import app_of, enabled_providers
from console.signin.stage import actor_signing_in, enter
from governance.models import IdentityProvider, Person
from governance.services.identities import find_person, link_by_invitation, note_identity_seen
from governance.services.links import find_link

#: In the session: the token of the invitation somebody opened here.
INVITATION = "signin_invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Passwords and stages."""

    def get_login_stages(self) -> list[str]:
        """One stage, for everybody."""
        return ["console.signin.stage.SecondFactorStage"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Administrators add people; nobody signs up."""
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        """Begin the person's session under a new key, then note how they got in."""
        super().login(request, user)
        enter(request, user)

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse:
        """Go where they wanted; a page that opens says enough."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Allauth's own messages are not shown: our pages say what happened."""

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """As any failed sign-in: a disabled account is not told apart."""
        return HttpResponseRedirect(reverse("account_login"))


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Identity providers: ours alone, and issuer + subject alone (I04)."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The enabled providers, as allauth's apps that are never stored."""
        apps = [app_of(row) for row in enabled_providers()]
        apps = [app for app in apps if provider in (None, app.provider, app.provider_id)]
        return [app for app in apps if client_id in (None, app.client_id)]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """No account is ever made from outside."""
        return False

    def get_requests_session(self) -> requests.Session:
        """As allauth's, which bounds the time; a redirect is refused: what we ask, we ask at the configured address."""
        session: requests.Session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Take over from allauth once its provider verified the answer: nothing of it is stored."""
        provider: IdentityProvider = sociallogin.provider.app.identity_provider
        outside: Outside = sociallogin.account.extra_data["outside"]
        next_url = sociallogin.state.get("next")
        raise ImmediateHttpResponse(arrive(request, provider, outside, next_url))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """One page for everything that went wrong outside; the log has the reason."""
        why = str(kwargs.get("error") or "called off")
        note_failure(request, "signin.outside_refused", factor="provider", why=why, provider=str(provider.id))
        raise ImmediateHttpResponse(outside_refused(request, str(getattr(provider, "name", ""))))


def arrive(request: HttpRequest, provider: IdentityProvider, outside: Outside, next_url: str | None) -> HttpResponse:
    """Somebody came back from a provider: known, invited, or a stranger."""
    try:
        person = find_person(issuer=outside.issuer, subject=outside.subject) or invited(request, outside)
        if person is None or not person.is_active:
            known = person.id if person else None
            note_failure(
                request, "signin.failed", factor="provider", why="disabled" if known else "nobody", person_id=known,
                typed=f"{outside.issuer} {outside.subject}", provider=provider.slug,
            )  # fmt: skip
            return render(request, "console/signin/stranger.html", {"provider": provider}, status=403)
        actor = actor_signing_in(request, person)
        note_identity_seen(
            actor=actor, issuer=outside.issuer, subject=outside.subject, assertion_id=outside.assertion_id
        )
    except GovernanceError as refusal:
        note_failure(request, "signin.failed", factor="provider", why=refusal.code.lower(), provider=provider.slug)
        messages.error(request, refusal.message)
        return HttpResponseRedirect(reverse("account_login"))
    at = second_factor_time(provider, outside)
    vouched = {"issuer": outside.issuer, "second_factor_at": at.timestamp() if at else None}
    record_authentication(request, person, "socialaccount", provider=provider.slug)
    response: HttpResponse = perform_login(
        request, Login(user=person, redirect_url=next_url, state={"outside": vouched})
    )
    return response


def invited(request: HttpRequest, outside: Outside) -> Person | None:
    """The invited person whose link was opened in this browser; their identity is linked now."""
    token = request.session.pop(INVITATION, "")
    if not token:
        return None
    person = find_link(token).person
    return link_by_invitation(
        actor=actor_signing_in(request, person), token=token, issuer=outside.issuer, subject=outside.subject
    )


def outside_refused(request: HttpRequest, name: str = "") -> HttpResponse:
    """A provider's answer that does not hold, or that was called off there."""
    words = name or _("the identity provider")
    return render(request, "console/signin/outside_refused.html", {"name": words}, status=401)
