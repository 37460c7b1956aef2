"""The SQL connector on PostgreSQL and SQLite: a tenant's rows go with what refers to them, other tenants' stay."""

from __future__ import annotations

import os
import uuid

import pytest
from sqlalchemy import text

from retention.connectors.base import Place, State, TroubleError
from retention.connectors.sql import SqlConnector
from retention.connectors.sql.connector import engine_of
from tests.retention.counting import left_in
from tests.servers import postgres

SCHEMA = """
CREATE TABLE orders (id {id}, tenant_key VARCHAR(40) NOT NULL, parent_id {ref} REFERENCES orders (id), note TEXT);
CREATE TABLE lines (id {id}, order_id {ref} NOT NULL REFERENCES orders (id), amount NUMERIC(10, 2), made TIMESTAMP);
CREATE TABLE parts (code VARCHAR(40) NOT NULL, nr INTEGER NOT NULL, line_id {ref} NOT NULL REFERENCES lines (id), PRIMARY KEY (code, nr));
CREATE TABLE remarks (order_id {ref} REFERENCES orders (id), words TEXT);
CREATE TABLE shares (id {id}, tenant_key VARCHAR(40) NOT NULL, order_id {ref} NOT NULL REFERENCES orders (id));
CREATE TABLE heads (id {id}, tenant_key VARCHAR(40) NOT NULL, body_id {ref});
CREATE TABLE bodies (id {id}, head_id {ref} REFERENCES heads (id));
CREATE TABLE bystanders (id {id}, tenant_key VARCHAR(40) NOT NULL);
"""


@pytest.fixture(scope="session")
def pg():
    with postgres() as url:
        yield url


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request, tmp_path):
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path}/data.sqlite3"
        (tmp_path / "data.sqlite3").touch()
    else:
        server, name = request.getfixturevalue("pg"), f"t{uuid.uuid4().hex[:10]}"
        with engine_of(server).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        address = server.replace("postgres://", "postgresql://").rsplit("/", 1)[0] + f"/{name}"
    is_sqlite = address.startswith("sqlite")
    kinds = {
        "id": "INTEGER PRIMARY KEY" if is_sqlite else "BIGSERIAL PRIMARY KEY",
        "ref": "INTEGER" if is_sqlite else "BIGINT",
    }
    run(address, *SCHEMA.format(**kinds).strip().split(";\n"))
    if not is_sqlite:
        run(address, "ALTER TABLE heads ADD CONSTRAINT closes FOREIGN KEY (body_id) REFERENCES bodies (id)")
    return address


def run(url, *statements):
    with engine_of(url).begin() as connection:
        return [connection.execute(text(s.strip().rstrip(";"))) for s in statements if s.strip()]


def fill(url, tenant, start, count=30):
    """Orders in a chain, three lines each with two parts, a remark without a key for each."""
    orders = [f"({start + n}, '{tenant}', {start + n - 1 if n % 3 else 'NULL'}, 'N')" for n in range(count)]
    lines = [f"({start * 10 + n}, {start + n // 3}, 1.50, '2026-01-01 10:00:00')" for n in range(count * 3)]
    parts = [f"('{tenant}-{n}', {m}, {start * 10 + n})" for n in range(count * 3) for m in (1, 2)]
    remarks = [f"({start + n}, 'words')" for n in range(count)]
    run(
        url, f"INSERT INTO orders VALUES {','.join(orders)}", f"INSERT INTO lines VALUES {','.join(lines)}",
        f"INSERT INTO parts VALUES {','.join(parts)}", f"INSERT INTO remarks VALUES {','.join(remarks)}",
        f"INSERT INTO bystanders VALUES ({start}, '{tenant}')",
    )  # fmt: skip


def counts(url):
    tables = ("orders", "lines", "parts", "remarks", "shares", "bystanders")
    with engine_of(url).connect() as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables}


def connector_of(url, selector="orders.tenant_key=acme", **settings):
    return SqlConnector(Place(kind="sql", selector=selector, settings=settings, secrets={"url": url}))


def sweep(connector, most=10):
    gone, kept = 0, []
    for _n in range(most):
        found = 0
        for page in connector.pages():
            page = [item for item in page if item not in kept]
            found += len(page)
            outcomes = connector.erase(page) if page else []
            assert sorted(o.item.name for o in outcomes) == sorted(i.name for i in page)
            gone += sum(o.state == State.GONE for o in outcomes)
            kept += [o.item for o in outcomes if o.state == State.KEPT]
        if not found:
            return gone
    raise AssertionError("It never ended.")


def test_acme_goes_with_what_refers_to_it_and_acme2_stays(url):
    fill(url, "acme2", 1000)
    before = counts(url)
    fill(url, "acme", 1)
    connector = connector_of(url)
    connector.check()
    assert left_in(connector).items == 30 + 90 + 180 + 30
    assert sweep(connector) == 330
    assert left_in(connector).items == 0
    assert counts(url) == before | {"bystanders": 2}, (
        "a table that nobody registered and nothing refers from is not ours"
    )


def test_children_are_listed_before_their_parents(url):
    fill(url, "acme", 1, 5)
    tables = [item.name.split('"')[1].split(".")[-1] for page in connector_of(url).pages() for item in page]
    order = list(dict.fromkeys(tables))
    assert order.index("parts") < order.index("lines") < order.index("orders")


def test_what_is_gone_already_is_gone(url):
    fill(url, "acme", 1, 4)
    connector = connector_of(url)
    items = [item for page in connector.pages() for item in page]
    for _twice in range(2):
        outcomes = (
            [outcome for item in items for outcome in connector.erase([item])] if _twice else connector.erase(items)
        )
        assert {outcome.state for outcome in outcomes} == {State.GONE}


def test_a_key_that_another_tenant_has_by_now_is_not_erased(url):
    fill(url, "acme", 1, 1)
    connector = connector_of(url)
    items = [item for page in connector.pages() for item in page]
    sweep(connector)
    run(url, "INSERT INTO orders VALUES (1, 'acme2', NULL, 'Theirs')")
    connector.erase(items)
    assert counts(url)["orders"] == 1


def test_another_tenants_row_is_never_erased_with_ours(url):
    fill(url, "acme", 1, 3)
    run(url, "INSERT INTO shares VALUES (1, 'acme2', 2)", "INSERT INTO shares VALUES (2, 'acme', 1)")
    connector = connector_of(url)
    kept = []
    for _n in range(3):
        for page in connector.pages():
            kept = [o for o in connector.erase(page) if o.state == State.KEPT] or kept
    assert counts(url)["shares"] == 1
    assert counts(url)["orders"] == 1
    assert (kept[0].code, kept[0].detail) == ("wrong_kind", "a row of another tenant refers to it")


def test_a_cycle(url):
    run(
        url, "INSERT INTO heads VALUES (1, 'acme', NULL)", "INSERT INTO bodies VALUES (1, 1)",
        "UPDATE heads SET body_id = 1 WHERE id = 1", "INSERT INTO heads VALUES (2, 'acme2', NULL)",
    )  # fmt: skip
    connector = connector_of(url, "heads.tenant_key=acme")
    assert sweep(connector) == 2
    assert left_in(connector).items == 0
    assert run(url, "SELECT count(*) FROM heads")[0] is not None


def test_a_row_that_comes_in_meanwhile_is_swept_up(url):
    fill(url, "acme", 1, 3)
    connector = connector_of(url)
    pages = connector.pages()
    connector.erase(next(pages))
    run(url, "INSERT INTO lines VALUES (999, 1, 2.00, '2026-01-01 10:00:00')")
    for page in pages:
        connector.erase(page)
    sweep(connector)
    assert left_in(connector).items == 0


def test_one_persons_rows_within_the_tenants(url):
    fill(url, "acme", 1, 3)
    fill(url, "acme2", 100, 3)
    run(url, "UPDATE orders SET note = 'ada'")
    connector = connector_of(url, "orders.note=ada", within={"selector": "orders.tenant_key=acme"})
    assert sweep(connector) > 0
    assert counts(url)["orders"] == 3, "the other tenant's Ada stays"
    with pytest.raises(TroubleError) as trouble:
        connector_of(url, "bystanders.id=1", within={"selector": "orders.tenant_key=acme"}).check()
    assert trouble.value.code == "wrong_kind", "the table does not hang below the tenant's"


def test_one_persons_rows_in_a_table_that_only_refers_to_the_tenants(url):
    fill(url, "acme", 1, 3)
    fill(url, "acme2", 100, 3)
    connector = connector_of(url, "remarks.words=words", within={"selector": "orders.tenant_key=acme"})
    assert left_in(connector).items == sweep(connector) == 3
    assert counts(url)["remarks"] == 3, "the other tenant's remarks have the same words"


def test_read_gives_a_row_as_a_line_of_json(url):
    fill(url, "acme", 1, 1)
    connector = connector_of(url)
    lines = b"".join(b"".join(connector.read(item)) for page in connector.pages() for item in page).splitlines()
    assert len(lines) == 1 + 3 + 6 + 1
    assert b'"amount": "1.50"' in b"".join(lines) or b'"amount": 1.5' in b"".join(lines)


@pytest.mark.parametrize(
    ("selector", "code"),
    [("nothing.tenant_key=acme", "vanished"), ("orders.customer=acme", "wrong_kind"), ("lines.id=acme", "wrong_kind")],
)
def test_i56_what_is_not_as_registered_is_told_apart(url, selector, code):
    with pytest.raises(TroubleError) as trouble:
        connector_of(url, selector).check()
    assert trouble.value.code == code
    assert "acme" not in trouble.value.detail


def test_i56_postgresql_troubles(pg):
    admin = pg.replace("postgres://", "postgresql://")
    run(
        admin, "DROP TABLE IF EXISTS private", "DROP ROLE IF EXISTS reader", "CREATE TABLE private (id BIGINT PRIMARY KEY, tenant_key TEXT)",
        "CREATE ROLE reader LOGIN PASSWORD 'x'", "GRANT SELECT ON private TO reader",
    )  # fmt: skip
    reader = admin.replace("postgres@", "reader:x@")
    told = {}
    for name, address in {
        "denied": reader,
        "credentials": admin.replace("postgres@", "nobody@"),
        "vanished": admin.rsplit("/", 1)[0] + "/never_made",
        "unreachable": "postgresql://postgres@127.0.0.1:9/x",
    }.items():
        with pytest.raises(TroubleError) as trouble:
            connector_of(address, "private.tenant_key=acme").check()
        told[name] = trouble.value.code
    assert told == {name: name for name in told}


def test_a_database_that_is_not_there_is_not_an_empty_one(tmp_path):
    with pytest.raises(TroubleError) as trouble:
        left_in(connector_of(f"sqlite:///{tmp_path}/gone.sqlite3"))
    assert trouble.value.code == "vanished"


def test_many_rows_in_related_tables(pg):
    """``RETENTION_ROWS=1000000`` for the size it was made for; other tenants' rows are counted before and after."""
    total = int(os.environ.get("RETENTION_ROWS", "6000"))
    name = f"m{uuid.uuid4().hex[:10]}"
    with engine_of(pg).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url, half = pg.replace("postgres://", "postgresql://").rsplit("/", 1)[0] + f"/{name}", total // 2
    run(
        url, "CREATE TABLE orders (id BIGINT PRIMARY KEY, tenant_key TEXT NOT NULL)",
        "CREATE TABLE lines (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL REFERENCES orders (id))",
        "CREATE INDEX ON orders (tenant_key, id)", "CREATE INDEX ON lines (order_id)",
        f"INSERT INTO orders SELECT n, CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'acme2' END FROM generate_series(1, {half}) n",
        f"INSERT INTO lines SELECT n, n FROM generate_series(1, {half}) n", "ANALYZE orders", "ANALYZE lines",
    )  # fmt: skip
    others = connector_of(url, "orders.tenant_key=acme2")
    before = left_in(others).items
    connector = connector_of(url)
    expected = left_in(connector).items
    assert expected == half // 2 * 2
    assert sweep(connector) == expected
    assert left_in(connector).items == 0
    assert left_in(others).items == before
