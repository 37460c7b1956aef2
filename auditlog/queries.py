"""Reading the log: timelines and lists, in words, with the seal of each event."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.models import Checkpoint, Event, Label, Leaf
from auditlog.words import Fact, action_words, actor_kind_word, facts, refusal_words, subject_word

TIMELINE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Seal:
    """Where an event stands in the tree: its leaf, and the size of the first checkpoint over it."""

    index: int | None = None
    checkpoint: int | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether a signed checkpoint covers the event."""
        return self.checkpoint is not None


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a list or timeline tells it."""

    uid: uuid.UUID
    id: int
    at: dt.datetime
    words: str
    action: str
    actor: str
    actor_kind: str
    actor_id: uuid.UUID
    subject: str
    subject_word: str
    subject_kind: str
    subject_id: uuid.UUID
    tenant_id: uuid.UUID | None
    outcome: str
    refusal: str
    facts: list[Fact]
    seal: Seal
    source: str

    @property
    def is_refused(self) -> bool:
        """Whether it was refused."""
        return self.outcome == Event.Outcome.REFUSED

    @property
    def subject_short(self) -> str:
        """The subject's id, short, for where it has no name."""
        return str(self.subject_id)[:8]

    @property
    def actor_word(self) -> str:
        """The word for the kind of actor."""
        return actor_kind_word(self.actor_kind)

    @property
    def url(self) -> str:
        """The event's own page."""
        return reverse("auditlog:event_detail", args=[self.uid])

    @property
    def subject_url(self) -> str:
        """Leads to what the event is about, or says that it is gone."""
        return reverse("auditlog:subject_open", args=[self.subject_kind, self.subject_id])


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest events about one thing; ``more_url`` finds the rest."""

    events: list[Told]
    more_url: str = ""

    def __iter__(self) -> Any:
        """The events, newest first."""
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


def timeline(
    subject_kind: str,
    subject_id: uuid.UUID,
    *,
    also: Sequence[tuple[str, uuid.UUID]] = (),
    length: int = TIMELINE_LENGTH,
) -> Timeline:
    """What happened to one thing (and to those in ``also``), newest first. Three queries, however long."""
    wanted = [(subject_kind, subject_id), *also]
    about = reduce(or_, (Q(subject_kind=kind, subject_id=ref) for kind, ref in wanted))
    events = list(Event.objects.filter(about).order_by("-id")[: length + 1])
    more = f"{reverse('auditlog:event_list')}?id={subject_id}" if len(events) > length else ""
    return Timeline(told(events[:length]), more)


def told(events: Iterable[Event]) -> list[Told]:
    """Events in words; two more queries for all of them together."""
    rows = [(event, event.content) for event in events]
    names = _names(rows)
    seals = seals_of([event.id for event, _body in rows])
    return [_tell(event, body, names, seals.get(event.id, Seal())) for event, body in rows]


def seals_of(event_ids: Sequence[int]) -> dict[int, Seal]:
    """The seal of each event that is in the tree."""
    if not event_ids:
        return {}
    first = Checkpoint.objects.filter(origin=OuterRef("origin"), size__gt=OuterRef("index")).order_by("size")
    leaves = Leaf.objects.filter(event_id__in=event_ids).annotate(sealed=Subquery(first.values("size")[:1]))
    return {row.event_id: Seal(row.index, row.sealed) for row in leaves}


def _names(rows: list[tuple[Event, dict[str, Any]]]) -> dict[str, str]:
    """Names by their digest in the events, and the newest name of each subject by its id."""
    if not rows:
        return {}
    digests = {digest for _event, body in rows for digest in body["labels"].values()}
    refs = {event.subject_id for event, _body in rows}
    labels = Label.objects.filter(Q(digest__in=digests) | Q(ref_id__in=refs)).order_by("id")
    names: dict[str, str] = {}
    for label in labels:
        text = _("(name erased)") if label.erased_at else label.text
        names[label.digest] = names[f"{label.kind}/{label.ref_id}"] = text
    return names


def _tell(event: Event, body: dict[str, Any], names: dict[str, str], seal: Seal) -> Told:
    labels = body["labels"]
    kind = actor_kind_word(event.actor_kind)
    return Told(
        uid=event.uid,
        id=event.id,
        at=event.at,
        words=action_words(event.action),
        action=event.action,
        actor=names.get(labels.get("actor", ""), "") or f"{kind} {str(event.actor_id)[:8]}",
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        subject=names.get(labels.get("subject", ""), "") or names.get(f"{event.subject_kind}/{event.subject_id}", ""),
        subject_word=subject_word(event.subject_kind),
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        tenant_id=event.tenant_id,
        outcome=event.outcome,
        refusal=refusal_words(body["error"]) if body["error"] else "",
        facts=facts(body["details"]),
        seal=seal,
        source=body["source"],
    )
