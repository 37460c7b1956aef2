"""From a registered store and its connection to an open connector."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from governance.sealing import InvalidToken, unseal
from retention.connectors.base import Connector, Item, Place, TroubleError
from retention.models import Batch, DataReturn, PlanItem, Step, StoreConnection
from retention.own import KIND as OWN
from retention.services.ledger import leaf_of
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

#: Loaded when first used: boto3 and SQLAlchemy are large, and web processes hardly need them.
CONNECTORS: dict[str, str] = {
    StoreKind.S3: "retention.connectors.s3.S3Connector",
    StoreKind.SQL: "retention.connectors.sql.SqlConnector",
    StoreKind.FILESYSTEM: "retention.connectors.filesystem.FilesystemConnector",
    OWN: "retention.own.OwnConnector",
}
#: Kinds that erase by themselves: they are asked, and a receipt or an attestation is waited for.
ASKED = frozenset({StoreKind.WEBHOOK.value, StoreKind.ATTESTED.value})
#: Settings that name what is the whole tenant's, and is erased with all of its data only.
WHOLE_TENANTS = frozenset({"kms_key_id", "kms_endpoint_url"})
#: Kinds that need nothing but what is registered.
WITHOUT_CONNECTION = frozenset({StoreKind.FILESYSTEM})


def secrets_of(row: StoreConnection | None) -> dict[str, str]:
    """The secrets of a connection in the clear, for a connector; never for a page."""
    return opened_secrets(row.sealed) if row else {}


def opened_secrets(sealed: str) -> dict[str, str]:
    """Sealed secrets in the clear.

    Raises :class:`TroubleError` (``credentials``) when the key they were sealed with is gone.
    """
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(unseal(sealed))
    except InvalidToken:
        raise TroubleError("credentials", "sealed with a key that is not in ENCRYPTION_KEYS") from None
    return opened


def place_of_store(store: DataStore, selector: str = "", within: dict[str, str] | None = None) -> Place:
    """The store's place; ``selector`` narrows it to one person's part, ``within`` what it has to stay in.

    Raises :class:`TroubleError` (``no_connection``) when nobody has said how to reach it.
    """
    row = StoreConnection.objects.filter(store=store).first()
    if row is None and store.kind not in WITHOUT_CONNECTION:
        raise TroubleError("no_connection", store.kind)
    shown: dict[str, Any] = dict(row.settings) if row else {}
    if store.kind == StoreKind.FILESYSTEM:
        shown["roots"] = list(settings.RETENTION_FOLDERS)
    if within:  # one person's part: what is the whole tenant's, its key, is none of it
        shown = {name: value for name, value in shown.items() if name not in WHOLE_TENANTS} | {"within": within}
    return Place(
        kind=store.kind, selector=selector or store.selector, region=store.region, account=store.account,
        settings=shown, secrets=secrets_of(row),
    )  # fmt: skip


def place_of_own(key: str, tenant_id: uuid.UUID) -> Place:
    """One part of what the console itself holds of a tenant."""
    return Place(kind=OWN, selector=key, settings={"tenant": str(tenant_id)})


def place_of_return(row: DataReturn) -> Place:
    """Where a tenant's data is given back to."""
    shown = dict(row.settings) | {"roots": list(settings.RETENTION_FOLDERS)}
    return Place(
        kind="deposit", selector=row.destination, region=shown.get("region", ""), settings=shown,
        secrets=opened_secrets(row.sealed),
    )  # fmt: skip


def place_of_item(item: PlanItem) -> Place:
    """Where a plan's store lies: as registered now, narrowed to one person's part in a data subject's case."""
    if item.store is None:
        return place_of_own(item.own, item.plan.case.tenant_id)
    place = _place_of_part(item, item.store) if "subject_selector" in item.facts else place_of_store(item.store)
    if item.store.kind == StoreKind.FILESYSTEM and _is_folder_erased(item):
        return replace(place, settings={**place.settings, "erased": True})
    return place


def _place_of_part(item: PlanItem, store: DataStore) -> Place:
    if not item.sealed_selector:  # never the whole store instead
        raise TroubleError("wrong_kind", "which part was the person's is not kept any more")
    return place_of_store(store, unseal(item.sealed_selector), within={"selector": store.selector})


def _is_folder_erased(item: PlanItem) -> bool:
    """Whether the item's step has erased the folder itself, by its ledger: then it is no disk that is not mounted."""
    step = Step.objects.select_related("case").filter(item=item).first()
    if step is None:
        return False
    leaf = leaf_of(bytes.fromhex(unseal(step.case.salt)), item.facts["key"], Item("folder", ""))
    return Batch.objects.filter(step=step, leaves=leaf).exists()  # it is a batch of its own


@contextmanager
def open_connector(place: Place) -> Iterator[Connector]:
    """The connector for a place, closed afterwards."""
    connector: Connector = import_string(CONNECTORS[place.kind])(place)
    try:
        yield connector
    finally:
        connector.close()
