"""A new key in front of ``ENCRYPTION_KEYS``, every secret brought under it, and the old key taken out."""

from __future__ import annotations

import io

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from auditlog.models import Event, SealedField
from governance.models import Authenticator, ServiceAccount
from governance.services.devices import enrol_authenticator
from outbox.models import Endpoint
from outbox.services.endpoints import add_endpoint
from retention.models import DeletionCase, StoreConnection
from retention.opening import secrets_of
from retention.services.connections import set_connection
from tests.retention.world_cases import case_of
from tests.reviews import world as reviews
from tests.tenants.world import data_store

SEED = "3132333435363738393031323334353637383930"
SECRETS = {"access_key_id": "AKIA", "secret_access_key": "s3cret"}


def told(**options) -> str:
    out = io.StringIO()
    call_command("reseal", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def keys(world, settings) -> tuple[str, str]:
    """Secrets of every room under an old key; a new one stands in front of it."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    officer = world.actor("privacy_officer")
    enrol_authenticator(actor=officer, secret_hex=SEED)
    account = ServiceAccount.objects.get(pk=reviews.product(world).id)
    add_endpoint(actor=world.actor("administrator"), account_id=account.id, url="http://127.0.0.1:9/")
    store = data_store(world, "files", selector="files/acme/", account="")
    set_connection(actor=officer, store_id=store.id, settings={"endpoint_url": "http://127.0.0.1:9"}, secrets=SECRETS)
    case_of(world, "Nordwind", 12, kind="filesystem", selector="/srv/nordwind/")
    settings.ENCRYPTION_KEYS = [new, old]
    return new, old


def test_the_old_key_can_be_taken_out(world, keys, settings):
    seed = Authenticator.objects.get().seed
    signing = Endpoint.objects.get().secrets(timezone.now())
    salt = DeletionCase.objects.get().salt
    assert "under an older key" in told(check=True)
    assert DeletionCase.objects.get().salt == salt  # only looked
    done = told()
    for column in ("governance.authenticator.sealed_seed", "outbox.endpoint.sealed_secret",
                   "retention.storeconnection.sealed", "retention.deletioncase.salt"):  # fmt: skip
        assert f"1 of {column}" in done
    assert told(check=True).startswith("0 secrets")
    settings.ENCRYPTION_KEYS = keys[:1]
    assert Authenticator.objects.get().seed == seed
    assert Endpoint.objects.get().secrets(timezone.now()) == signing
    assert secrets_of(StoreConnection.objects.get()) == SECRETS
    assert told().startswith("0 secrets")  # twice does no harm
    events = Event.objects.filter(action="governance.secrets.resealed")
    assert sum(one.content["details"]["secrets"] for one in events) == done.count("\n") - 1
    assert not any("gAAAA" in str(one.content["details"]) for one in events)


def test_what_no_key_opens_is_named_and_left_alone(keys, settings):
    salt = DeletionCase.objects.get().salt
    settings.ENCRYPTION_KEYS = keys[:1]
    with pytest.raises(CommandError, match="1 of retention.deletioncase.salt"):
        told()
    assert DeletionCase.objects.get().salt == salt
    assert not Event.objects.filter(action="governance.secrets.resealed").exists()


def test_no_encrypted_column_is_forgotten():
    """Columns say by their name that they are encrypted; each of them is one that is resealed."""
    plain = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name.startswith(("sealed", "salt"))
        and isinstance(field, models.TextField)
        and not isinstance(field, SealedField)
    ]
    assert not plain
