"""The one form of the review screen."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import ItemContent, ReviewItem
from reviews.services.deciding import Deciding
from reviews.services.drafts import MOST_REASON
from reviews.vocabulary import Verdict

LINE_ENDS = re.compile(r"\r\n?")


def as_browser(text: str) -> str:
    """The text as a browser sends it back from a field nobody touched."""
    return LINE_ENDS.sub("\n", text).replace("\x00", "\ufffd")


class DecisionForm(forms.Form):
    """A decision: verdict, why, what was changed, and the code that confirms it."""

    epoch = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
    seen_digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    verdict = forms.ChoiceField(required=False, choices=[("", ""), *Verdict.choices], widget=forms.HiddenInput)
    reason_code = forms.ChoiceField(label=_("Why do you refuse it?"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("In words"), required=False, strip=False, max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "enterkeyhint": "enter"}),
    )  # fmt: skip
    code = forms.CharField(
        label=_("Code from your authenticator app"), required=False, max_length=64,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, item: ReviewItem, content: ItemContent, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["reason_code"].choices = list(item.queue.refusal_reasons.items())  # type: ignore[attr-defined]
        self.content = content

    def edits(self) -> dict[str, str]:
        """What was typed into the draft's fields and differs from them, by name."""
        values = [(one["name"], one["value"]) for one in self.content.fields]
        if self.content.text:
            values.append(("text", self.content.text))
        typed = {name: self.data.get(f"edit-{index}") for index, (name, _value) in enumerate(values)}
        return {
            name: as_browser(text)
            for name, value in values
            if (text := typed[name]) is not None and as_browser(text) != as_browser(value)
        }

    def deciding(self) -> Deciding:
        """The decision as it was typed."""
        got = self.cleaned_data
        return Deciding(
            epoch=got["epoch"], seen_digest=got["seen_digest"], verdict=got["verdict"],
            reason_code=got["reason_code"] if got["verdict"] == Verdict.REFUSE else "", reason=got["reason"],
            edits=self.edits() if got["verdict"] != Verdict.REFUSE else {}, code=got["code"],
            assertion=self.data.get("assertion", ""),
        )  # fmt: skip


class AnswerForm(forms.Form):
    """An answer to a reviewer's question."""

    answer = forms.CharField(
        label=_("Your answer"), max_length=2000, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
