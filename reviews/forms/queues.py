"""Forms for queues: their rules, their stop switch, and moving or refusing what waits in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Person, RoleAssignment
from governance.vocabulary import Role
from reviews.models import Queue
from reviews.services.queues import LIMITS
from reviews.vocabulary import SecondReview, StepUpRule
from tenants.models import Site, Tenant


def reasons_of(text: str) -> dict[str, str]:
    """``code: words`` a line; a line without a colon keeps its words for the service to refuse."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return {code.strip()[:64]: words.strip()[:200] for code, _colon, words in lines}


def number(name: str, label: Any, help_text: Any, initial: int) -> forms.IntegerField:
    """A whole number within the limits of the rule called ``name``."""
    low, high = LIMITS[name]
    return forms.IntegerField(label=label, help_text=help_text, initial=initial, min_value=low, max_value=high)


class RulesForm(forms.Form):
    """The rules of a queue, in the order one thinks of them."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What its reviewers call it."))
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Person.objects.none(),
        help_text=_("Sets the rules, sees the backlog, hears of escalations and of items past their deadline."),
    )  # fmt: skip
    decision_minutes = number(
        "decision_minutes", _("Minutes to decide"),
        _("A routine item is due after so many minutes. Late items are escalated, never approved."), 240,
    )  # fmt: skip
    high_minutes = number("high_minutes", _("Minutes for high items"), _("Shorter, as a rule."), 120)
    critical_minutes = number("critical_minutes", _("Minutes for critical items"), _("Shorter still."), 30)
    expire_minutes = number(
        "expire_minutes", _("Minutes until an item expires"),
        _("Then it ends undecided, and the product is told so."), 2880,
    )  # fmt: skip
    second_review = forms.ChoiceField(
        label=_("Second review"), choices=SecondReview.choices, initial=SecondReview.CRITICAL,
        help_text=_("Another person decides without seeing the first decision. When they differ, a third settles it."),
    )  # fmt: skip
    step_up = forms.ChoiceField(
        label=_("Second factor"), choices=StepUpRule.choices, initial=StepUpRule.CRITICAL,
        help_text=_("Which decisions are confirmed with a code or a security key of their own."),
    )  # fmt: skip
    second_factor_minutes = number(
        "second_factor_minutes", _("Second factor at most this old, in minutes"),
        _("A decision without one of its own needs one this recent."), 15,
    )  # fmt: skip
    lease_seconds = number(
        "lease_seconds", _("Seconds a reviewer holds an item"),
        _("Renewed while the page is in front. Then it goes to whoever is next; what was typed is kept."), 300,
    )  # fmt: skip
    undo_seconds = number(
        "undo_seconds", _("Seconds to undo"), _("The product hears of a decision only when they are over."), 8
    )
    most_claims = number("most_claims", _("Items one person may hold"), _("At the same time, in this queue."), 3)
    most_per_hour = number(
        "most_per_hour",
        _("Decisions one person may make in an hour"),
        _("0: no limit. Tired eyes approve anything."),
        0,
    )
    skill = forms.SlugField(
        label=_("Skill"), required=False, max_length=64,
        help_text=_("Only people with this skill review here. Empty: every reviewer of the tenant and site."),
    )  # fmt: skip
    escalation_skill = forms.SlugField(
        label=_("Skill for escalated items"), required=False, max_length=64,
        help_text=_("Only people with this skill take what was escalated. Empty: anybody but who escalated it."),
    )  # fmt: skip
    seeded_percent = number(
        "seeded_percent", _("Seeded items, in percent"),
        _("Altered copies of real drafts that measure whether errors are caught. They never reach a product; "
          "reviewers know the share, and learn after each decision which it was."), 0,
    )  # fmt: skip
    keep_days = number(
        "keep_days", _("Days the content is kept"),
        _("Counted from the decision. Digests, verdicts and who decided stay."), 365,
    )  # fmt: skip
    reasons = forms.CharField(
        label=_("Reasons to refuse"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line: a short code, a colon, the words. Empty: the usual ones."),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        owners = RoleAssignment.objects.live().filter(role=Role.SYSTEM_OWNER).values("person_id")
        self.fields["owner"].queryset = Person.objects.filter(is_active=True, pk__in=owners).order_by("name")  # type: ignore[attr-defined]

    def rules(self) -> dict[str, Any]:
        """What the services take."""
        wanted = {
            name: value for name, value in self.cleaned_data.items() if name not in ("owner", "tenant", "site", "kind")
        }
        return {**wanted, "reasons": reasons_of(wanted["reasons"]), "owner_id": self.cleaned_data["owner"].id}

    @classmethod
    def of(cls, queue: Queue) -> RulesForm:
        """The form filled with a queue's rules."""
        initial = {name: getattr(queue, name) for name in cls.base_fields}
        initial["reasons"] = "\n".join(f"{code}: {words}" for code, words in queue.reasons.items())
        return cls(initial=initial)


class QueueForm(RulesForm):
    """A new queue: for whom and what, then its rules."""

    tenant = forms.ModelChoiceField(label=_("Tenant"), queryset=Tenant.objects.none())
    site = forms.ModelChoiceField(
        label=_("Site"), required=False, queryset=Site.objects.none(), help_text=_("Empty: every site of the tenant.")
    )
    kind = forms.SlugField(
        label=_("Kind"), max_length=64, help_text=_("What the product calls such drafts, for example dispatch_record.")
    )
    field_order = ("name", "tenant", "site", "kind", "owner")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["tenant"].queryset = Tenant.objects.filter(terminated_on=None).order_by("name")  # type: ignore[attr-defined]
        sites = Site.objects.filter(closed_on=None).select_related("tenant").order_by("tenant__name", "name")
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["site"].label_from_instance = lambda site: f"{site.tenant.name}: {site.name}"  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        """For whom and what."""
        site = self.cleaned_data["site"]
        return {
            "tenant_id": self.cleaned_data["tenant"].id, "site_id": site.id if site else None,
            "kind": self.cleaned_data["kind"],
        }  # fmt: skip


class StopForm(forms.Form):
    """Why everything stops."""

    reason = forms.CharField(
        label=_("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody in the queue reads it, in a banner, until it is started again."),
    )  # fmt: skip


class MoveForm(forms.Form):
    """Whom the chosen items go to."""

    items: Any = forms.ModelMultipleChoiceField(
        queryset=None, widget=forms.MultipleHiddenInput, error_messages={"required": _("Choose the items first.")}
    )
    person: Any = forms.ModelChoiceField(
        label=_("Move to"), required=False, queryset=None, empty_label=_("Back to everybody")
    )

    def __init__(self, *args: Any, items: Any, people: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["items"].queryset = items  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class BulkRefusalForm(forms.Form):
    """Several drafts refused for one reason; the typed number is the guard."""

    items: Any = forms.ModelMultipleChoiceField(
        queryset=None, widget=forms.MultipleHiddenInput, error_messages={"required": _("Choose the drafts first.")}
    )
    reason_code = forms.ChoiceField(label=_("Why do you refuse them?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("In words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For all of them. There is no undo for several at once."),
    )  # fmt: skip
    confirmed = forms.IntegerField(label=_("How many do you refuse?"), min_value=1, max_value=50)

    def __init__(self, *args: Any, items: Any, queue: Queue, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["items"].queryset = items  # type: ignore[attr-defined]
        self.fields["reason_code"].choices = list(queue.refusal_reasons.items())  # type: ignore[attr-defined]
