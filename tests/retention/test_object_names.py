"""How an object is named: found in whatever way its store wrote it, and told apart where it is no name at all."""

from __future__ import annotations

import uuid

import pytest

from retention.certificate.object_names import FORMS, Named, leaf_digest
from retention.connectors.sql.keys import name_of

SALT = b"s" * 32
STORES = [
    {"key": "files", "name": "Customer files", "kind": "s3"},
    {"key": "orders", "name": "Orders", "kind": "sql"},
    {"key": "folder", "name": "Folder", "kind": "filesystem"},
    {"key": "reviews.items", "name": "Review items", "kind": "own"},
    {"key": "vault", "name": "Vault", "kind": "attested"},
    {"key": "old", "kind": "filesystem"},
]
ID = "0f0c1d8e-6f0a-4a51-9d3b-2f6c1f0f7a11"


def code(store, kind, name, version=""):
    flaw = Named(store, kind, name, version).flaw(STORES)
    return flaw.code if flaw else ""


def finds(store, kind, name, version, written, written_version=""):
    leaf = leaf_digest(SALT, store, kind, written, written_version)
    return leaf in Named(store, kind, name, version).leaves(STORES, SALT)


@pytest.mark.parametrize("kind", FORMS)
def test_every_example_has_the_form_of_its_store(kind):
    store = next(row["key"] for row in STORES if row["kind"] == kind)
    for what in FORMS[kind].kinds:
        assert code(store, what, FORMS[kind].example, "null") == ""


@pytest.mark.parametrize(
    ("store", "kind", "name", "version", "expected"),
    [
        ("orders", "row", "5", "", "name"),
        ("orders", "row", "orders:5", "", "name"),
        ("orders", "row", '["orders"]', "", "name"),
        ("orders", "row", "[5, 6]", "", "name"),
        ("orders", "row", '["orders",[5]]', "", "name"),
        ("orders", "row", "[" * 2000, "", "name"),
        ("orders", "row", '["orders",' + "9" * 1900 + "]", "", ""),
        ("folder", "file", "/srv/acme/plan.pdf", "", "name"),
        ("folder", "file", "plans/", "", "name"),
        ("folder", "folder", "plans/", "", ""),
        ("folder", "folder", ".", "", ""),
        ("folder", "file", "./plan.pdf", "", "name"),
        ("reviews.items", "row", "5", "", "name"),
        ("files", "version", "s3://bucket/acme/plan.pdf", "null", "name"),
        ("files", "version", "acme/plan.pdf", "", "version"),
        ("files", "key", "arn:aws:kms:eu-central-1:112233445566:key/1", "", ""),
        ("files", "row", "acme/plan.pdf", "", "kind"),
        ("vault", "file", "plan.pdf", "", "store"),
        ("nowhere", "file", "plan.pdf", "", "store"),
    ],
)
def test_what_is_no_name_is_told_apart(store, kind, name, version, expected):
    assert code(store, kind, name, version) == expected


@pytest.mark.parametrize("written", [name_of("orders", (17,)), name_of("orders", ("17",))])
@pytest.mark.parametrize("name", ['["orders",17]', '["orders", 17]', '["orders","17"]', ' ["orders" , "17"]\n'])
def test_a_row_is_found_however_its_database_wrote_the_key(name, written):
    assert finds("orders", "row", name, "", written)


def test_other_ways_of_writing_it_are_found():
    assert finds("orders", "row", '["orders","Ä",2]', "", name_of("orders", ("Ä", 2)))
    assert finds("files", "version", "acme/plan.pdf", "", "acme/plan.pdf", "null")
    assert finds("folder", "folder", "plans/", "", "plans")
    assert finds("folder", "folder", ".", "", "")
    assert finds("reviews.items", "row", uuid.UUID(ID).hex.upper(), "", ID)
    assert leaf_digest(SALT, "files", "version", "a", "1") in Named("Customer files", "version", "a", "1").leaves(
        STORES, SALT
    )


def test_another_name_is_not_found():
    assert not finds("orders", "row", '["orders",18]', "", name_of("orders", (17,)))
    assert not finds("folder", "file", "plans/", "", "plans")
    assert not finds("files", "version", "acme/plan.pdf", "3sL4", "acme/plan.pdf", "null")
    assert Named("nowhere", "row", "5").leaves(STORES, SALT) == set()
