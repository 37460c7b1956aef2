"""What databases answer on bad days, told apart (I56), and rows that others write, lock or hide meanwhile."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa

from retention.connectors.base import State, TroubleError
from retention.connectors.sql import address
from retention.connectors.sql.erasing import Erasure
from retention.connectors.sql.errors import trouble_of
from tests.retention.connectors.sql_servers import kept, new_database, row, sweep
from tests.retention.counting import left_in
from tests.servers import on_postgres, wait_for

SECRET = "correct-horse"
SHOP = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL)",
    "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, FOREIGN KEY (order_id) REFERENCES orders (id))",
    "INSERT INTO orders VALUES (1, 'acme'), (2, 'acme2'), (3, 'acme')",
    "INSERT INTO order_lines VALUES (10, 1), (20, 2), (30, 3)",
)


def trouble_with(connector) -> TroubleError:
    with pytest.raises(TroubleError) as caught:
        connector.check()
    told = f"{caught.value.code} {caught.value.detail} {caught.value}"
    assert SECRET not in told
    assert "acme" not in told
    assert caught.value.__cause__ is None
    return caught.value


@pytest.fixture
def shop(store):
    store.run(*SHOP)
    return store


@pytest.fixture
def guarded(postgres_server):
    """PostgreSQL with a role that may do some things and has to give a password, and its connection URL."""
    store = new_database(postgres_server)
    role = f"eraser_{uuid.uuid4().hex[:8]}"
    store.run(*SHOP, f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
    yield store, sa.make_url(store.url).set(username=role, password=SECRET).render_as_string(hide_password=False), role
    store.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_i56_what_is_not_there(shop):
    assert trouble_with(shop.connector("nothing.tenant_key=acme")).code == "vanished"
    assert trouble_with(shop.connector("orders.customer=acme")).code == "wrong_kind"
    shop.run("CREATE VIEW seen AS SELECT * FROM orders")
    assert trouble_with(shop.connector("seen.tenant_key=acme")).code == "wrong_kind"
    if shop.dialect != "sqlite":
        assert trouble_with(shop.connector(url=shop.url + "_gone")).code == "vanished"
        assert trouble_with(shop.connector("elsewhere.orders.tenant_key=acme")).code == "vanished"


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@127.0.0.1:1/x", "postgres://u:p@127.0.0.1:1/x", "mysql://u:p@127.0.0.1:1/x"]
)
def test_i56_nobody_answers(store, url):
    assert trouble_with(store.connector(url=url)).code == "unreachable"


@pytest.mark.parametrize(
    "url", ["", "oracle://x/y", "sqlite://", "sqlite:///relative.db", "not an address", "mysql://[::1/x"]
)
def test_an_address_that_is_none(store, url):
    with pytest.raises(TroubleError) as caught:
        store.connector(url=url or " ")
    assert caught.value.code == "wrong_kind"


def test_i56_rights_that_are_missing_on_postgresql(guarded):
    store, url, role = guarded
    assert trouble_with(store.connector(url=url)).code == "denied"
    store.run(f"GRANT SELECT, DELETE ON orders TO {role}", f"GRANT SELECT ON order_lines TO {role}")
    trouble = trouble_with(store.connector(url=url))
    assert (trouble.code, trouble.detail[:5]) == ("denied", "42501")
    store.run(f"GRANT DELETE ON order_lines TO {role}")
    connector = store.connector(url=url)
    connector.check()
    assert not kept(sweep(connector)), "SELECT and DELETE are enough"
    assert (store.count("orders"), store.count("order_lines")) == (1, 1)


@pytest.mark.skipif(on_postgres(), reason="the server of DATABASE_URL keeps its pg_hba.conf")
def test_i56_a_wrong_password_on_postgresql(postgres_server):
    store = new_database(postgres_server)
    store.run(*SHOP, "DROP ROLE IF EXISTS guest", f"CREATE ROLE guest LOGIN PASSWORD '{SECRET}'")
    file = Path(store.rows("SHOW hba_file")[0][0])
    before = file.read_text()
    try:
        file.write_text("host all guest 127.0.0.1/32 scram-sha-256\n" + before)
        store.run("SELECT pg_reload_conf()")
        time.sleep(0.5)
        wrong = store.connector(url=store.url.replace("postgres@", f"guest:{SECRET}!@"))
        assert trouble_with(wrong).code == "credentials"
        assert trouble_with(store.connector(url=store.url.replace("postgres@", "guest@"))).code == "credentials"
    finally:
        file.write_text(before)
        store.run("SELECT pg_reload_conf()")


def test_i56_mysql_rights_and_passwords(mysql_server):
    store = new_database(mysql_server)
    store.run(*SHOP, f"CREATE OR REPLACE USER eraser@'127.0.0.1' IDENTIFIED BY '{SECRET}'")
    url = store.url.replace("root@", f"eraser:{SECRET}@")
    assert trouble_with(store.connector(url=url.replace(SECRET, SECRET + "!"))).code == "credentials"
    assert trouble_with(store.connector(url=url)).code == "denied"
    store.run(
        "GRANT SELECT, DELETE ON orders TO eraser@'127.0.0.1'", "GRANT SELECT ON order_lines TO eraser@'127.0.0.1'"
    )
    assert trouble_with(store.connector(url=url)).code == "denied"
    store.run("GRANT DELETE ON order_lines TO eraser@'127.0.0.1'")
    connector = store.connector(url=url)
    connector.check()
    assert not kept(sweep(connector))
    assert (store.count("orders"), store.count("order_lines")) == (1, 1)


def test_a_file_that_is_not_a_database_or_may_only_be_read(tmp_path, store):
    path = tmp_path / "other.sqlite3"
    assert trouble_gone(store, path) == "vanished"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    assert trouble_with(store.connector(url=f"sqlite:///{path}")).code == "wrong_kind"


def trouble_gone(store, path) -> str:
    with pytest.raises(TroubleError) as caught:
        store.connector(url=f"sqlite:///{path}")
    assert not path.exists(), "asking for it does not make it"
    return caught.value.code


@pytest.mark.parametrize(
    ("number", "code"),
    [(1045, "credentials"), (1044, "denied"), (1142, "denied"), (1049, "vanished"), (1146, "vanished"), (1054, "wrong_kind"),
     (1205, "throttled"), (1213, "throttled"), (1040, "throttled"), (2003, "unreachable"), (2013, "unreachable"), (1862, "credentials")],
)  # fmt: skip
def test_mysqls_numbers(number, code):
    trouble = trouble_of(pymysql.err.OperationalError(number, f"text with {SECRET}"), "SELECT")
    assert (trouble.code, trouble.detail) == (code, f"{number} on SELECT")


def test_a_row_that_somebody_else_locks_is_tried_again(shop, monkeypatch):
    if shop.dialect == "sqlite":
        monkeypatch.setattr(address, "LOCK_SECONDS", 1)
    monkeypatch.setitem(address.POSTGRES, "lock_timeout", "1s")
    monkeypatch.setattr(address, "MYSQL", address.MYSQL.replace("wait_timeout=10", "wait_timeout=1"))
    connector = shop.connector()
    items = [item for page in connector.pages() for item in page]
    with shop.engine.connect() as other:
        if shop.dialect == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        other.exec_driver_sql("UPDATE order_lines SET order_id = 1 WHERE id = 10")
        with pytest.raises(TroubleError) as caught:
            connector.erase(items)
        assert caught.value.code == "throttled"
        other.rollback()
    assert {o.state for o in connector.erase(items)} == {State.GONE}


def test_a_server_that_ends_the_connection(guarded):
    store, _url, _role = guarded
    connector = store.connector()
    pages = connector.pages()
    first = next(pages)
    store.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Countersign retention'")
    connector.erase(first)
    for page in pages:
        connector.erase(page)
    assert left_in(connector).items == 0


def test_rows_that_cannot_be_seen_keep_what_they_refer_to(guarded):
    """Row level security hides another tenant's row; its foreign key still holds."""
    store, url, role = guarded
    store.run(
        "ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY", "CREATE POLICY most ON order_lines USING (id <> 10)",
        f"GRANT SELECT, DELETE ON orders, order_lines TO {role}",
    )  # fmt: skip
    outcomes = sweep(store.connector(url=url))
    assert [(row(o), o.code) for o in kept(outcomes)] == [("orders 1", "denied")]
    assert store.rows("SELECT id FROM orders ORDER BY id") == [(1,), (2,)]


def test_a_cascade_never_takes_a_row_that_came_after_the_look(guarded, monkeypatch):
    """Between the look and the DELETE another tenant's row comes in, and the database would take it along."""
    store, _url, _role = guarded
    store.run(
        "CREATE TABLE shares (id INTEGER PRIMARY KEY, tenant_key TEXT, order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE)"
    )
    connector = store.connector("orders.tenant_key=acme")
    items = [item for page in connector.pages() for item in page]
    real = Erasure._delete

    def late(self, relation, keys):
        if relation.name == "orders":
            store.run("INSERT INTO shares VALUES (1, 'acme2', 3)")
        real(self, relation, keys)

    monkeypatch.setattr(Erasure, "_delete", late)
    with pytest.raises(TroubleError) as caught:
        connector.erase(items)
    assert (caught.value.code, caught.value.detail[:5]) == ("throttled", "40001")
    assert (store.count("shares"), store.count("orders")) == (1, 3)


def test_four_calls_side_by_side(store):
    if store.dialect == "sqlite":
        assert store.connector().threads == (1, 1)
        pytest.skip("one writer at a time")
    store.run(*SHOP[:2], "CREATE INDEX by_order ON order_lines (order_id)")
    store.run(
        "INSERT INTO orders VALUES " + ",".join(f"({n}, '{'acme' if n % 2 else 'acme2'}')" for n in range(1, 1001))
    )
    store.run("INSERT INTO order_lines VALUES " + ",".join(f"({n}, {n % 1000 + 1})" for n in range(1, 4001)))
    connector = store.connector()
    todo = [page[at : at + 50] for page in connector.pages() for at in range(0, len(page), 50)]

    def until_answered(items):
        for _try in range(50):
            try:
                outcomes = connector.erase(items)
            except TroubleError as trouble:
                assert trouble.code == "throttled", trouble
                continue
            items = [o.item for o in outcomes if o.state != State.GONE]
            if not items:
                return True
            time.sleep(0.02)
        return False

    with ThreadPoolExecutor(connector.threads[1]) as pool:
        assert all(pool.map(until_answered, todo))
    assert left_in(connector).items == 0
    assert (store.count("orders"), store.count("order_lines")) == (500, 2000)


def test_nothing_is_left_open(shop):
    connector = shop.connector()
    connector.check()
    list(connector.pages())
    before = threading.active_count()
    connector.close()
    assert threading.active_count() == before
    if shop.dialect == "postgresql":
        others = "pg_stat_activity WHERE application_name = 'Countersign retention' AND datname = current_database()"
        wait_for(lambda: shop.count(others) == 0, 10)
    assert sa.inspect(shop.engine).has_table("orders")
