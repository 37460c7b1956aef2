"""How the retention room's pages put things: kinds of stores, states, lights, rates and spans of time."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from retention.models import DeletionCase
from retention.own import KIND as OWN
from retention.vocabulary import DONE, CaseState, StepState
from tenants.vocabulary import StoreKind

C, S = CaseState, StepState

#: Tone and icon of a case's state.
CASE_TONES: dict[str, tuple[str, str]] = {
    C.OPEN: ("info", "circle-dot"),
    C.EXPORTING: ("info", "upload"),
    C.PLANNED: ("info", "list-checks"),
    C.AWAITING_APPROVAL: ("info", "stamp"),
    C.COOLING_OFF: ("warn", "timer"),
    C.EXECUTING: ("info", "loader"),
    C.HELD: ("warn", "lock"),
    C.BLOCKED: ("danger", "octagon-alert"),
    C.VERIFYING: ("info", "shield-check"),
    C.AWAITING_BACKUP_EXPIRY: ("info", "archive"),
    C.CERTIFIED: ("ok", "badge-check"),
    C.CERTIFIED_WITH_RESIDUE: ("warn", "file-clock"),
    C.CANCELLED: ("neutral", "circle-slash"),
}

#: Tone and icon of the work on one store.
STEP_TONES: dict[str, tuple[str, str]] = {
    S.PENDING: ("neutral", "circle-dashed"),
    S.RUNNING: ("info", "loader"),
    S.FAILED: ("danger", "octagon-alert"),
    S.SWEPT: ("info", "search"),
    S.VERIFIED: ("ok", "shield-check"),
    S.RESIDUE: ("warn", "lock"),
}

KIND_ICONS: dict[str, str] = {
    StoreKind.S3: "cloud",
    StoreKind.SQL: "database",
    StoreKind.FILESYSTEM: "folder",
    StoreKind.WEBHOOK: "network",
    StoreKind.ATTESTED: "file-check",
    OWN: "server",
}

#: What a light says beside its colour: tone, icon, word.
LIGHT_WORDS: dict[str, tuple[str, str, str | Promise]] = {
    "green": ("ok", "circle-check", gettext_lazy("In time")),
    "amber": ("warn", "triangle-alert", gettext_lazy("Due soon")),
    "red": ("danger", "octagon-alert", gettext_lazy("Overdue")),
}


def kind_word(kind: str) -> str:
    """How a kind of store is called."""
    return _("This console") if kind == OWN else str(dict(StoreKind.choices).get(kind, kind))


def light_words(case: DeletionCase) -> tuple[str, str, str]:
    """Tone, icon and word of a case's light: a case that is done has none."""
    if case.state in DONE:
        tone, icon = CASE_TONES[case.state]
        return tone, icon, _("Done") if case.state == C.CERTIFIED else _("Cancelled")
    tone, icon, word = LIGHT_WORDS[case.light]
    return tone, icon, str(word)


def rate_words(rate: float | None) -> str:
    """``1,200 a second``, ``40 a minute``; empty: not known."""
    if not rate:
        return ""
    if rate >= 1:
        return _("%s a second") % f"{round(rate):,}"
    if rate * 60 >= 1:
        return _("%s a minute") % f"{round(rate * 60):,}"
    return _("%s an hour") % f"{max(1, round(rate * 3600)):,}"


def span_words(seconds: float | None) -> str:
    """``about 3 minutes left``; empty: not known or nothing is left."""
    if not seconds:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    if seconds < 5_400:
        told = ngettext("%(n)d minute", "%(n)d minutes", round(seconds / 60)) % {"n": round(seconds / 60)}
    elif seconds < 2 * 86_400:
        told = ngettext("%(n)d hour", "%(n)d hours", round(seconds / 3600)) % {"n": round(seconds / 3600)}
    else:
        told = ngettext("%(n)d day", "%(n)d days", round(seconds / 86_400)) % {"n": round(seconds / 86_400)}
    return _("about %s left") % told
