"""Whether a service may be used now: read from the records each time, so a lapse acts without any job (I22)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Prefetch, QuerySet, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from governance.vocabulary import Purpose
from vendors.models import Authorisation, AuthorisationBasis
from vendors.queries.bases import label_of, label_of_term, problems_with, problems_with_agreement
from vendors.vocabulary import UNFIT_TIERS, PlanTier

State = Authorisation.State


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason why not, fit to show; ``code`` is stable, ``clause`` asks for it."""

    code: str
    text: str
    clause: str = "L2-5"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an authorisation stands at an instant: ``state`` with the clock and every basis looked at."""

    state: str
    grounds: tuple[Ground, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it counts."""
        return self.state == State.LIVE

    @property
    def label(self) -> str:
        """The state as a person reads it."""
        return str(State(self.state).label)


def with_bases(rows: QuerySet[Authorisation]) -> QuerySet[Authorisation]:
    """The authorisations with all that :func:`standing` reads, in a constant number of queries."""
    bases = AuthorisationBasis.objects.select_related("evidence", "term__agreement__evidence")
    return rows.select_related("service__vendor", "assessment").prefetch_related(Prefetch("bases", queryset=bases))


def standing(authorisation: Authorisation, at: dt.datetime | None = None) -> Standing:
    """How the authorisation stands at ``at`` (UTC; default now), whatever any job has written down."""
    at = at or timezone.now()
    if authorisation.state != State.LIVE:
        return Standing(authorisation.state, (Ground(authorisation.reason_code, authorisation.reason),))
    if at < authorisation.starts_at:
        return Standing(State.SUSPENDED, (Ground("not_yet", _("Its approval begins later.")),))
    broken = tuple(broken_grounds(authorisation, at))
    if broken:
        return Standing(State.SUSPENDED, broken)
    if at >= authorisation.until:
        return Standing(State.LAPSED, (lapsed_ground(authorisation),))
    return Standing(State.LIVE)


def lapsed_ground(authorisation: Authorisation) -> Ground:
    """That its time ran out, and what had set it."""
    last_day = authorisation.until.date() - dt.timedelta(days=1)
    return Ground(
        "time_ended",
        _("Its approval ended on %(day)s, set by %(why)s.")
        % {"day": date_format(last_day), "why": authorisation.until_because},
    )


def broken_grounds(authorisation: Authorisation, at: dt.datetime) -> Iterable[Ground]:
    """Each basis that no longer holds, with why."""
    on, vendor_name = at.date(), authorisation.service.vendor.name
    for basis in authorisation.bases.all():
        if basis.evidence is not None:
            for why in problems_with(basis.evidence, vendor_name, on):
                yield Ground("evidence_lost", f"{label_of(basis.evidence)}: {why}", "L2-35")
        elif basis.term is not None:
            for why in problems_with_agreement(basis.term.agreement, on):
                yield Ground("term_lost", f"{label_of_term(basis.term)}: {why}", "L2-8")


def current_authorisation(service_id: uuid.UUID) -> Authorisation | None:
    """The authorisation that speaks for the service: the live one, else the last that was given."""
    rows = with_bases(Authorisation.objects.filter(service_id=service_id))
    return rows.order_by(Case(When(state=State.LIVE, then=0), default=1), "-starts_at").first()


def may_use(
    *,
    service_id: uuid.UUID,
    data_class: str,
    environment: str,
    region: str,
    purpose: str,
    model: str,
    at: dt.datetime | None = None,
) -> list[Ground]:
    """Why this use is denied at ``at`` (UTC; default now), every ground with its clause; empty allows it.

    Unknown is deny (I90): a service nobody knows or approved, an empty or unlisted word.
    """
    authorisation = current_authorisation(service_id)
    if authorisation is None:
        return [Ground("not_approved", _("This service was never approved."))]
    grounds = list(standing(authorisation, at).grounds)
    tier = authorisation.service.plan_tier
    if tier in UNFIT_TIERS and purpose != Purpose.INTERNAL:
        text = _("The %(tier)s plan is never used for customer data.") % {"tier": PlanTier(tier).label.lower()}
        grounds.append(Ground("plan", text, "L2-4"))
    asked = (
        ("data_class", data_class, authorisation.data_classes, _("data class"), "L2-20"),
        ("environment", environment, authorisation.environments, _("environment"), "L2-26"),
        ("region", region, authorisation.regions, _("region"), "L2-44"),
        ("purpose", purpose, authorisation.purposes, _("purpose"), "L2-10"),
        ("model", model, authorisation.models, _("model"), "L2-3"),
    )
    for code, value, approved, word, clause in asked:
        if value not in approved:
            text = _("Not approved for the %(word)s “%(value)s”.") % {"word": word, "value": value or _("(none)")}
            grounds.append(Ground(code, text, clause))
    return grounds
