"""Where a store's connection leads, as it is signed for: another server, database or key is another deletion (I10)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auditlog.errors import InvalidInputError, StateError
from governance.sealing import keyed_digest, keyed_digests
from retention.connectors.base import TroubleError
from retention.models import StoreConnection
from retention.opening import secrets_of
from retention.services.guarding import live_steps
from retention.vocabulary import StepState
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

PURPOSE = "retention.address"
#: Parts of a database address that say who asks, not where: a password that is rotated changes nothing.
WHO_ASKS = frozenset({"user", "password", "passwd", "passfile", "sslpassword", "sslkey", "sslcert"})


def address_facts(store: DataStore) -> dict[str, str]:
    """Where its connection leads: ``address`` as a keyed digest, ``kms_key`` as it is; empty where there is none."""
    row: StoreConnection | None = getattr(store, "connection", None)
    if row is None:
        return {"address": "", "kms_key": ""}
    try:
        text = _address(store.kind, row.settings, secrets_of(row))
    except TroubleError:  # sealed with a key that is gone: it leads nowhere
        text = ""
    return {"address": keyed_digest(text, purpose=PURPOSE) if text else "", "kms_key": _key(row.settings)}


def _address(kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    if kind == StoreKind.S3:
        return json.dumps(["s3", settings.get("endpoint_url", "").rstrip("/")])
    if kind != StoreKind.SQL:
        return ""
    try:
        url = make_url(secrets.get("url", ""))
    except (ArgumentError, ValueError):
        return ""
    more = sorted((name, value) for name, value in url.query.items() if name not in WHO_ASKS)
    return json.dumps([url.get_backend_name(), url.host, url.port, url.database, more])


def _key(settings: Mapping[str, Any]) -> str:
    key, server = settings.get("kms_key_id", ""), settings.get("kms_endpoint_url", "")
    return f"{key} ({server})" if key and server else str(key)


def refuse_moved(store: DataStore, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """While a store's data is being deleted, or was, its connection leads where it was signed for.

    Who asks (credentials) may change at any time; a mistyped key may be corrected while it blocks its store.
    """
    now = keyed_digests(_address(store.kind, settings, secrets), purpose=PURPOSE)
    for step in live_steps(store).select_related("item"):
        signed = step.item.facts
        if signed.get("address") and signed["address"] not in now:
            raise StateError(
                _("Its data is being deleted, or was: it stays where it was approved. Credentials can be set anew."),
                clause="LD-22",
            )
        is_whole, is_same = "subject_selector" not in signed, signed.get("kms_key", "") == _key(settings)
        if is_whole and not is_same and step.state != StepState.FAILED:
            raise StateError(
                _("The key was approved with the deletion. It can be corrected only while it blocks the store."),
                clause="LD-22",
            )


def shares_key(store: DataStore, key: str) -> bool:
    """Whether another tenant's store names the key: deleting it would take that tenant's data, too.

    Ids and ARNs are compared; that an alias means the same key can be told by the key service only.
    """
    if not key:
        return False
    rows = StoreConnection.objects.filter(store__kind=StoreKind.S3, store__withdrawn_at=None)
    others = rows.exclude(store__tenant_id=store.tenant_id).values_list("settings", flat=True)
    return any(_is_same(key, other.get("kms_key_id", "")) for other in others.iterator())


def _is_same(one: str, other: str) -> bool:
    """Whether two texts name one key, as far as they tell: an id or alias is the end of its ARN."""
    if one.startswith("arn:") and other.startswith("arn:"):
        return one == other
    return one.rpartition(":")[2].removeprefix("key/") == other.rpartition(":")[2].removeprefix("key/")


def refuse_shared_key(store: DataStore, key: str) -> None:
    """Refuse a key for which :func:`shares_key`."""
    if shares_key(store, key):
        raise InvalidInputError(
            _("Another customer’s store names this key: deleting it would take that data, too. Leave it out."),
            field="kms_key_id",
        )
