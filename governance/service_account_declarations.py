"""What service accounts tell the registries: their place, their subjects, what waits, what is swept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.actors import Actor
from auditlog.jobs import register_sweep
from auditlog.registry import register_subject
from governance.authority import Right, has_right
from governance.models import KeptAnswer, ServiceAccount
from governance.navigation import register_nav
from governance.queries.service_accounts import service_accounts
from governance.search import Hit, register_search
from governance.services.answers import forget_answers
from governance.work import WorkItem, register_work

READ = "governance:service_account_read"
#: How long before its last token ends an account shows up in My work.
WARN = dt.timedelta(days=10)


def declare() -> None:
    """Fill the registries."""
    register_nav(
        gettext_lazy("Company"), gettext_lazy("Service accounts"), "governance:service_account_list", "key-round",
        Right.READ_SERVICE_ACCOUNTS, order=65,
    )  # fmt: skip
    register_work(tokens_that_end)
    register_search(accounts_found)
    register_sweep("governance.answers_forget", dt.timedelta(hours=6), forget_answers)
    register_subject("governance.service_account", gettext_lazy("Service account"), _account)
    register_subject("governance.request", gettext_lazy("Request of a product"), _request)


def _account(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = ServiceAccount.objects.filter(pk=row_id).first()
    return (row.name, reverse(READ, args=[row_id])) if row else None


def _request(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = KeptAnswer.objects.select_related("account").filter(pk=row_id).first()
    return (_("Request of %s") % row.account.name, reverse(READ, args=[row.account_id])) if row else None


def tokens_that_end(actor: Actor) -> Iterable[WorkItem]:
    """Accounts whose last token ends soon: their product would stand still."""
    if has_right(actor, Right.MANAGE_SERVICE_ACCOUNTS):
        ending = service_accounts(state="active").filter(live_tokens__gt=0, covered_until__lte=timezone.now() + WARN)
        for account in ending.order_by("covered_until")[:50]:
            yield WorkItem(
                room=_("Service accounts"), title=_("%s: its last token ends") % account.name,
                url=reverse(READ, args=[account.id]), due=account.covered_until,
                waiting=_("rotate it, or the product stands still"),
            )  # fmt: skip


def accounts_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Accounts by name, product or tenant."""
    if has_right(actor, Right.READ_SERVICE_ACCOUNTS):
        for account in service_accounts(words=words)[:10]:
            yield Hit(_("Service account"), account.name, reverse(READ, args=[account.id]), account.product)
