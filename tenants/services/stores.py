"""Register, edit and withdraw data stores."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from tenants.models import DataStore, Tenant
from tenants.queries import overlapping
from tenants.regions import wrong_regions
from tenants.registry import STORE_EDITED, STORE_EDITING, STORE_REGISTERED, STORE_WITHDRAWING, ask_all
from tenants.selectors import selector_problem
from tenants.services.entry import key_problem, locked_tenant, one_line, reason_given, require_registrar, what_changed
from tenants.vocabulary import DATA_CLASSES, StoreKind

KIND = "tenants.store"
TEXTS = ("name", "selector", "account", "owner")
#: Backups that live longer than ten years are typing mistakes.
MOST_BACKUP_DAYS = 3_660


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What is recorded of a store.

    ``kind`` and ``selector``: :mod:`tenants.selectors`; ``region`` where it lies; ``account`` at the provider,
    or empty; ``data_classes`` (L2-20) it holds; ``backup_days`` until its last backup expires
    (``None``: no backups); ``owner``: the team that answers for it.
    """

    name: str
    kind: str
    selector: str
    region: str
    data_classes: tuple[str, ...]
    owner: str
    account: str = ""
    backup_days: int | None = None


def facts_of(row: DataStore) -> StoreFacts:
    """What is recorded of a store now."""
    return StoreFacts(
        name=row.name, kind=row.kind, selector=row.selector, region=row.region, owner=row.owner, account=row.account,
        data_classes=tuple(row.data_classes), backup_days=row.backup_days,
    )  # fmt: skip


def register_store(*, actor: Actor, tenant_id: uuid.UUID, key: str, facts: StoreFacts) -> DataStore:
    """Add a place where a tenant's data lies, in a region that the tenant allows (I59); ``key`` never changes.

    A terminated tenant's too: what turns up late has to be erased all the same (I53).
    """
    key, facts = key.strip(), _tidy(facts)
    with audited(actor, "tenants.store.registered", subject_kind=KIND, tenant_id=tenant_id) as change:
        require_registrar(actor, tenant_id)
        tenant = locked_tenant(tenant_id)
        if problems := key_problem(key, "orders-db") | _problems(facts, tenant):
            raise InvalidInputsError(problems)
        if tenant.stores.filter(key=key).exists():
            raise InvalidInputError(_("Another store of this tenant has this key."), field="key")
        _refuse_overlap(facts, tenant, change.subject_id)
        change.details = _told(facts)
        row: DataStore = DataStore.objects.create(id=change.subject_id, tenant=tenant, key=key, **_columns(facts))
        ask_all(STORE_REGISTERED, actor, row)
    return row


def edit_store(*, actor: Actor, store_id: uuid.UUID, facts: StoreFacts) -> DataStore:
    """Correct what is recorded of a store that was not withdrawn."""
    facts = _tidy(facts)
    with audited(actor, "tenants.store.edited", subject_kind=KIND, subject_id=store_id) as change:
        row = _locked(actor, store_id)
        tenant = locked_tenant(row.tenant_id)
        if problems := _problems(facts, tenant):
            raise InvalidInputsError(problems)
        _refuse_overlap(facts, tenant, store_id)
        ask_all(STORE_EDITING, actor, row)
        change.tenant_id = row.tenant_id
        change.details = what_changed(_told(facts_of(row)), _told(facts))
        for name, value in _columns(facts).items():
            setattr(row, name, value)
        row.save()
        ask_all(STORE_EDITED, actor, row)
    return row


def put_store(*, actor: Actor, tenant_id: uuid.UUID, key: str, facts: StoreFacts) -> DataStore:
    """Register the store, or correct what is recorded of it; nothing happens when it is so already."""
    row: DataStore | None = DataStore.objects.filter(tenant_id=tenant_id, key=key.strip()).first()
    if row is None:
        return register_store(actor=actor, tenant_id=tenant_id, key=key, facts=facts)
    require_registrar(actor, tenant_id)
    is_so = row.withdrawn_at is None and facts_of(row) == _tidy(facts)
    return row if is_so else edit_store(actor=actor, store_id=row.id, facts=facts)


def withdraw_store(*, actor: Actor, store_id: uuid.UUID, reason: str) -> DataStore:
    """Take out a store that never held the tenant's data, or does not any more; the row stays, with why."""
    with audited(actor, "tenants.store.withdrawn", subject_kind=KIND, subject_id=store_id) as change:
        row = _locked(actor, store_id)
        reason = reason_given(reason)
        ask_all(STORE_WITHDRAWING, actor, row)
        change.tenant_id, change.details = row.tenant_id, {"reason": reason}
        row.withdrawn_at, row.withdrawn_reason = timezone.now(), reason
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


def _locked(actor: Actor, store_id: uuid.UUID) -> DataStore:
    row: DataStore | None = DataStore.objects.select_for_update().filter(pk=store_id).first()
    if row is None:
        raise NotFoundError(_("There is no such data store."))
    require_registrar(actor, row.tenant_id)
    if row.withdrawn_at is not None:
        raise StateError(_("This data store was withdrawn. Register it again under another key."))
    return row


def _tidy(facts: StoreFacts) -> StoreFacts:
    return replace(
        facts, name=one_line(facts.name), owner=one_line(facts.owner), account=one_line(facts.account),
        selector=facts.selector.strip(), region=facts.region.strip(),
        data_classes=tuple(sorted(set(facts.data_classes))),
    )  # fmt: skip


def _problems(facts: StoreFacts, tenant: Tenant) -> dict[str, str]:
    problems = _place_problems(facts, tenant)
    if not facts.name:
        problems["name"] = _("Give the store's name.")
    if not facts.owner:
        problems["owner"] = _("Name the team that answers for it.")
    if not facts.data_classes or not set(facts.data_classes) <= set(DATA_CLASSES):
        problems["data_classes"] = _("Choose at least one of: %s.") % ", ".join(DATA_CLASSES)
    if facts.backup_days is not None and not 0 <= facts.backup_days <= MOST_BACKUP_DAYS:
        problems["backup_days"] = _("Give days from 0 to %s, or nothing where there are no backups.") % MOST_BACKUP_DAYS
    return problems


def _place_problems(facts: StoreFacts, tenant: Tenant) -> dict[str, str]:
    problems: dict[str, str] = {}
    if facts.kind not in StoreKind.values:
        problems["kind"] = _("Choose one of: %s.") % ", ".join(StoreKind.values)
    elif problem := selector_problem(facts.kind, facts.selector):
        problems["selector"] = problem
    if wrong_regions([facts.region]):
        problems["region"] = _("Give one region, such as eu-central-1.")
    elif facts.region not in tenant.allowed_regions:
        problems["region"] = _("%(tenant)s allows %(regions)s. Move the data, or have the region allowed first.") % {
            "tenant": tenant.name, "regions": ", ".join(tenant.allowed_regions),
        }  # fmt: skip
    return problems


def _refuse_overlap(facts: StoreFacts, tenant: Tenant, store_id: uuid.UUID) -> None:
    """Refuse a selector that holds another store's data: erasing one would erase from the other."""
    other = overlapping(kind=facts.kind, selector=facts.selector, account=facts.account, besides=store_id)
    if other is None:
        return
    told = other.key if other.tenant_id == tenant.id else _("a store of another tenant")
    words = _("This overlaps with %s: erasing one would erase from the other. Choose a narrower part.") % told
    if facts.kind == StoreKind.S3 and facts.account != other.account:
        words += " " + _("If they are two buckets of one name, give both accounts by their twelve digits.")
    raise InvalidInputError(words, field="selector")


def _columns(facts: StoreFacts) -> dict[str, Any]:
    return {**asdict(facts), "data_classes": list(facts.data_classes)}


def _told(facts: StoreFacts) -> dict[str, Any]:
    """The facts as an event tells them: text that may name a customer or a person as its digest (I99)."""
    told = _columns(facts)
    return told | {name: digest_of(told[name]) if told[name] else None for name in TEXTS}
