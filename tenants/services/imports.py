"""The register from a file: rehearsed line by line, then applied whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import GovernanceError, InvalidInputError, StateError
from tenants.models import Agreement, DataStore, Site, Tenant
from tenants.services.agreements import AgreementTerms, edit_agreement, record_agreement, terms_of
from tenants.services.entry import one_line, require_registrar
from tenants.services.sites import edit_site, register_site
from tenants.services.stores import StoreFacts, edit_store, facts_of, register_store
from tenants.services.tenants import edit_tenant, register_tenant
from tenants.sheet import RECORDS, Line
from tenants.vocabulary import AgreementKind, StoreKind

#: What a cell says to take away what is there.
NOTHING = "-"
YES, NO = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0")
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that a line changes."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one line: ``add``, ``change``, ``same`` or ``refuse`` with the reason."""

    number: int
    record: str
    tenant: str
    key: str
    verdict: str
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each line, in the file's order."""

    outcomes: list[Outcome]

    def count(self, verdict: str) -> int:
        """How many lines have this outcome."""
        return sum(outcome.verdict == verdict for outcome in self.outcomes)

    @property
    def digest(self) -> str:
        """What somebody saw before applying it: SHA-256 over every outcome, hex."""
        return hashlib.sha256(json.dumps([asdict(one) for one in self.outcomes]).encode()).hexdigest()

    @property
    def refused(self) -> int:
        """Lines that would be refused."""
        return self.count("refuse")

    @property
    def writes(self) -> int:
        """Lines that would change something."""
        return self.count("add") + self.count("change")


class _RehearsedError(Exception):
    """Takes a rehearsal back."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def rehearse_import(*, actor: Actor, lines: list[Line]) -> Plan:
    """What would become of each line: everything is done by the services that apply it, and taken back."""
    try:
        with audited(actor, "tenants.register.imported", subject_kind="tenants.register"):
            require_registrar(actor)
            raise _RehearsedError(_run(actor, lines))
    except _RehearsedError as rehearsed:
        return rehearsed.plan


def import_register(*, actor: Actor, lines: list[Line], seen_digest: str) -> Plan:
    """Apply every line in one change, exactly as it was rehearsed.

    Raises :class:`StateError` when the register has changed since (``seen_digest`` is the rehearsed plan's),
    :class:`InvalidInputError` when a line is refused or none changes anything; then nothing is changed.
    """
    with audited(actor, "tenants.register.imported", subject_kind="tenants.register") as change:
        require_registrar(actor)
        plan = _run(actor, lines)
        if plan.digest != seen_digest:
            raise StateError(_("The register has changed since you looked. Nothing was imported; look again."))
        if plan.refused:
            raise InvalidInputError(_("Lines are refused, so nothing was imported. Mend them and upload it again."))
        if not plan.writes:
            raise InvalidInputError(_("The register says all of this already."))
        _tell(change, plan)
    return plan


def _tell(change: Change, plan: Plan) -> None:
    counts = Counter(f"{one.record}s_{one.verdict}" for one in plan.outcomes)
    change.details = {"plan": plan.digest, **dict(sorted(counts.items()))}


def _run(actor: Actor, lines: list[Line]) -> Plan:
    """Do every line, tenants first, then sites, agreements and stores, whatever their order in the file."""
    keeper = _Keeper(actor)
    ranks = {record: rank for rank, record in enumerate(RECORDS)}
    done = [keeper.settle(line) for line in sorted(lines, key=lambda line: (ranks.get(line.record, 9), line.number))]
    return Plan(sorted(done, key=lambda outcome: outcome.number))


def _value(line: Line, name: str, present: Any, reading: Callable[[str], Any] = str) -> Any:
    """The cell as a value; an empty one leaves what is there, ``-`` takes it away."""
    cell = line.cells.get(name, "")
    if not cell:
        return present
    return reading("" if cell == NOTHING else cell)


def _day(cell: str) -> dt.date | None:
    if not cell:
        return None
    try:
        if ISO.fullmatch(cell):
            return dt.date.fromisoformat(cell)
    except ValueError:
        pass
    raise InvalidInputError(_("“%s” is no date; write it as 2026-01-31.") % cell[:40])


def _is_yes(cell: str) -> bool:
    if cell.lower() in (*YES, *NO, ""):
        return cell.lower() in YES
    raise InvalidInputError(_("“%s” is neither yes nor no.") % cell[:40])


def _kind(cell: str) -> str:
    return _word_of(AgreementKind, cell)


def _store_kind(cell: str) -> str:
    return _word_of(StoreKind, cell)


def _word_of(choices: type[models.TextChoices], cell: str) -> str:
    """The value that a cell names by itself or by its label; what names none is left to the service to refuse."""
    return next((one.value for one in choices if cell.lower() in (one.value, str(one.label).lower())), cell)


def _words(cell: str) -> list[str]:
    return sorted({word for word in re.split(r"[\s,;]+", cell) if word})


def _days(cell: str) -> int | None:
    if not cell:
        return None
    if cell.isascii() and cell.isdigit() and len(cell) < 10:
        return int(cell)
    raise InvalidInputError(_("“%s” is no number of days.") % cell[:40])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    return tuple(
        Difference(name, _shown(before.get(name)), _shown(value))
        for name, value in after.items()
        if value != before.get(name) and (before or _shown(value))
    )


@dataclass
class _Keeper:
    """Knows what is in the register and which lines were done, and does one line after the other."""

    actor: Actor
    tenants: dict[str, Tenant] = field(default_factory=lambda: {row.key: row for row in Tenant.objects.all()})
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def settle(self, line: Line) -> Outcome:
        """Do the line; a refusal by a service is its outcome."""
        about = (line.number, line.record, line.tenant, line.key)
        try:
            before, after, verb = self._look(line)
            differences = _differences(before, after)
            if before and not differences:
                return Outcome(*about, "same")
            verb()
        except GovernanceError as refusal:
            return Outcome(*about, "refuse", reason=refusal.message)
        return Outcome(*about, "change" if before else "add", differences)

    def _look(self, line: Line) -> tuple[dict[str, Any], dict[str, Any], Callable[[], Any]]:
        """What is there (empty: nothing), what there is to be, and what makes it so."""
        if line.record not in RECORDS:
            raise InvalidInputError(_("The column record says tenant, site, agreement or store."))
        name = (line.record, line.tenant, line.key if line.record != "tenant" else "")
        first = self.seen.setdefault(name, line.number)
        if first != line.number:
            raise InvalidInputError(_("Line %s is about the same.") % first)
        looks = {"tenant": self._tenant, "site": self._site, "agreement": self._agreement, "store": self._store}
        return looks[line.record](line)

    def _tenant(self, line: Line) -> tuple[dict[str, Any], dict[str, Any], Callable[[], Any]]:
        row = self.tenants.get(line.tenant)
        before = {"name": row.name, "allowed_regions": row.allowed_regions} if row else {}
        after = {
            "name": one_line(_value(line, "name", before.get("name", ""))),
            "allowed_regions": _value(line, "allowed_regions", before.get("allowed_regions", []), _words),
        }
        if row:
            return before, after, lambda: edit_tenant(actor=self.actor, tenant_id=row.id, **after)
        return before, after, lambda: self._register(line.tenant, after)

    def _register(self, key: str, after: dict[str, Any]) -> None:
        self.tenants[key] = register_tenant(actor=self.actor, key=key, **after)

    def _of(self, line: Line) -> Tenant:
        row = self.tenants.get(line.tenant)
        if row is None:
            raise InvalidInputError(_("There is no tenant “%s”, here or in the file.") % line.tenant[:64])
        return row

    def _site(self, line: Line) -> tuple[dict[str, Any], dict[str, Any], Callable[[], Any]]:
        tenant = self._of(line)
        row: Site | None = Site.objects.filter(tenant=tenant, key=line.key).first()
        before = {"name": row.name} if row else {}
        after = {"name": one_line(_value(line, "name", before.get("name", "")))}
        if row:
            return before, after, lambda: edit_site(actor=self.actor, site_id=row.id, **after)
        return before, after, lambda: register_site(actor=self.actor, tenant_id=tenant.id, key=line.key, **after)

    def _agreement(self, line: Line) -> tuple[dict[str, Any], dict[str, Any], Callable[[], Any]]:
        tenant = self._of(line)
        row: Agreement | None = Agreement.objects.filter(tenant=tenant, reference=line.key).first()
        before = asdict(terms_of(row)) if row else {}
        terms = _terms(line, before)
        if row:
            return before, asdict(terms), lambda: edit_agreement(actor=self.actor, agreement_id=row.id, terms=terms)
        return (
            before,
            asdict(terms),
            lambda: record_agreement(actor=self.actor, tenant_id=tenant.id, reference=line.key, terms=terms),
        )

    def _store(self, line: Line) -> tuple[dict[str, Any], dict[str, Any], Callable[[], Any]]:
        tenant = self._of(line)
        row: DataStore | None = DataStore.objects.filter(tenant=tenant, key=line.key).first()
        if row is not None and row.withdrawn_at is not None:
            raise StateError(_("This data store was withdrawn. Register it again under another key."))
        before = asdict(facts_of(row)) if row else {}
        facts = _facts(line, before)
        if row:
            return before, asdict(facts), lambda: edit_store(actor=self.actor, store_id=row.id, facts=facts)
        return (
            before,
            asdict(facts),
            lambda: register_store(actor=self.actor, tenant_id=tenant.id, key=line.key, facts=facts),
        )


def _facts(line: Line, before: dict[str, Any]) -> StoreFacts:
    """What the line says of a data store, over what is recorded now."""
    texts = {name: _value(line, name, before.get(name, "")) for name in ("selector", "region")}
    lines = {name: one_line(_value(line, name, before.get(name, ""))) for name in ("name", "account", "owner")}
    return StoreFacts(
        **texts, **lines, kind=_value(line, "kind", before.get("kind", ""), _store_kind),
        data_classes=tuple(_value(line, "data_classes", before.get("data_classes", ()), _words)),
        backup_days=_value(line, "backup_days", before.get("backup_days"), _days),
    )  # fmt: skip


def _terms(line: Line, before: dict[str, Any]) -> AgreementTerms:
    """What the line says of an agreement, over what it says now."""
    starts_on = _value(line, "starts_on", before.get("starts_on"), _day)
    if starts_on is None:
        raise InvalidInputError(_("Say from when it runs, in the column starts_on."))
    return AgreementTerms(
        kind=_value(line, "kind", before.get("kind", ""), _kind),
        starts_on=starts_on,
        ends_on=_value(line, "ends_on", before.get("ends_on"), _day),
        customer_owns_data=_value(line, "customer_owns_data", before.get("customer_owns_data", False), _is_yes),
        company_owns_platform=_value(
            line, "company_owns_platform", before.get("company_owns_platform", False), _is_yes
        ),
        evidence_digest=_value(line, "evidence_digest", before.get("evidence_digest", ""), str.lower),
    )
