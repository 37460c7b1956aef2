"""Shape and wording of the governance pages' forms; what may be is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.approval_kinds import KINDS
from governance.models import Signature
from governance.services.roles import SIGNING
from governance.vocabulary import Role
from tenants.models import Site, Tenant


class FactorForm(forms.Form):
    """The second factor for one confirmation: a code, or a security key's answer in the hidden field.

    ``with_key``: the key has yet to be asked, so neither is wanted. Shown by ``governance/_factor.html``.
    """

    code = forms.CharField(
        label=_("Authenticator code"),
        max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}),
        error_messages={"required": _("Enter the code from your authenticator app, or use your security key.")},
        help_text=_(
            "Six digits from your authenticator app. A code works once: if you just signed in with this one, "
            "wait for the next."
        ),
    )
    assertion = forms.CharField(required=False, max_length=16_384, widget=forms.HiddenInput)

    def __init__(self, *args: Any, with_key: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answered = self.is_bound and self.data.get(self.add_prefix("assertion"))
        self.fields["code"].required = not (with_key or answered)


class SignatureForm(FactorForm):
    """Verdict, reason and second factor of one signature."""

    seen_digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    verdict = forms.ChoiceField(label=_("Your decision"), choices=Signature.Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with your signature. An auditor reads it years from now."),
    )
    field_order = ("seen_digest", "verdict", "reason", "code")


class WithdrawForm(forms.Form):
    """Why a request is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PersonForm(forms.Form):
    """Somebody new."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class RoleChangeForm(forms.Form):
    """Give somebody a role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    tenant = forms.ModelChoiceField(
        label=_("Tenant"), queryset=Tenant.objects.all(), required=False, empty_label=_("Every tenant"),
        help_text=_("A reviewer always works for one tenant."),
    )  # fmt: skip
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.filter(closed_on=None).select_related("tenant"),
        required=False,
        empty_label=_("Every site"),
    )
    valid_until = forms.DateTimeField(
        label=_("Until"), required=False, help_text=_("Empty: until somebody ends it. Time in UTC."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The security approver who countersigns reads this."),
    )  # fmt: skip


class FactorResetForm(forms.Form):
    """Ask to reset somebody's second factors."""

    reason = forms.CharField(
        label=_("What was lost"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as “phone stolen on Monday, the key was on the same ring, no recovery codes”."),
    )
    identity_check = forms.CharField(
        label=_("How you made sure it is them"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "As thoroughly as when they joined: seen in person with a badge, or called back on the number their "
            "manager has. A mail or a message is not enough."
        ),
    )


class RoleEndForm(forms.Form):
    """End a role somebody holds."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class NameErasureForm(FactorForm):
    """Whose names leave the log, typed out, and a second factor."""

    email = forms.CharField(
        label=_("E-mail address of this person"),
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Type it out, so that it cannot be the wrong person by accident."),
    )
    field_order = ("email", "code")


class PeopleFilter(forms.Form):
    """Filter of the list of people."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Any role")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("Any state")), ("active", _("Active")), ("disabled", _("Disabled"))],
    )  # fmt: skip


class ApprovalFilter(forms.Form):
    """Filter of the list of approvals."""

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("", _("Any state")), ("pending", _("Waiting")), ("approved", _("Approved")),
            ("rejected", _("Rejected")), ("closed", _("Closed otherwise")),
        ],
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("About"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.kind, kind.name) for kind in KINDS.values()]
        self.fields["kind"].choices = [("", _("Anything")), *sorted(kinds, key=lambda pair: pair[1])]  # type: ignore[attr-defined]


class PolicyForm(forms.Form):
    """A proposed policy: a number of people for each role that signs."""

    step_up_minutes = forms.IntegerField(
        label=_("Second factor at most this old, minutes"), min_value=1, max_value=15, initial=15
    )
    security_key_only = forms.BooleanField(
        label=_("Security keys only"), required=False, help_text=_("Codes from an app do not sign.")
    )
    decide_within_days = forms.IntegerField(label=_("Decide within, days"), min_value=1, max_value=365, initial=14)
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in sorted(SIGNING):
            self.fields[f"count_{role}"] = forms.IntegerField(
                label=Role(role).label, min_value=0, max_value=9, required=False, initial=0
            )

    def count_fields(self) -> list[forms.BoundField]:
        """The number-per-role fields, for the template."""
        return [self[f"count_{role}"] for role in sorted(SIGNING)]

    def wanted_groups(self) -> dict[str, int]:
        """Role → how many, without the zeros."""
        return {role: count for role in SIGNING if (count := self.cleaned_data.get(f"count_{role}") or 0)}
