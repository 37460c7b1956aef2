"""What a reviewer sees of one item, gathered in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.authority import is_fresh
from reviews.differences import Change, changes
from reviews.models import Citation, Claim, Decision, DecisionDraft, Escalation, ItemContent, Question, ReviewItem
from reviews.queries.blindness import (
    decisions_shown,
    escalations_shown,
    is_blind,
    reviews_here,
    settles,
    state_shown,
)
from reviews.queries.seeds import SeedOutcome, seed_outcome
from reviews.queries.sources import Source, sources_of
from reviews.services.decisions import needs_step_up
from reviews.services.drafts import own_draft
from reviews.services.sources import changed_sources, cited
from reviews.text import Span, hidden_in, reveal
from reviews.vocabulary import Criticality, ItemState


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One value of the draft: inert, with its claims marked, and as the reviewer is changing it."""

    index: int
    name: str
    label: SafeString
    value: str
    html: SafeString
    typed: str
    sources: list[Source]
    hidden: list[str]
    is_text: bool = False

    @property
    def input_name(self) -> str:
        """The form's field."""
        return f"edit-{self.index}"

    @property
    def is_changed(self) -> bool:
        """Whether the reviewer typed something else."""
        return self.typed != self.value

    @property
    def difference(self) -> list[Change]:
        """What was taken out and put in."""
        return changes(self.value, self.typed)


@dataclass(slots=True)
class Told:
    """One decision as the record tells it."""

    decision: Decision
    reason: str
    edits: list[tuple[SafeString, list[Change]]] = field(default_factory=list)


@dataclass(slots=True)
class Screen:
    """An item with everything around it, as one actor may see it."""

    item: ReviewItem
    content: ItemContent
    claim: Claim | None
    kept: DecisionDraft
    sources: list[Source]
    fields: list[FieldShown]
    told: list[Told]
    questions: list[Question]
    escalations: list[Escalation]
    seed: SeedOutcome | None
    state: ItemState
    blind: bool
    third: bool
    asks_factor: bool
    is_own: bool

    @property
    def has_draft(self) -> bool:
        """Whether the actor typed something here that is kept."""
        kept = self.kept
        return not kept._state.adding and bool(kept.edits or kept.reason or kept.reason_code)

    @property
    def seconds_left(self) -> int:
        """Seconds of the lease that are left; 0 when it is over."""
        return max(0, round((self.claim.until - timezone.now()).total_seconds())) if self.claim else 0

    @property
    def is_held(self) -> bool:
        """Whether the actor holds the item now."""
        return self.is_own and self.seconds_left > 0

    @property
    def unopened(self) -> int:
        """How many cited sources the actor has not opened."""
        return sum(not one.opened for one in self.sources)

    @property
    def opened_count(self) -> int:
        """How many cited sources the actor has opened."""
        return len(self.sources) - self.unopened

    @property
    def must_open(self) -> bool:
        """Whether every source is opened before an approval (I77)."""
        return self.item.criticality == Criticality.CRITICAL

    @property
    def broken(self) -> list[Source]:
        """Sources that changed or are gone."""
        return [one for one in self.sources if one.blocks]

    @property
    def is_edited(self) -> bool:
        """Whether the reviewer has changed something."""
        return any(one.is_changed for one in self.fields)

    @property
    def hidden(self) -> list[str]:
        """What hides in the draft, by name."""
        return list(dict.fromkeys(name for one in self.fields for name in one.hidden))

    @property
    def why_not_approve(self) -> str:
        """Why the approve button does nothing yet; empty when it does."""
        if self.broken:
            return _("A cited source changed since. Refuse it, or ask for a new draft.")
        if self.must_open and self.unopened:
            return ngettext(
                "Open the cited source first: %(n)s is unread.", "Open the cited sources first: %(n)s are unread.",
                self.unopened,
            ) % {"n": self.unopened}  # fmt: skip
        return ""


def screen_for(actor: Actor, item: ReviewItem, edits: dict[str, str] | None = None) -> Screen:
    """The screen of an item the actor may read; ``edits`` are what was just typed, else what was kept."""
    content = item.content
    citations = list(cited(item).select_related("source"))
    claim = Claim.objects.filter(item=item, ended_at=None).select_related("person").first() if item.is_live else None
    reviews = reviews_here(actor, item)
    kept = own_draft(actor, item) if reviews and item.is_live else DecisionDraft(item=item)
    labels = {one["name"]: reveal(one["label"]) for one in content.fields} | {"": _("Text")}
    changed = changed_sources(item, citations) if item.is_live else []
    sources = sources_of(citations, changed, set(kept.opened), labels)
    third = settles(actor, claim)
    blind = is_blind(actor, item) and not third
    return Screen(
        item=item, content=content, claim=claim, kept=kept, sources=sources,
        fields=fields_of(content, sources, kept.edits if edits is None else edits),
        told=[told(one, item, content) for one in decisions_shown(actor, item, claim)],
        questions=list(item.questions.select_related("asked_by")),
        escalations=escalations_shown(actor, item) if item.escalated_at else [],
        seed=seed_outcome(item, actor), state=state_shown(item, masked=blind), blind=blind, third=third,
        asks_factor=needs_step_up(item) or not is_fresh(actor, item.queue.second_factor_minutes),
        is_own=claim is not None and claim.person_id == actor.id,
    )  # fmt: skip


def fields_of(content: ItemContent, sources: list[Source], typed: dict[str, str]) -> list[FieldShown]:
    """The draft's fields, and its text as the last of them."""
    rows: list[dict[str, Any]] = [*content.fields]
    if content.text:
        rows.append({"name": "", "label": _("Text"), "value": content.text})
    return [field_of(index, row, sources, typed) for index, row in enumerate(rows)]


def field_of(index: int, row: dict[str, Any], sources: list[Source], typed: dict[str, str]) -> FieldShown:
    """One field with the citations that stand behind it."""
    name, value = row["name"], row["value"]
    behind = [one for one in sources if one.citation.field == name]
    return FieldShown(
        index, name, reveal(row["label"]), value, reveal(value, [span_of(one, value) for one in behind]),
        typed.get(name or "text", value), behind, hidden_in(value), is_text=not name,
    )  # fmt: skip


def span_of(source: Source, value: str) -> Span:
    """The characters a citation stands behind; all of them when it names none."""
    cited: Citation = source.citation
    whole = cited.starts == cited.ends
    return Span(0 if whole else cited.starts, len(value) if whole else min(cited.ends, len(value)), source.number)


def told(decision: Decision, item: ReviewItem, content: ItemContent) -> Told:
    """A decision with what it changed."""
    values = {one["name"]: (one["label"], one["value"]) for one in content.fields} | {"text": (_("Text"), content.text)}
    edits = [
        (reveal(values[name][0]), changes(values[name][1], value))
        for name, value in decision.edits.items()
        if name in values
    ]
    words = item.queue.refusal_reasons.get(decision.reason_code, decision.reason_code)
    return Told(decision, words, edits)
