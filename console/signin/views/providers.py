"""The administrator's pages: identity providers, who is who there, break-glass accounts, invitations."""

from __future__ import annotations

import functools
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.errors import NotFoundError
from console.signin.forms import IdentityForm, ProviderForm
from console.signin.probing import probe
from console.signin.providers import app_of, environment_providers, sso_is_configured
from governance.authority import Right
from governance.http import SignedInRequest, attempt, page, status_of
from governance.models import ExternalIdentity, IdentityProvider, Person
from governance.services.identities import link_identity, save_provider, unlink_identity
from governance.services.invitations import invite_person
from governance.services.sign_ins import set_break_glass


def find_row(provider_id: uuid.UUID) -> IdentityProvider:
    """A stored provider, or 404."""
    return get_object_or_404(IdentityProvider, pk=provider_id)


@page(Right.MANAGE_PEOPLE)
def provider_list(request: SignedInRequest) -> HttpResponse:
    """All providers, and who may still use a local password."""
    rows = environment_providers() + list(IdentityProvider.objects.all())
    context = {
        "providers": rows,
        "configured": sso_is_configured(),
        "break_glass": Person.objects.filter(is_break_glass=True, is_active=True),
        "identities": ExternalIdentity.objects.select_related("person").order_by("issuer", "person__name"),
    }
    return render(request, "console/signin/provider_list.html", context)


@page(Right.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def provider_add(request: SignedInRequest) -> HttpResponse:
    """Add a provider."""
    form = ProviderForm(request.POST or None)
    if form.is_valid():
        row = attempt(form, lambda: save_provider(actor=request.actor, settings_=form.settings()))
        if row:
            return redirect("signin:provider_read", row.id)
    return render(request, "console/signin/provider_form.html", {"form": form}, status=status_of(form))


@page(Right.MANAGE_PEOPLE)
def provider_read(request: SignedInRequest, provider_id: uuid.UUID) -> HttpResponse:
    """One provider: its facts, and the addresses to register there."""
    row = find_row(provider_id)
    return render(request, "console/signin/provider_read.html", {"provider": row, "addresses": addresses(request, row)})


def addresses(request: SignedInRequest, row: IdentityProvider) -> list[tuple[str, str]]:
    """What the provider's administrator must enter."""
    if row.kind == IdentityProvider.Kind.OIDC:
        names = [(_("Redirect URI"), "openid_connect_callback", {"provider_id": row.slug})]
    else:
        slug = {"organization_slug": row.slug}
        names = [(_("Metadata and entity ID"), "saml_metadata", slug), (_("Reply URL (ACS)"), "saml_acs", slug)]
    return [(label, request.build_absolute_uri(reverse(name, kwargs=kwargs))) for label, name, kwargs in names]


@page(Right.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def provider_change(request: SignedInRequest, provider_id: uuid.UUID) -> HttpResponse:
    """Change a provider; an empty secret keeps the present one."""
    row = find_row(provider_id)
    names = [name for name in ProviderForm.base_fields if name not in ("client_secret", "mfa_values")]
    initial = {name: getattr(row, name) for name in names} | {"mfa_values": " ".join(row.mfa_values)}
    form = ProviderForm(request.POST or None, initial=initial)
    if form.is_valid():
        save = functools.partial(save_provider, actor=request.actor, provider_id=provider_id)
        if attempt(form, lambda: save(settings_=form.settings())):
            messages.success(request, _("Changed. It counts from the next sign-in."))
            return redirect("signin:provider_read", provider_id)
    context = {"form": form, "provider": row}
    return render(request, "console/signin/provider_form.html", context, status=status_of(form))


@never_cache
@page(Right.MANAGE_PEOPLE)
@require_POST
def provider_test(request: SignedInRequest, provider_id: uuid.UUID) -> HttpResponse:
    """Ask the provider for what a sign-in would need, without signing in."""
    row = find_row(provider_id)
    context = {"provider": row, "addresses": addresses(request, row), "checks": probe(request, app_of(row))}
    return render(request, "console/signin/provider_read.html", context)


@page(Right.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def identity_link(request: SignedInRequest) -> HttpResponse:
    """Say which subject of a provider is which person."""
    rows = environment_providers() + list(IdentityProvider.objects.all())
    form = IdentityForm(request.POST or None, issuers=[(row.issuer, row.name) for row in rows])
    if form.is_valid():
        linked = attempt(form, functools.partial(_link, request, form))
        if linked:
            messages.success(request, _("Linked. They sign in there from now on."))
            return redirect("signin:provider_list")
    return render(request, "console/signin/identity_link.html", {"form": form}, status=status_of(form))


def _link(request: SignedInRequest, form: IdentityForm) -> ExternalIdentity:
    given = form.cleaned_data
    person = Person.objects.filter(email__iexact=given["email"]).first()
    person_id = person.id if person else uuid.uuid4()
    return link_identity(
        actor=request.actor, person_id=person_id, issuer=given["issuer"], subject=given["subject"].strip()
    )


@page(Right.MANAGE_PEOPLE)
@require_POST
def identity_unlink(request: SignedInRequest, identity_id: uuid.UUID) -> HttpResponse:
    """Take an identity away."""
    unlink_identity(actor=request.actor, identity_id=identity_id)
    messages.success(request, _("Unlinked. It signs nobody in any more."))
    return redirect("signin:provider_list")


@page(Right.MANAGE_PEOPLE)
@require_POST
def break_glass_set(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Make somebody a break-glass account, or no longer."""
    set_break_glass(actor=request.actor, person_id=person_id, sealed=request.POST.get("on") == "1")
    return redirect("signin:provider_list")


@never_cache
@page(Right.MANAGE_PEOPLE)
@require_POST
def person_invite(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Show the one link with which somebody signs in for the first time, this once."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFoundError(_("There is no such person."))
    url = invite_person(actor=request.actor, person_id=person_id)
    return render(request, "console/signin/invitation.html", {"person": person, "url": url})
