"""How the register's pages put things."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.queries.tenants import gaps_of, runs_until
from governance.templatetags.shell import badge
from governance.tenant_words import Gap, gap_words, run_words
from governance.vocabulary import DataClass
from tenants.models import Agreement, DataStore, Tenant
from tenants.services.imports import Difference
from tenants.vocabulary import AgreementState

register = template.Library()

VERDICTS = {
    "add": ("ok", "plus"),
    "change": ("info", "pencil"),
    "same": ("neutral", "check"),
    "refuse": ("danger", "octagon-x"),
}


@register.simple_tag
def runs(tenant: Tenant) -> SafeString | str:
    """Until when its agreements run; a badge where somebody has to do something about it."""
    words, state = run_words(tenant), runs_until(tenant)[0]
    if state in ("none", "ended") and tenant.terminated_on is None:
        return badge("warn", words, "calendar-clock")
    return words


@register.simple_tag
def agreement_state(row: Agreement) -> SafeString:
    """Where an agreement stands today."""
    tone, icon = {
        AgreementState.RUNNING: ("ok", "circle-check"),
        AgreementState.UPCOMING: ("info", "calendar-clock"),
        AgreementState.ENDED: ("neutral", "circle-slash"),
    }[row.state]
    return badge(tone, row.state.label, icon)


@register.simple_tag
def store_holds(row: DataStore) -> str:
    """Which classes of data a store holds."""
    return _("holds %s data") % ", ".join(str(DataClass(one).label).lower() for one in row.data_classes)


@register.filter
def gaps(tenant: Tenant) -> list[Gap]:
    """What is missing of a tenant that somebody has to record."""
    return [gap_words(code) for code in gaps_of(tenant)]


@register.simple_tag
def verdict(word: str) -> SafeString:
    """What a line of a file would do."""
    tone, icon = VERDICTS[word]
    labels = {"add": _("Added"), "change": _("Changed"), "same": _("As it is"), "refuse": _("Refused")}
    return badge(tone, labels[word], icon)


@register.filter
def column(difference: Difference) -> str:
    """The field's name as people say it."""
    return {
        "name": _("name"),
        "allowed_regions": _("allowed regions"),
        "kind": _("kind"),
        "starts_on": _("runs from"),
        "ends_on": _("last day"),
        "customer_owns_data": _("customer owns data (LD-1)"),
        "company_owns_platform": _("we own the platform (LD-2)"),
        "evidence_digest": _("document"),
        "selector": _("which part"),
        "data_classes": _("holds"),
        "backup_days": _("backups expire after (days)"),
    }.get(difference.name, difference.name)
