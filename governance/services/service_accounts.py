"""Service accounts and their tokens: added, changed, disabled; issued, rotated, revoked."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import ServiceAccount, ServiceToken, TokenUse
from governance.tokens import digest_of_token, hint_of_token, is_token, new_token
from governance.vocabulary import EnvironmentName, Scope
from outbox.services import disable_endpoint_of
from tenants.models import Tenant

PRODUCT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: No token lives longer: somebody looks at it once a year at least.
LONGEST = dt.timedelta(days=366)
#: How long an old token may go on beside the new one.
LONGEST_OVERLAP = dt.timedelta(days=7)
#: How exact "last used" is: one write for each token in this time, not one for each request.
USE_EVERY = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; ``text`` is shown once and kept nowhere."""

    token: ServiceToken
    text: str


def add_service_account(
    *,
    actor: Actor,
    name: str,
    product: str,
    environment: str,
    scopes: Collection[str],
    tenant_id: uuid.UUID | None = None,
) -> ServiceAccount:
    """Let a product in one environment call the API, for one tenant or (``None``) for every one. It has no token yet.

    Raises :class:`InvalidInputsError` naming each field at fault, one account for each product,
    environment and tenant among them.
    """
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    name, product, scopes = " ".join(name.split()), product.strip().lower(), sorted(set(scopes))
    with audited(
        actor, "governance.service_account.added", subject_kind="governance.service_account", tenant_id=tenant_id
    ) as change:
        _refuse_wrong(name, product, environment, scopes, tenant_id)
        account = ServiceAccount.objects.create(
            id=change.subject_id, name=name, product=product, environment=environment, tenant_id=tenant_id,
            scopes=scopes,
        )  # fmt: skip
        change.details = {"product": product, "environment": environment, "scopes": scopes}
    return account


def _refuse_wrong(name: str, product: str, environment: str, scopes: list[str], tenant_id: uuid.UUID | None) -> None:
    errors = _wrong(name, scopes)
    if not PRODUCT.fullmatch(product) or len(product) > 63:
        errors["product"] = _("Small letters, digits and hyphens, such as maintenance-assistant.")
    if environment not in EnvironmentName.values:
        errors["environment"] = _("Choose an environment.")
    if tenant_id is not None and not Tenant.objects.filter(pk=tenant_id).exists():
        errors["tenant"] = _("There is no such tenant.")
    if errors:
        raise InvalidInputsError(errors)
    same = ServiceAccount.objects.filter(product=product, environment=environment)
    if same.filter(tenant_id=tenant_id).exists():
        raise InvalidInputError(
            _("This product has an account for this environment and tenant already. Give that one a new token."),
            field="product",
        )


def _wrong(name: str, scopes: list[str]) -> dict[str, str]:
    errors = {}
    if not name or len(name) > 120:
        errors["name"] = _("Give it a name people recognise, of at most 120 characters.")
    if not scopes or not set(scopes) <= set(Scope.values):
        errors["scopes"] = _("Choose at least one of the scopes.")
    return errors


def edit_service_account(*, actor: Actor, account_id: uuid.UUID, name: str, scopes: Collection[str]) -> ServiceAccount:
    """Rename an account or change its scopes; they count from its next request. What it is bound to never changes."""
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    name, scopes = " ".join(name.split()), sorted(set(scopes))
    with _change(actor, "edited", account_id) as change:
        account = _locked(change, account_id)
        errors = _wrong(name, scopes)
        if errors:
            raise InvalidInputsError(errors)
        change.details = {"scopes": {"before": sorted(account.scopes), "after": scopes}}
        account.name, account.scopes = name, scopes
        account.save(update_fields=["name", "scopes"])
    return account


def disable_service_account(*, actor: Actor, account_id: uuid.UUID) -> ServiceAccount:
    """Refuse everything the product asks from now on (I05); its tokens and its endpoint end for good."""
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    with _change(actor, "disabled", account_id) as change:
        account = _locked(change, account_id)
        if not account.is_active:
            raise StateError(_("This service account is disabled already."))
        now = timezone.now()
        account.disabled_at = now
        account.save(update_fields=["disabled_at"])
        live = account.tokens.filter(revoked_at=None, expires_at__gt=now)
        change.details = {"tokens_revoked": live.update(revoked_at=now)}
        disable_endpoint_of(actor=actor, account_id=account_id)
    return account


def enable_service_account(*, actor: Actor, account_id: uuid.UUID) -> ServiceAccount:
    """Let the product call again, with new tokens; the old ones stay revoked."""
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    with _change(actor, "enabled", account_id) as change:
        account = _locked(change, account_id)
        if account.is_active:
            raise StateError(_("This service account is active already."))
        account.disabled_at = None
        account.save(update_fields=["disabled_at"])
    return account


def issue_token(*, actor: Actor, account_id: uuid.UUID, days: int, text: str = "") -> Issued:
    """Make a token that ends in ``days``. Its text is in the result and nowhere else; only its SHA-256 is kept.

    ``text`` is for the demo company, whose products know theirs beforehand; refused elsewhere.
    """
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    with _change(actor, "token_issued", account_id) as change:
        return _issue(change, _locked(change, account_id), days, text)


def _issue(change: Change, account: ServiceAccount, days: int, text: str = "") -> Issued:
    if not account.is_active:
        raise StateError(_("This service account is disabled. Enable it first."))
    if not 1 <= days <= LONGEST.days:
        raise InvalidInputError(_("A token lives for 1 to %d days.") % LONGEST.days, field="days")
    if text and not (settings.DEMO and is_token(text)):
        raise InvalidInputError(_("Only the demo company chooses its tokens."), field="text")
    text = text or new_token(account.environment)
    now = timezone.now()
    token = ServiceToken.objects.create(
        account=account, digest=digest_of_token(text), hint=hint_of_token(text), issued_at=now,
        expires_at=now + dt.timedelta(days=days),
    )  # fmt: skip
    change.details |= {"token": str(token.id), "expires_at": token.expires_at}
    return Issued(token, text)


def rotate_token(*, actor: Actor, token_id: uuid.UUID, days: int, old_hours: int) -> Issued:
    """Make a new token beside an active one, which ends after ``old_hours`` (0 to 168), or sooner by itself."""
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    account_id = get_token(token_id).account_id
    overlap = dt.timedelta(hours=old_hours)
    if not dt.timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InvalidInputError(_("The old token may go on for at most 7 days."), field="old_hours")
    with _change(actor, "token_rotated", account_id) as change:
        account, now = _locked(change, account_id), timezone.now()
        old = _active(account, token_id)
        ends_at = min(old.expires_at, now + overlap)
        change.details = {"old_token": str(old.id), "old_ends_at": ends_at}
        issued = _issue(change, account, days)
        old.expires_at = ends_at
        old.save(update_fields=["expires_at"])
    return issued


def revoke_token(*, actor: Actor, token_id: uuid.UUID) -> ServiceToken:
    """End a token at once; the next request that shows it is refused."""
    require(actor, Right.MANAGE_SERVICE_ACCOUNTS)
    account_id = get_token(token_id).account_id
    with _change(actor, "token_revoked", account_id) as change:
        token = _active(_locked(change, account_id), token_id)
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        change.details = {"token": str(token.id)}
    return token


def get_token(token_id: uuid.UUID) -> ServiceToken:
    """One token with its account."""
    row: ServiceToken | None = ServiceToken.objects.select_related("account").filter(pk=token_id).first()
    if row is None:
        raise NotFoundError(_("There is no such token."))
    return row


def _active(account: ServiceAccount, token_id: uuid.UUID) -> ServiceToken:
    """The account's token; the account is locked, so nobody else changes it meanwhile."""
    token: ServiceToken = account.tokens.get(pk=token_id)
    if token.state != "active":
        raise StateError(_("This token has ended already."))
    return token


def _change(actor: Actor, verb: str, account_id: uuid.UUID) -> AbstractContextManager[Change]:
    return audited(
        actor, f"governance.service_account.{verb}", subject_kind="governance.service_account", subject_id=account_id
    )


def _locked(change: Change, account_id: uuid.UUID) -> ServiceAccount:
    account: ServiceAccount | None = ServiceAccount.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFoundError(_("There is no such service account."))
    change.tenant_id = account.tenant_id
    change.label = account.name
    return account


def note_use(token: ServiceToken) -> None:
    """Note that a token was shown, at most once in :data:`USE_EVERY`; without an event, being a figure only."""
    now = timezone.now()
    use: TokenUse | None = getattr(token, "use", None)
    if use is None:
        TokenUse.objects.get_or_create(token=token, defaults={"at": now})
    elif now - use.at >= USE_EVERY:
        TokenUse.objects.filter(token=token, at=use.at).update(at=now)
