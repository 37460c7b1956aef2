"""Forms of the assessment's workspace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import FactorForm
from governance.models import Evidence
from governance.vocabulary import DataClass, EnvironmentName, Purpose
from vendors.forms.fields import EvidenceChoice, area, date_input
from vendors.models import Assessment, IsolationReview, Questionnaire
from vendors.queries.reading import evidence_on_file
from vendors.services.assessments import Scope
from vendors.services.isolation_reviews import FIELDS as REVIEW_FIELDS
from vendors.services.isolation_reviews import ReviewDetails
from vendors.vocabulary import Criticality

CHECKS = forms.CheckboxSelectMultiple


class DraftForm(forms.Form):
    """A form whose every field is needed in the end, and none yet."""

    def full_clean(self) -> None:
        """Take what is there; submission asks for the rest (I20)."""
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for field in self.fields.values():
            field.required = True


class ScopeForm(DraftForm):
    """What the service is to be approved for."""

    intended_use = forms.CharField(
        label=_("What people will use it for"), max_length=1000, widget=area(3),
        help_text=_("In plain words: every employee reads this in the register."),
    )  # fmt: skip
    data_classes = forms.MultipleChoiceField(label=_("Data classes"), choices=DataClass.choices, widget=CHECKS)
    purposes = forms.MultipleChoiceField(label=_("Purposes"), choices=Purpose.choices, widget=CHECKS)
    environments = forms.MultipleChoiceField(label=_("Environments"), choices=EnvironmentName.choices, widget=CHECKS)
    regions = forms.MultipleChoiceField(label=_("Regions"), widget=CHECKS, help_text=_("Those the service lists."))
    models = forms.MultipleChoiceField(label=_("Models"), widget=CHECKS, help_text=_("Those the service lists."))
    criticality = forms.TypedChoiceField(
        label=_("How much depends on it"), choices=[("", _("Not decided yet")), *Criticality.choices], coerce=int,
        empty_value=None,
    )  # fmt: skip
    requested_until = forms.DateField(
        label=_("Wanted until"), widget=date_input(),
        help_text=_("The last day. The approval ends earlier when evidence or a term it stands on does."),
    )  # fmt: skip

    def __init__(self, assessment: Assessment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service = assessment.service
        regions = sorted({*service.regions, *assessment.regions})
        models = sorted({*(row.name for row in service.models.all()), *assessment.models})
        self.fields["regions"].choices = [(name, name) for name in regions]  # type: ignore[attr-defined]
        self.fields["models"].choices = [(name, name) for name in models]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, assessment: Assessment) -> ScopeForm:
        """Filled with what was said so far."""
        return cls(assessment, initial={name: getattr(assessment, name) for name in cls.base_fields})

    def scope(self) -> Scope:
        """What was typed."""
        typed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.cleaned_data.items()
        }
        return Scope(**typed)


class QuestionnaireChoiceForm(forms.Form):
    """Which questionnaire is answered."""

    questionnaire = forms.ModelChoiceField(
        label=_("Questionnaire"), queryset=Questionnaire.objects.none(), empty_label=_("Choose a questionnaire")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["questionnaire"].queryset = Questionnaire.objects.all()  # type: ignore[attr-defined]


class AttachForm(forms.Form):
    """Evidence to put forward."""

    evidence = EvidenceChoice(
        label=_("Evidence on file"), queryset=Evidence.objects.none(), empty_label=_("Choose evidence")
    )
    proves = forms.CharField(
        label=_("What it proves, with pages"), max_length=300, required=False,
        help_text=_("Such as: segregation of customers, pages 31–34."),
    )  # fmt: skip

    def __init__(self, assessment: Assessment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attached = assessment.evidence_links.values("evidence")
        self.fields["evidence"].queryset = evidence_on_file().exclude(pk__in=attached)  # type: ignore[attr-defined]


class IsolationForm(forms.Form):
    """An isolation review."""

    method = forms.ChoiceField(label=_("How it was examined"), choices=IsolationReview.Method.choices)
    network_path = forms.CharField(
        label=_("Network path"), max_length=2000, widget=area(3),
        help_text=_("From our machines to the model: private link, VPC endpoint, what is between."),
    )  # fmt: skip
    tenant_separation = forms.CharField(
        label=_("Separation of tenants"), max_length=2000, widget=area(3),
        help_text=_("What keeps other customers of the vendor from our data."),
    )  # fmt: skip
    credentials_separation = forms.CharField(
        label=_("Separation of credentials"), max_length=2000, widget=area(3),
        help_text=_("Who holds which keys, per environment, and how they rotate."),
    )  # fmt: skip
    verdict = forms.ChoiceField(label=_("Verdict"), choices=IsolationReview.Verdict.choices, widget=forms.RadioSelect)
    conditions = forms.CharField(label=_("Conditions"), max_length=2000, required=False, widget=area(2))
    evidence = EvidenceChoice(
        label=_("Document"), queryset=Evidence.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = evidence_on_file()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, review: IsolationReview | None) -> IsolationForm:
        """Filled with the latest review, to be looked at again."""
        names = [*(name for name in REVIEW_FIELDS if name != "verdict"), "evidence"]
        return cls(initial={name: getattr(review, name) for name in names} if review else {})

    def details(self) -> ReviewDetails:
        """What was typed."""
        typed = dict(self.cleaned_data)
        evidence = typed.pop("evidence")
        return ReviewDetails(**typed, evidence_id=evidence.id if evidence else None)


class ConditionsForm(forms.Form):
    """What people must keep when they use the service."""

    conditions = forms.CharField(
        label=_("Conditions of use"), max_length=4000, required=False, widget=area(4),
        help_text=_("One per line. Part of what is signed; every employee reads them in the register."),
    )  # fmt: skip


class WithdrawForm(forms.Form):
    """Why a submission is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=300, required=False, widget=area(2))


class RevokeForm(FactorForm):
    """Why a service may no longer be used, and a second factor."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=area(3), help_text=_("Everybody who asks for the service reads this.")
    )
    field_order = ("reason", "code")
