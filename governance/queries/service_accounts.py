"""Service accounts, for their pages and for whoever shows a token."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from governance.models import ServiceAccount, ServiceToken
from governance.tokens import digest_of_token, is_token


def find_token(text: str) -> ServiceToken | None:
    """The token with this text, if it counts now: not revoked, not expired, its account not disabled."""
    if not is_token(text):
        return None
    found: ServiceToken | None = (
        ServiceToken.objects.select_related("account", "use")
        .filter(digest=digest_of_token(text), account__disabled_at=None, revoked_at=None)
        .first()
    )
    return found if found is not None and found.state == "active" else None


def find_active_account(account_id: uuid.UUID | str) -> ServiceAccount | None:
    """The account, if it is not disabled."""
    found: ServiceAccount | None = ServiceAccount.objects.filter(pk=account_id, disabled_at=None).first()
    return found


def service_accounts(*, words: str = "", state: str = "") -> QuerySet[Any]:
    """Accounts by name with ``live_tokens``, ``covered_until`` and ``last_used``; ``state`` is active or disabled."""
    live = Q(tokens__revoked_at=None, tokens__expires_at__gt=timezone.now())
    rows: QuerySet[Any] = ServiceAccount.objects.select_related("tenant").annotate(
        live_tokens=Count("tokens", filter=live),
        covered_until=Max("tokens__expires_at", filter=live),
        last_used=Max("tokens__use__at"),
    )
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(product__icontains=words) | Q(tenant__name__icontains=words))
    if state in ("active", "disabled"):
        rows = rows.filter(disabled_at__isnull=state == "active")
    return rows


def get_service_account(account_id: uuid.UUID) -> Any:
    """One account with its figures."""
    row = service_accounts().filter(pk=account_id).first()
    if row is None:
        raise NotFoundError(_("There is no such service account."))
    return row


def tokens_of(account_id: uuid.UUID) -> QuerySet[ServiceToken]:
    """An account's tokens, newest first, with when they were last used."""
    rows: QuerySet[ServiceToken] = ServiceToken.objects.select_related("use").filter(account_id=account_id)
    return rows
