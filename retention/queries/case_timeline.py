"""What happened in a case, with its stores by name and codes in words; the log itself keeps ids and codes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.queries import Timeline, timeline
from auditlog.words import Fact
from retention.models import DeletionCase, Step
from retention.troubles import WORDS
from retention.vocabulary import CaseState, Cause, Mode, ReceiptKind, StepState
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

#: What people were told about a deadline, by the reminder's kind.
TOLD = re.compile(r"(?P<word>ahead|red)-(?P<days>\d+)")
#: Codes that stand in events, and their words.
CODES: dict[str, Mapping[str, object]] = {
    "state": dict([*CaseState.choices, *StepState.choices]),
    "kind": dict([*ReceiptKind.choices, *StoreKind.choices]),
    "cause": dict(Cause.choices),
    "mode": dict(Mode.choices),
    "trouble": {code: words.title for code, words in WORDS.items()},
}


def case_timeline(case: DeletionCase) -> Timeline:
    """The newest events of a case. Two queries more than a timeline takes."""
    found, names = timeline("retention.case", case.id), _names(case)
    events = [replace(one, facts=[_in_words(one.action, fact, names) for fact in one.facts]) for one in found.events]
    return replace(found, events=events)


def _names(case: DeletionCase) -> dict[str, str]:
    """The names of the case's stores, by the id of their step and by their own, as events shorten one."""
    steps = Step.objects.filter(case=case).values_list("pk", "item__facts")
    stores = DataStore.objects.filter(tenant_id=case.tenant_id).values_list("pk", "name")
    return {_short(pk): facts["name"] for pk, facts in steps} | {_short(pk): name for pk, name in stores}


def _short(row_id: uuid.UUID) -> str:
    return f"{str(row_id)[:8]}…"


def _in_words(action: str, fact: Fact, names: Mapping[str, str]) -> Fact:
    if fact.name in ("step", "store"):
        return replace(fact, name=_("store"), value=names.get(fact.value, fact.value))
    if action == "retention.case.told" and fact.name == "kind":
        return replace(fact, name=_("about"), value=_reminder(fact.value))
    words = CODES.get("state" if fact.name == _("state") else fact.name, {})
    before = None if fact.before is None else str(words.get(fact.before, fact.before))
    return replace(fact, value=str(words.get(fact.value, fact.value)), before=before)


def _reminder(kind: str) -> str:
    """What somebody was told about a deadline, from the reminder's code."""
    if found := TOLD.fullmatch(kind):
        days = int(found["days"])
        if found["word"] == "ahead":
            return ngettext("%s day ahead", "%s days ahead", days) % days
        return ngettext("%s day overdue", "%s days overdue", days) % days
    known = {
        "amber": _("due soon"), "key": _("its encryption key"), "will_miss": _("it will be late"),
        "hold_review": _("a hold to be looked at again"),
    }  # fmt: skip
    return known.get(kind, kind)
