"""How a tenant's data stores are reached, and how long what they hold is kept."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import FilteredRelation, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import Right, has_right
from governance.store_notes import StoreNote
from governance.vocabulary import DataClass
from retention.models import DeletionCase, RetentionSchedule, StoreConnection
from retention.opening import WITHOUT_CONNECTION
from retention.queries.holds import schedules_of
from retention.troubles import words_of
from retention.vocabulary import ERASING, CaseState, Cause
from tenants.models import DataStore, Tenant
from tenants.vocabulary import StoreKind

#: What S3 is asked of a bucket, and of the objects below a prefix.
ON_BUCKET = ("GetBucketLocation", "ListBucket", "ListBucketVersions", "ListBucketMultipartUploads")
ON_OBJECTS = (
    "DeleteObject", "DeleteObjectVersion", "AbortMultipartUpload", "GetObject", "GetObjectVersion",
    "GetObjectRetention", "GetObjectLegalHold",
)  # fmt: skip
#: What is asked of a key that encrypts one tenant's data alone.
ON_KEY = ("DescribeKey", "ScheduleKeyDeletion")


def get_store_reached(store_id: uuid.UUID) -> tuple[DataStore, StoreConnection | None]:
    """A store with its tenant, and how it is reached."""
    rows = DataStore.objects.select_related("tenant", "connection__set_by")
    row: DataStore | None = rows.filter(pk=store_id).first()
    if row is None:
        raise NotFoundError(_("There is no such data store."))
    return row, getattr(row, "connection", None)


def notes_of(actor: Actor, tenant: Tenant, stores: Sequence[DataStore]) -> dict[uuid.UUID, list[StoreNote]]:
    """Of each store: until when what it holds is kept, how it is reached, and whether it has to stay. Three queries."""
    kept = schedules_of(tenant.id)
    reached = {row.store_id: row for row in StoreConnection.objects.filter(store__in=[store.id for store in stores])}
    may_connect = has_right(actor, Right.REGISTER_TENANT)
    stays = _staying(tenant, stores) if may_connect else {}
    found: dict[uuid.UUID, list[StoreNote]] = {}
    for store in stores:
        if store.withdrawn_at is None:
            found[store.id] = [
                *(StoreNote(words, "calendar-clock") for words in kept_words(tenant, store, kept)),
                *_reached(store, reached.get(store.id), may_connect=may_connect),
                *stays.get(store.id, []),
            ]
    return found


def _staying(tenant: Tenant, stores: Sequence[DataStore]) -> dict[uuid.UUID, list[StoreNote]]:
    """Stores that :mod:`retention.services.guarding` keeps in the register, and why, so that no verb is offered."""
    cases = DeletionCase.objects.filter(tenant=tenant).exclude(state=CaseState.CANCELLED).order_by()
    cases = cases.annotate(live=FilteredRelation("steps", condition=Q(steps__replaced_at=None)))
    rows = list(cases.values_list("cause", "state", "live__item__store_id").distinct())
    is_leaving = any(cause != Cause.DATA_SUBJECT for cause, _state, _store in rows)
    erased = {store for cause, state, store in rows if cause != Cause.DATA_SUBJECT or state in ERASING}
    as_approved = StoreNote(
        _("Its data is being deleted, or was: it stays as it was approved."), "lock",
        forbids=frozenset({"edit", "withdraw"}),
    )  # fmt: skip
    left_over = StoreNote(
        _("It stays: its tenant is to be deleted, and a store left out would be left over."), "lock",
        forbids=frozenset({"withdraw"}),
    )  # fmt: skip
    return {store.id: [as_approved] if store.id in erased else [left_over] if is_leaving else [] for store in stores}


def kept_words(tenant: Tenant, store: DataStore, kept: dict[str, RetentionSchedule]) -> list[str]:
    """Until when its data is kept; the end of the agreement ends every period."""
    if tenant.due_on is not None:
        return [_("Kept until %s at the latest: its tenant is terminated") % shown(tenant.due_on)]
    return [_kept(str(DataClass(name).label), kept.get(name)) for name in store.data_classes]


def _kept(label: str, row: RetentionSchedule | None) -> str:
    if row is None:
        return _("%s data: no schedule, kept until thirty days after the agreement’s end") % label
    period = ngettext("%s day", "%s days", row.keep_days) % row.keep_days
    whose = _("this tenant’s own schedule") if row.tenant_id else _("the default")
    return _("%(class)s data: kept %(period)s, by %(whose)s (%(basis)s)") % {
        "class": label, "period": period, "whose": whose, "basis": str(row.get_basis_display()).lower(),
    }  # fmt: skip


def shown(day: dt.date) -> str:
    """A day as pages write it."""
    return date_format(day, "j M Y")


def _reached(store: DataStore, row: StoreConnection | None, *, may_connect: bool) -> list[StoreNote]:
    if store.kind == StoreKind.ATTESTED:
        return []
    url = reverse("retention:connection_edit", args=[store.id]) if may_connect else ""
    tone, icon, words = connection_words(store, row)
    return [StoreNote(words, icon, tone, url, _("Connection…") if url else "")]


def connection_words(store: DataStore, row: StoreConnection | None) -> tuple[str, str, str]:
    """How its connection stands: tone, icon, words."""
    if row is not None and row.trouble:
        return "danger", "octagon-alert", str(words_of(row.trouble, row.trouble_detail).title)
    if row is not None and row.checked_at:
        return "ok", "circle-check", _("Answers")
    if store.kind == StoreKind.WEBHOOK:
        return ("ok", "key-round", _("Has a signing secret")) if row else ("warn", "unlink", _("No signing secret"))
    if row is None and store.kind not in WITHOUT_CONNECTION:
        return "warn", "unlink", _("No connection")
    return "neutral", "link", _("Not tried yet")


def rights_needed(store: DataStore, row: StoreConnection | None = None) -> str:
    """The least rights with which a store is counted and erased, to hand to whoever grants them."""
    if store.kind == StoreKind.SQL:
        table = store.selector.partition("=")[0].rpartition(".")[0]
        return f"GRANT SELECT, DELETE ON {table} TO countersign;"
    if store.kind != StoreKind.S3:
        return ""
    bucket = store.selector.partition("/")[0]
    statements = [
        _allowed("s3", ON_BUCKET, f"arn:aws:s3:::{bucket}"),
        _allowed("s3", ON_OBJECTS, f"arn:aws:s3:::{store.selector}*"),
    ]
    if key := row.settings.get("kms_key_id") if row else None:
        statements.append(_allowed("kms", ON_KEY, key))
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _allowed(service: str, actions: Sequence[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [f"{service}:{one}" for one in actions], "Resource": resource}
