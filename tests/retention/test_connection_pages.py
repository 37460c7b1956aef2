"""How stores are reached, by browser: set, tried, forgotten; and no secret is ever shown again."""

from __future__ import annotations

import base64
import logging
import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.urls import reverse

from auditlog.errors import AuthorityError
from auditlog.models import Event, Governed, Label
from retention.connectors.base import TroubleError
from retention.models import StoreConnection
from retention.opening import secrets_of
from retention.services.connections import check_connection, make_signing_secret, set_connection
from tenants.services import withdraw_store
from tests.retention import world_holds as made
from tests.retention.shelf import Shelf
from tests.tenants.world import data_store

pytestmark = pytest.mark.django_db
KEEPER = "administrator"
TYPED = {
    "endpoint_url": "https://s3.example.com", "access_key_id": "AKIAEXAMPLE4711", "secret_access_key": made.SECRET,
}  # fmt: skip


@pytest.fixture
def bucket(world):
    return data_store(world)


@pytest.fixture
def table(world):
    return data_store(world, "orders", kind="sql", selector="orders.tenant_key=acme", account="")


@pytest.fixture
def product(world):
    return data_store(world, "assistant", kind="webhook", selector="https://assistant.example/erase", account="")


@pytest.fixture
def folder(world, settings):
    settings.RETENTION_FOLDERS = ["/srv/tenants"]
    return data_store(world, "exports", kind="filesystem", selector="/srv/tenants/acme/", account="")


def url(name: str, store) -> str:
    return reverse(f"retention:connection_{name}", args=[store.id])


def post(world, name: str, store, who: str = KEEPER, **data):
    return world.browser(who).post(url(name, store), data)


def shown(world, store, who: str = KEEPER) -> str:
    return world.browser(who).get(url("edit", store)).content.decode()


def test_sets_a_connection_and_shows_only_that_the_secret_is_set(world, bucket):
    answer = post(world, "edit", bucket, **TYPED)
    assert answer["Location"] == url("edit", bucket)
    row = StoreConnection.objects.get()
    assert row.settings == {"endpoint_url": "https://s3.example.com"}
    assert secrets_of(row)["secret_access_key"] == made.SECRET
    page = shown(world, bucket)
    assert "https://s3.example.com" in page
    assert page.count("set, never shown") == 2
    assert "It is set; empty keeps it." in page
    assert all(text not in page for text in (made.SECRET, "AKIAEXAMPLE4711"))


def test_an_empty_secret_keeps_the_one_there_is(world, bucket):
    post(world, "edit", bucket, **TYPED)
    post(world, "edit", bucket, endpoint_url="https://s3.example.org", access_key_id="", secret_access_key="")
    row = StoreConnection.objects.get()
    assert row.settings == {"endpoint_url": "https://s3.example.org"}
    assert secrets_of(row)["secret_access_key"] == made.SECRET


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint_url": "s3.example.com"}, "endpoint_url"),
        ({"endpoint_url": "https://s3.example.com/path"}, "endpoint_url"),
        ({"access_key_id": ""}, "secret_access_key"),
    ],
)
def test_what_is_wrong_is_told_and_no_secret_comes_back(world, bucket, change, field):
    answer = post(world, "edit", bucket, **TYPED | {"kms_key_id": "alias/acme"} | change)
    page = answer.content.decode()
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert "alias/acme" in page, "what may be shown is kept"
    assert "Fill in again" in page, "and what may not be is named"
    assert made.SECRET not in page
    assert not StoreConnection.objects.exists()


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        ("my key", False), ("arn:aws:kms:key/1", False), ("1234abcd", False), ("alias/", False), (" alias/acme ", True),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", True), ("mrk-1234abcd12ab34cd56ef1234567890ab", True),
        ("arn:aws:kms:eu-central-1:112233445566:key/1234abcd-12ab-34cd-56ef-1234567890ab", True),
        ("arn:aws-us-gov:kms:us-gov-west-1:112233445566:alias/acme", True),
    ],
)  # fmt: skip
def test_a_key_is_named_as_the_key_service_names_it(world, bucket, key, is_one):
    answer = post(world, "edit", bucket, **TYPED | {"kms_key_id": key})
    assert answer.status_code == (302 if is_one else 422)
    assert is_one or set(answer.context["form"].errors) == {"kms_key_id"}


def test_neither_our_own_database_nor_any_file_of_the_machine(world, table, monkeypatch, tmp_path):
    ours = {"HOST": "db.example", "NAME": "countersign", "PORT": ""}
    told = SimpleNamespace(RETENTION_FOLDERS=[str(tmp_path / "stores")], DATABASES={"default": ours})
    monkeypatch.setattr("retention.services.connections.django_settings", told)
    for url in (
        "sqlite:////etc/passwd", f"sqlite:///{tmp_path}/other.sqlite3", f"sqlite:///{tmp_path}/stores/../x.sqlite3",
        "postgresql://me@db.example/countersign", "postgres://me@db.example:5432/countersign",
    ):  # fmt: skip
        answer = post(world, "edit", table, url=url)
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"url"}), url
    assert post(world, "edit", table, url=f"sqlite:///{tmp_path}/stores/orders.sqlite3").status_code == 302


def test_of_a_database_address_only_user_password_and_query_are_secret(world, table):
    wrong = post(world, "edit", table, url=f"oracle://user:{made.SECRET}@host/db")
    assert wrong.status_code == 422
    assert made.SECRET not in wrong.content.decode()
    assert "Fill in again" in wrong.content.decode()
    post(world, "edit", table, url="postgresql://user-7:pw-4711@db.example:5433/orders?sslpassword=pw-4712")
    page = shown(world, table)
    assert "postgresql://db.example:5433/orders" in page
    assert not any(text in page for text in ("user-7", "pw-4711", "pw-4712"))
    assert "GRANT SELECT, DELETE ON orders TO countersign;" in page
    assert StoreConnection.objects.get().settings == {"address": "postgresql://db.example:5433/orders"}


@pytest.mark.parametrize("userinfo", ["me:p@q7x4", "me:p@q7x4/r", "me:p@q7x4?r", "a/b:q7x4", "me:p @q7x4:r"])
def test_no_part_of_a_password_is_taken_for_the_host(world, table, userinfo):
    answer = post(world, "edit", table, url=f"postgresql://{userinfo}@db.example/orders")
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"url"})
    assert "q7x4" not in answer.content.decode()
    assert not StoreConnection.objects.exists()


def test_a_field_without_which_there_is_no_connection_is_not_called_optional(world, table, bucket):
    assert "optional" not in shown(world, table)
    assert "Give the address" in post(world, "edit", table).content.decode()
    post(world, "edit", table, url="postgresql://user:pw@db.example/orders")
    assert "optional" in shown(world, table)
    assert "optional" in shown(world, bucket)


def test_no_credentials_at_all_are_not_called_wrong(world, bucket, monkeypatch):
    post(world, "edit", bucket, endpoint_url="https://s3.example.com")
    shelf = Shelf().install(monkeypatch)
    shelf.trouble = TroubleError("credentials", "NoCredentialsError on list")
    post(world, "check", bucket)
    page = shown(world, bucket)
    assert "No credentials" in page
    assert "wrong or have expired" not in page


def test_each_kind_has_its_page(world, bucket, table, product, folder):
    vault = data_store(world, "vault", kind="attested", selector="Backup vault", account="")
    assert "s3:DeleteObjectVersion" in shown(world, bucket)
    assert 'type="password" name="url"' in shown(world, table)
    assert "Make signing secret" in shown(world, product)
    assert "/api/v1/deletion-receipts" in shown(world, product)
    assert "/srv/tenants" in shown(world, folder)
    assert "attests that the data is gone" in shown(world, vault)
    assert post(world, "edit", vault).status_code == 422
    assert "Nothing connects to it" in post(world, "edit", vault).content.decode()


def test_a_folder_is_tried_without_a_connection(world, folder, monkeypatch):
    Shelf().install(monkeypatch)
    post(world, "check", folder)
    assert StoreConnection.objects.get().checked_at
    assert "It answers" in shown(world, folder)


def test_a_try_says_what_is_wrong_and_what_to_do(world, folder, monkeypatch):
    shelf = Shelf().install(monkeypatch)
    shelf.trouble = TroubleError("denied", "EACCES on listing")
    post(world, "check", folder)
    page = shown(world, folder)
    assert "Access denied" in page
    assert "Ask the store’s owner to allow listing and deleting" in page
    assert "EACCES on listing" in page
    assert Event.objects.get(action="retention.connection.checked").content["details"] == {"trouble": "denied"}
    shelf.trouble = None
    post(world, "check", folder)
    assert "It answers" in shown(world, folder)


def test_an_error_nobody_foresaw_is_no_broken_page_and_tells_no_content(world, folder, monkeypatch):
    shelf = Shelf().install(monkeypatch)
    shelf.trouble = RuntimeError(made.SECRET)
    assert post(world, "check", folder).status_code == 302
    page = shown(world, folder)
    assert "Unexpected answer" in page
    assert made.SECRET not in page


def test_nothing_is_tried_before_there_is_a_connection(world, bucket, product):
    assert "Save the connection first." in shown(world, bucket)
    assert post(world, "check", bucket).status_code == 409
    assert post(world, "check", product).status_code == 409


def test_a_signing_secret_is_shown_once_and_kept_by_no_cache(world, product):
    answer = post(world, "secret", product)
    page = answer.content.decode()
    secret = re.search(r"whsec_[\w+/=]+", page)[0]
    assert answer.status_code == 200, "shown on the answer itself: a redirect would carry it through an address"
    assert answer["Cache-Control"] == "no-store"
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32, "as every library reads it"
    assert secrets_of(StoreConnection.objects.get()) == {"signing_secret": secret}
    assert "The old secret counts no more" not in page
    assert secret not in shown(world, product)
    again = post(world, "secret", product).content.decode()
    assert "The old secret counts no more" in again
    assert secret not in again
    asked = world.browser(KEEPER).get(url("secret", product)).content.decode()
    assert "Make a new signing secret?" in asked
    assert secret not in asked
    assert secrets_of(StoreConnection.objects.get())["signing_secret"] in again, "asking makes none"


def test_only_a_product_has_a_signing_secret(world, bucket):
    assert post(world, "secret", bucket).status_code == 409
    assert not StoreConnection.objects.exists()


def test_forgets_a_connection(world, bucket):
    post(world, "edit", bucket, **TYPED)
    assert "Forget this connection?" in world.browser(KEEPER).get(url("remove", bucket)).content.decode()
    post(world, "remove", bucket)
    assert not StoreConnection.objects.exists()
    assert "No connection" in shown(world, bucket)
    assert "It has no connection." in world.browser(KEEPER).get(url("remove", bucket)).content.decode()


def test_a_withdrawn_store_takes_no_connection(world, bucket):
    withdraw_store(actor=world.actor(KEEPER), store_id=bucket.id, reason="Moved.")
    page = shown(world, bucket)
    assert "This data store was withdrawn" in page
    assert "Save connection" not in page
    assert post(world, "edit", bucket, **TYPED).status_code == 422


def test_who_keeps_no_register_gets_nowhere(world, bucket):
    for who in ("auditor", "employee", "system_owner"):
        assert world.browser(who).get(url("edit", bucket)).status_code == 403
        assert post(world, "edit", bucket, who=who, **TYPED).status_code == 403
    assert not StoreConnection.objects.exists()


def test_no_page_event_label_row_or_log_line_shows_a_secret_again(world, bucket, table, product, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        post(world, "edit", bucket, **TYPED | {"endpoint_url": "http://127.0.0.1:9"})
        post(world, "edit", bucket, **TYPED | {"endpoint_url": "wrong"})
        post(world, "edit", table, url="postgresql://user-4711:pw-4711@127.0.0.1:9/orders")
        post(world, "check", bucket)
        post(world, "check", table)
        signing = make_signing_secret(actor=world.actor(KEEPER), store_id=product.id)
        pages = [
            world.browser(who).get(address).content.decode()
            for who, address in (
                *((KEEPER, url("edit", store)) for store in (bucket, table, product)),
                (KEEPER, reverse("governance:tenant_read", args=[world.tenant.id])),
                ("auditor", reverse("governance:tenant_read", args=[world.tenant.id])),
                ("auditor", reverse("auditlog:event_list")),
                ("auditor", reverse("admin:retention_storeconnection_changelist")),
                *(
                    ("auditor", reverse("admin:retention_storeconnection_change", args=[row.pk]))
                    for row in StoreConnection.objects.all()
                ),
                *(
                    ("auditor", reverse("auditlog:event_detail", args=[event.uid]))
                    for event in Event.objects.filter(action__startswith="retention.connection")
                ),
            )
        ]
    kept = [event.body for event in Event.objects.all()] + [label.text for label in Label.objects.all()]
    rows = [
        str(row)
        for model in apps.get_models()
        if issubclass(model, Governed)
        for row in model._default_manager.values_list()
    ]
    output = capfd.readouterr()
    everything = "\n".join([*pages, *kept, *rows, caplog.text, output.out, output.err])
    sealed = StoreConnection.objects.get(store=bucket).sealed
    for secret in (made.SECRET, "AKIAEXAMPLE4711", "pw-4711", "user-4711", signing):
        assert secret not in everything
        assert base64.b64encode(secret.encode()).decode() not in everything
    assert sealed in everything, "the rows were looked at"
    assert sealed not in "\n".join(pages)


def test_the_services_refuse_whoever_keeps_no_register(world, bucket):
    for verb in (
        lambda actor: set_connection(actor=actor, store_id=bucket.id, settings={}, secrets={}),
        lambda actor: check_connection(actor=actor, store_id=bucket.id),
        lambda actor: make_signing_secret(actor=actor, store_id=bucket.id),
    ):
        with pytest.raises(AuthorityError):
            verb(world.actor("auditor"))
