"""How data stores are reached: addresses, and secrets that nobody sees again."""

from __future__ import annotations

import base64
import json
import re
import secrets as random
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.translation import gettext as _
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.errors import InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, require
from governance.sealing import seal
from retention.connectors.base import TroubleError
from retention.models import StoreConnection
from retention.opening import ASKED, WITHOUT_CONNECTION, open_connector, place_of_store, secrets_of
from retention.services.addresses import refuse_moved, refuse_shared_key
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

STORE = "tenants.store"
#: What each kind takes: what may be shown, and what is kept sealed.
SETTINGS: dict[str, tuple[str, ...]] = {
    StoreKind.S3: ("endpoint_url", "kms_key_id", "kms_endpoint_url"),
    StoreKind.SQL: (),
    StoreKind.FILESYSTEM: (),
    StoreKind.WEBHOOK: (),
}
SECRETS: dict[str, tuple[str, ...]] = {
    StoreKind.S3: ("access_key_id", "secret_access_key", "session_token"),
    StoreKind.SQL: ("url",),
    StoreKind.FILESYSTEM: (),
    StoreKind.WEBHOOK: ("signing_secret",),
}
LONGEST = 2_000
#: A KMS key as AWS takes it: its id (``mrk-…`` in several regions), ``alias/…``, or the ARN of either.
KMS_KEY = re.compile(
    r"(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key/|(?=alias/)))?"
    r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias/[\w/-]{1,250})",
    re.ASCII,
)
#: What a database's host and name are written with: anything else may be part of a password.
PLAIN = re.compile(r"[\w.:$ -]*", re.ASCII)


def set_connection(
    *, actor: Actor, store_id: uuid.UUID, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> StoreConnection:
    """Say how a store is reached. ``secrets`` are encrypted; one left empty stays as it was.

    Where a connection leads is signed for with a deletion: afterwards it stays, and credentials alone may change.

    Kinds and their fields: :data:`SETTINGS`, :data:`SECRETS`. A product's signing secret is made by
    :func:`make_signing_secret`, not chosen.
    """
    with audited(actor, "retention.connection.set", subject_kind=STORE, subject_id=store_id) as change:
        require(actor, Right.REGISTER_TENANT)
        store = _locked_store(store_id)
        change.tenant_id = store.tenant_id
        kept = {name: settings.get(name, "").strip() for name in SETTINGS[store.kind]}
        given = {name: secrets[name].strip() for name in SECRETS[store.kind] if secrets.get(name, "").strip()}
        row = StoreConnection.objects.filter(store=store).first() or StoreConnection(store=store)
        merged = secrets_of(row) | given
        if problems := _problems(store.kind, kept, merged):
            raise InvalidInputsError(problems)
        if store.kind == StoreKind.SQL:
            kept["address"] = shown_address(merged["url"])
        refuse_shared_key(store, kept.get("kms_key_id", ""))
        refuse_moved(store, kept, merged)
        change.details = {name: digest_of(value) if value else None for name, value in kept.items()}
        change.details["secrets_set"] = sorted(given)
        _save(row, actor, kept, merged)
    return row


def make_signing_secret(*, actor: Actor, store_id: uuid.UUID) -> str:
    """A new secret for a product that erases by itself; it is given here and never again."""
    secret = "whsec_" + base64.b64encode(random.token_bytes(32)).decode()
    with audited(actor, "retention.connection.set", subject_kind=STORE, subject_id=store_id) as change:
        require(actor, Right.REGISTER_TENANT)
        store = _locked_store(store_id)
        change.tenant_id, change.details = store.tenant_id, {"secrets_set": ["signing_secret"]}
        if store.kind != StoreKind.WEBHOOK:
            raise StateError(_("Only a product that erases by itself has a signing secret."))
        row = StoreConnection.objects.filter(store=store).first() or StoreConnection(store=store)
        _save(row, actor, {}, {"signing_secret": secret})
    return secret


def remove_connection(*, actor: Actor, store_id: uuid.UUID) -> None:
    """Forget address and secrets; the store stays registered and cannot be erased until it has a connection again."""
    with audited(actor, "retention.connection.removed", subject_kind=STORE, subject_id=store_id) as change:
        require(actor, Right.REGISTER_TENANT)
        store = _locked_store(store_id)
        change.tenant_id = store.tenant_id
        StoreConnection.objects.filter(store=store).delete()


def check_connection(*, actor: Actor, store_id: uuid.UUID) -> StoreConnection:
    """Try whether the store answers, is what was registered, and lies where it should (I59); changes nothing in it."""
    require(actor, Right.REGISTER_TENANT)
    store = _store(store_id)
    if store.kind in ASKED:
        raise StateError(_("Nothing is asked of it before a deletion: there is nothing to try."))
    code, detail = _tried(store)
    with audited(actor, "retention.connection.checked", subject_kind=STORE, subject_id=store_id) as change:
        rows = StoreConnection.objects.select_for_update()
        row: StoreConnection | None = rows.filter(store_id=store_id).first()
        if row is None and store.kind in WITHOUT_CONNECTION:
            row = StoreConnection(store=store, set_by_id=actor.id)
        if row is None:
            raise StateError(_("It has no connection yet. Set one first."))
        change.tenant_id, change.details = store.tenant_id, {"trouble": code or None}
        row.checked_at, row.trouble, row.trouble_detail = timezone.now(), code, detail
        row.save()
    return row


def _tried(store: DataStore) -> tuple[str, str]:
    """The trouble it answers with, as code and detail; empty: none. An error's own text could name content."""
    try:
        with open_connector(place_of_store(store)) as connector:
            connector.check()
    except TroubleError as trouble:
        return trouble.code, trouble.detail[:300]
    except Exception as error:
        return "error", type(error).__name__
    return "", ""


def _save(row: StoreConnection, actor: Actor, settings: dict[str, Any], secrets: dict[str, str]) -> None:
    row.settings = {name: value for name, value in settings.items() if value}
    row.sealed = seal(json.dumps(secrets)) if secrets else ""
    row.secret_names = sorted(secrets)
    row.set_at, row.set_by_id = timezone.now(), actor.id
    row.checked_at, row.trouble, row.trouble_detail = None, "", ""
    row.save()


def _store(store_id: uuid.UUID) -> DataStore:
    row: DataStore | None = DataStore.objects.select_related("tenant", "connection").filter(pk=store_id).first()
    if row is None:
        raise NotFoundError(_("There is no such data store."))
    return row


def _locked_store(store_id: uuid.UUID) -> DataStore:
    row: DataStore | None = DataStore.objects.select_for_update().filter(pk=store_id).first()
    if row is None:
        raise NotFoundError(_("There is no such data store."))
    if row.withdrawn_at is not None:
        raise StateError(_("This data store was withdrawn."))
    if row.kind not in SETTINGS:
        raise StateError(_("Nothing connects to it: who keeps it attests that the data is gone."))
    return row


def _problems(kind: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    both = {**settings, **secrets}
    problems = {name: _("Give at most %s characters.") % LONGEST for name, text in both.items() if len(text) > LONGEST}
    problems |= address_problems(settings)
    if (key := settings.get("kms_key_id", "")) and not KMS_KEY.fullmatch(key):
        problems["kms_key_id"] = _("Give the key’s ARN, its id, or alias/ and its name.")
    if kind == StoreKind.S3 and bool(secrets.get("access_key_id")) != bool(secrets.get("secret_access_key")):
        problems["secret_access_key"] = _(
            "Give both, the access key’s id and its secret; or neither, for the machine’s role."
        )
    if kind == StoreKind.SQL and (problem := _url_problem(secrets.get("url", ""))):
        problems["url"] = problem
    return problems


def address_problems(settings: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the addresses among ``settings``, by field."""
    wrong = _("Give an address such as https://s3.example.com, without a path.")
    given = {name: settings.get(name, "") for name in ("endpoint_url", "kms_endpoint_url")}
    return {name: wrong for name, address in given.items() if address and not _is_address(address)}


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/") and not parts.query
        )
    except ValueError:
        return False


def _url_problem(address: str) -> str:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = make_url("none://")
    name = url.get_backend_name()
    if name not in ("postgresql", "postgres", "mysql", "mariadb", "sqlite"):
        return _("Give postgresql://user:password@host/name, mysql://… or sqlite:///path.")
    if name != "sqlite" and not _is_told_apart(address, url):
        return _("Write @, / and : in a user or password as %40, %2F and %3A.")
    if name == "sqlite" and not _is_allowed_file(url.database or ""):
        return _("A SQLite file has to lie below a folder of RETENTION_FOLDERS: ask who runs this console.")
    return _("This is this console’s own database: what it holds is erased by itself.") if _is_ours(url) else ""


def _is_told_apart(address: str, url: URL) -> bool:
    """Whether no part of a password can have been read as the host or the name, which pages show."""
    parts = (url.host or "", url.database or "")
    return address.count("@") <= 1 and all(PLAIN.fullmatch(part) for part in parts)


def shown_address(address: str) -> str:
    """A database's address for pages: without user, password and query, which may hold a secret as well."""
    url = make_url(address)
    return URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database).render_as_string()


def _is_allowed_file(path: str) -> bool:
    """Whether the operator allows a file: as for data stores that are folders."""
    whole = Path(path).resolve()
    return any(Path(folder).resolve() in whole.parents for folder in django_settings.RETENTION_FOLDERS)


def _is_ours(url: URL) -> bool:
    """Whether it is the database that this console lives in; another name of the same host is not seen through."""
    ours = django_settings.DATABASES["default"]
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").resolve() == Path(str(ours["NAME"])).resolve()
    theirs = (url.host or "", str(url.port or 5432), url.database or "")
    return theirs == (str(ours.get("HOST", "")), str(ours.get("PORT") or 5432), str(ours["NAME"]))
