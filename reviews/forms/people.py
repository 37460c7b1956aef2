"""Forms for skills, absences, and the filters of the list of items."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from governance.models import Person
from reviews.queries.blindness import MASKS, masks_states
from reviews.queries.queues import Wanted
from reviews.queries.scopes import queues_for
from reviews.vocabulary import Criticality, ItemState
from tenants.models import Site

ANY = ("", _("Any"))
WHEN = [ANY, ("late", _("Late")), ("soon", _("Due within 30 minutes"))]
HOLDER = [ANY, ("mine", _("Held by me, or kept for me")), ("decided", _("Decided by me"))]


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody active."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Person.objects.filter(is_active=True).order_by("name"), **more)


class SkillForm(forms.Form):
    """Somebody is able to do something."""

    person = PersonField(label=_("Person"), help_text=_("Nobody says it of themselves."))
    skill = forms.SlugField(
        label=_("Skill"), max_length=64,
        help_text=_("A short word that queues ask for, for example hydraulics or high-voltage."),
    )  # fmt: skip


class AbsenceForm(forms.Form):
    """Somebody is away, and who covers for them."""

    person = PersonField(label=_("Who is away?"))
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    cover = PersonField(
        label=_("Who covers?"), required=False, empty_label=_("Nobody: back to everybody"),
        help_text=_("What is kept for them goes to this person meanwhile."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, for_others: bool, **more: Any) -> None:
        more.setdefault(
            "initial", {"person": actor.id, "starts_at": timezone.localtime().replace(second=0, microsecond=0)}
        )
        super().__init__(*args, **more)
        if not for_others:
            self.fields["person"].queryset = Person.objects.filter(pk=actor.id)  # type: ignore[attr-defined]
            self.fields["person"].empty_label = None  # type: ignore[attr-defined]


class ItemFilter(forms.Form):
    """What of the items somebody looks for."""

    q = forms.CharField(
        label=_("Reference"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    criticality = forms.ChoiceField(label=_("Criticality"), required=False, choices=[ANY, *Criticality.choices])
    queue: Any = forms.ModelChoiceField(label=_("Queue"), required=False, queryset=None, empty_label=_("Any"))
    site: Any = forms.ModelChoiceField(label=_("Site"), required=False, queryset=None, empty_label=_("Any"))
    when = forms.ChoiceField(label=_("Deadline"), required=False, choices=WHEN)
    holder = forms.ChoiceField(label=_("Holder"), required=False, choices=HOLDER)

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        masked = masks_states(actor)
        states = [(value, label) for value, label in ItemState.choices if not (masked and value in MASKS)]
        self.fields["state"].choices = [ANY, ("live", _("Not final yet")), *states]  # type: ignore[attr-defined]
        queues = queues_for(actor)
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]
        self.fields["site"].queryset = Site.objects.filter(tenant_id__in=queues.order_by().values("tenant_id"))  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """The filter; what is not among the choices counts as any."""
        self.is_valid()
        typed = self.cleaned_data
        return Wanted(
            state=typed.get("state", ""), criticality=typed.get("criticality", ""), when=typed.get("when", ""),
            site=str(typed["site"].pk) if typed.get("site") else "", holder=typed.get("holder", ""),
            queue=str(typed["queue"].pk) if typed.get("queue") else "", words=typed.get("q", "").strip(),
        )  # fmt: skip
