"""All rows with their contents, many at a time: the same as one by one, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from retention.connectors.base import TroubleError
from retention.connectors.sql import exporting, weighing
from retention.connectors.sql.keys import parse_name
from tests.retention.connectors.sql_servers import sweep

ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL)"
LINES = "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER{more}, FOREIGN KEY (order_id) REFERENCES orders (id))"
TWO = "INSERT INTO orders VALUES (1, 'acme'), (2, 'acme2'), (3, 'acme')"


@pytest.fixture(autouse=True, params=[(2_000, 8 * 1024 * 1024), (3, 100)], ids=["large", "small"])
def batches(request, monkeypatch):
    """Batches as they are, and so small that every table takes many."""
    monkeypatch.setattr(exporting, "BATCH", request.param[0])
    for module in (exporting, weighing):
        monkeypatch.setattr(module, "BUDGET", request.param[1])
    return request.param


def exported(connector):
    """Lines by name; no name comes twice, and each is one of the table it comes with."""
    found = {}
    for table, rows in connector.rows():
        for name, line in rows:
            assert name not in found
            assert parse_name(name)[0] == table
            found[name] = line
    return found


def one_by_one(connector):
    return {item.name: b"".join(connector.read(item)) for page in connector.pages() for item in page}


def agreed(connector):
    """What both ways give."""
    found = exported(connector)
    assert found == one_by_one(connector)
    return found


def ids(found, table):
    return sorted(json.loads(line)["id"] for name, line in found.items() if parse_name(name)[0] == table)


KINDS = {
    "postgresql": ["BYTEA", "JSONB", "JSON", "NUMERIC(12, 3)", "DATE", "TIMESTAMPTZ", "TEXT", "UUID", "INTEGER[]", "INTERVAL", "DOUBLE PRECISION", "BOOLEAN", "INET", "CHAR(6)"],
    "mysql": ["LONGBLOB", "JSON", "VARBINARY(8)", "DECIMAL(12,3)", "DATE", "DATETIME(6)", "LONGTEXT", "TIME", "DOUBLE", "BIT(3)", "ENUM('a','b')", "SET('a','b')", "YEAR"],
    "sqlite": ["BLOB", "JSON", "NUMERIC", "DATE", "TEXT", "REAL", "BOOLEAN"],
}  # fmt: skip
VALUES = {
    "postgresql": ["'\\x00ff22'", "'{\"a\": [1, null, \"é\"]}'", "'[1.50, true]'", "1.230", "'2026-01-31'", "'2026-01-31 10:00+02'", "E'a\"b\\\\{,}é\\n'", "'4bcd9bd5-9d20-41a7-a8b5-7b1a2f1c5a10'", "'{1,NULL,3}'", "'1 day 2 seconds'", "0.1", "true", "'10.0.0.1/8'", "'ab'"],
    "mysql": ["x'00ff22'", "'{\"a\": [1, null, \"é\"]}'", "x'00ff'", "1.230", "'2026-01-31'", "'2026-01-31 10:00:00.123456'", "'a\"b\\\\\\\\{,}é\\\\n'", "'-12:00:01'", "0.1", "b'101'", "'b'", "'a,b'", "2026"],
    "sqlite": ["x'00ff22'", "'{\"a\": [1, null, \"é\"]}'", "1.23", "'31.1.2026'", "'a\"b{,}é'", "0.1", "1"],
}  # fmt: skip


def test_values_of_every_type_and_nulls(store):
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(KINDS[store.dialect]))
    values, nulls = ", ".join(VALUES[store.dialect]), ", ".join(["NULL"] * len(KINDS[store.dialect]))
    store.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL, {columns})",
        *[f"INSERT INTO orders VALUES ({n}, 'acme', {values if n % 2 else nulls})" for n in range(1, 8)],
        f"INSERT INTO orders VALUES (9, 'acme2', {values})",
    )
    found = agreed(store.connector())
    assert ids(found, "orders") == [1, 2, 3, 4, 5, 6, 7]
    told = json.loads(found['["orders","1"]' if store.dialect == "postgresql" else '["orders",1]'])
    assert told["c0"] == "AP8i", "bytes in base64"
    assert "é" in str(told), "letters as they are"


def test_keys_of_several_columns(store):
    store.run(
        "CREATE TABLE orders (day DATE NOT NULL, k VARCHAR(9) NOT NULL, n INTEGER NOT NULL, id INTEGER, tenant_key VARCHAR(20) NOT NULL, PRIMARY KEY (k, n, day))",
        "INSERT INTO orders VALUES " + ",".join(f"('2026-01-{1 + n % 3:02}', '{'abA'[n % 2]}', {n % 5}, {n}, '{'acme' if n % 4 else 'acme2'}')" for n in range(30)),
    )  # fmt: skip
    assert ids(agreed(store.connector()), "orders") == [n for n in range(30) if n % 4]


def test_a_primary_key_with_gaps(store):
    """SQLite lets it be empty, in any number of rows."""
    if store.dialect != "sqlite":
        pytest.skip("only SQLite has such rows")
    store.run(
        "CREATE TABLE orders (k TEXT PRIMARY KEY, id INTEGER, tenant_key VARCHAR(20) NOT NULL)",
        "CREATE TABLE pairs (k TEXT, n INT, order_k TEXT REFERENCES orders, id INTEGER, PRIMARY KEY (k, n)) WITHOUT ROWID",
        "INSERT INTO orders VALUES (NULL, 1, 'acme'), (NULL, 2, 'acme'), (NULL, 3, 'acme'), (NULL, 4, 'acme'), (NULL, 5, 'acme2'), ('a', 6, 'acme'), ('b', 7, 'acme2')",
        "INSERT INTO pairs VALUES ('x', 1, 'a', 1), ('x', 2, 'b', 2), ('y', 1, NULL, 3), ('y', 2, 'a', 4)",
    )  # fmt: skip
    found = agreed(store.connector())
    assert (ids(found, "orders"), ids(found, "pairs")) == ([1, 2, 3, 4, 6], [1, 4])
    assert len(sweep(store.connector())) == 7
    assert store.rows("SELECT id FROM orders ORDER BY id") == [(5,), (7,)]


def test_rows_without_a_key_each_once_however_many_are_the_same(store):
    store.run(
        ORDERS, TWO, "CREATE TABLE notes (id INTEGER, order_id INTEGER, words VARCHAR(20), FOREIGN KEY (order_id) REFERENCES orders (id))",
        "INSERT INTO notes VALUES " + ",".join(["(1, 1, 'same')"] * 8 + ["(2, 3, NULL)"] * 2 + ["(3, 2, 'theirs')", "(4, NULL, 'nobodys')", "(5, 3, '')"]),
    )  # fmt: skip
    assert ids(agreed(store.connector()), "notes") == [1] * 8 + [2] * 2 + [5]


def test_rows_without_a_key_that_refer_to_two_tenants_are_not_ours(store):
    store.run(
        ORDERS, TWO, "CREATE TABLE notes (id INTEGER, one INTEGER, other INTEGER, FOREIGN KEY (one) REFERENCES orders (id), FOREIGN KEY (other) REFERENCES orders (id))",
        "INSERT INTO notes VALUES (1, 1, NULL), (2, NULL, 3), (3, 1, 2), (4, NULL, NULL), (5, 2, 2), (6, 3, 1), (6, 3, 1)",
    )  # fmt: skip
    assert ids(agreed(store.connector()), "notes") == [1, 2, 6, 6]


def test_what_two_tenants_share_is_not_given_to_either(store):
    store.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL)",
        "CREATE TABLE threads (id INTEGER PRIMARY KEY, sender_id INTEGER NOT NULL, receiver_id INTEGER NOT NULL, FOREIGN KEY (sender_id) REFERENCES people (id), FOREIGN KEY (receiver_id) REFERENCES people (id))",
        "CREATE TABLE words (id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL, person_id INTEGER, FOREIGN KEY (thread_id) REFERENCES threads (id), FOREIGN KEY (person_id) REFERENCES people (id))",
        "INSERT INTO people VALUES (1, 'acme'), (2, 'acme'), (3, 'acme2')",
        "INSERT INTO threads VALUES (1, 1, 2), (2, 2, 3), (3, 3, 3), (4, 2, 2)",
        "INSERT INTO words VALUES (1, 1, NULL), (2, 2, 1), (3, 3, NULL), (4, 4, 3), (5, 4, 2), (6, 3, 1)",
    )  # fmt: skip
    found = agreed(store.connector("people.tenant_key=acme"))
    assert (ids(found, "people"), ids(found, "threads"), ids(found, "words")) == ([1, 2], [1, 4], [1, 5])


@pytest.mark.parametrize("mandatory", [True, False])
def test_a_tree(store, mandatory):
    store.run(
        ORDERS, TWO,
        f"CREATE TABLE replies (id INTEGER PRIMARY KEY, order_id INTEGER{' NOT NULL' if mandatory else ''}, parent_id INTEGER, words TEXT, FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (parent_id) REFERENCES replies (id))",
        "CREATE TABLE marks (id INTEGER, reply_id INTEGER NOT NULL, FOREIGN KEY (reply_id) REFERENCES replies (id))",
        "INSERT INTO replies VALUES (50, 1, NULL, 'first')", "INSERT INTO replies VALUES (90, 2, NULL, 'theirs')",
    )  # fmt: skip
    order, other = (1, 2) if mandatory else ("NULL", "NULL")
    for number in range(20):
        store.run(f"INSERT INTO replies VALUES ({49 - number}, {order}, {50 - number}, '{'w' * number * 9}')")
    store.run(
        f"INSERT INTO replies VALUES (89, {other}, 90, NULL)",
        "INSERT INTO marks VALUES (1, 50), (2, 50), (3, 31), (4, 89)",
    )
    found = agreed(store.connector())
    assert ids(found, "replies") == list(range(30, 51))
    assert ids(found, "marks") == [1, 2, 3]


def test_identical_rows_below_a_tree(store):
    """They are gathered under one name there; what is given back has all of them."""
    store.run(
        ORDERS, TWO,
        "CREATE TABLE replies (id INTEGER PRIMARY KEY, order_id INTEGER, parent_id INTEGER, FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (parent_id) REFERENCES replies (id))",
        "CREATE TABLE marks (id INTEGER, reply_id INTEGER NOT NULL, FOREIGN KEY (reply_id) REFERENCES replies (id))",
        "INSERT INTO replies VALUES (5, 1, NULL), (9, 2, NULL)", "INSERT INTO marks VALUES (1, 5), (1, 5), (1, 5), (4, 9)",
    )  # fmt: skip
    found = exported(store.connector())
    assert ids(found, "marks") == [1, 1, 1]
    assert found.items() >= one_by_one(store.connector()).items(), "under the names that they are erased by"


def test_a_key_that_leads_to_several_rows_multiplies_nothing(store):
    """MySQL lets a foreign key refer to what is not unique."""
    if store.dialect != "mysql":
        pytest.skip("only MySQL has such keys")
    store.run(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20), code INTEGER NOT NULL, INDEX (code))",
        "CREATE TABLE lines_ (id INTEGER PRIMARY KEY, code INTEGER NOT NULL, FOREIGN KEY (code) REFERENCES orders (code))",
        "INSERT INTO orders VALUES (1, 'acme', 7), (2, 'acme', 7), (3, 'acme2', 8), (4, 'acme', 9), (5, 'acme2', 9)",
        "INSERT INTO lines_ VALUES (1, 7), (2, 8), (3, 9), (4, 7)",
    )  # fmt: skip
    assert ids(agreed(store.connector()), "lines_") == [1, 4]


def test_without_cascade_the_named_table_only_and_one_persons_part(store):
    store.run(ORDERS, TWO, LINES.format(more=""), "INSERT INTO order_lines VALUES (10, 1), (11, 2), (12, 3)")
    assert len(agreed(store.connector(cascade=False))) == 2
    part = store.connector("order_lines.order_id=1", within={"selector": "orders.tenant_key=acme"})
    assert ids(agreed(part), "order_lines") == [10]


def test_a_row_that_went_meanwhile_and_one_that_changed_hands(store, batches):
    if batches[0] > 3:
        pytest.skip("all of it is read at once")
    store.run(ORDERS, "INSERT INTO orders VALUES " + ",".join(f"({n}, 'acme')" for n in range(1, 11)))
    rows = store.connector().rows()
    first = json.loads(next(rows)[1][0][1])["id"]
    assert first == 10
    store.run("DELETE FROM orders WHERE id = 2", "UPDATE orders SET tenant_key = 'acme2' WHERE id = 4")
    rest = [json.loads(line)["id"] for _table, some in rows for _name, line in some]
    assert rest[-4:] == [6, 5, 3, 1]


def test_one_long_row_among_short_ones_is_read_by_itself(store, monkeypatch):
    monkeypatch.setattr(weighing, "BUDGET", 100)
    monkeypatch.setattr(exporting, "BATCH", 100)
    store.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL, note TEXT)")
    store.run(
        "INSERT INTO orders VALUES "
        + ",".join(f"({n}, 'acme', '{'x' * (500 if n % 20 == 0 else n % 3)}')" for n in range(1, 61))
    )
    sizes = [[len(line) for _name, line in rows] for _table, rows in store.connector().rows()]
    assert sum(map(len, sizes)) == 60
    assert [some for some in sizes if max(some) > 500] == [[some[0]] for some in sizes if max(some) > 500]


@contextmanager
def counted(connector):
    """How many statements are sent."""
    seen = []
    sa.event.listen(connector.sessions.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    yield seen


def test_queries_do_not_grow_with_the_rows(store, batches):
    if batches[0] < 2_000:
        pytest.skip("with batches as they are")
    store.run(
        ORDERS, LINES.format(more=""), "CREATE TABLE marks (id INTEGER PRIMARY KEY, line_id INTEGER, order_id INTEGER, words TEXT, FOREIGN KEY (line_id) REFERENCES order_lines (id), FOREIGN KEY (order_id) REFERENCES orders (id))",
        "CREATE TABLE notes (order_id INTEGER, words VARCHAR(20), FOREIGN KEY (order_id) REFERENCES orders (id))",
    )  # fmt: skip
    numbers = []
    for start in (1, 1_000):
        count = range(start, start + 900)
        store.run("INSERT INTO orders VALUES " + ",".join(f"({n}, 'acme')" for n in count))
        store.run("INSERT INTO order_lines VALUES " + ",".join(f"({n}, {n})" for n in count))
        store.run("INSERT INTO marks VALUES " + ",".join(f"({n}, {n}, NULL, 'w')" for n in count))
        store.run("INSERT INTO notes VALUES " + ",".join(f"({n}, 'w')" for n in count))
        connector = store.connector()
        with counted(connector) as seen:
            assert sum(len(rows) for _table, rows in connector.rows()) == 4 * (start + 899 if start == 1 else 1_800)
        numbers.append(len(seen))
    assert numbers[1] <= numbers[0] + 4


def test_troubles_are_told(store):
    store.run(ORDERS, TWO)
    connector = store.connector()
    rows = connector.rows()
    assert connector.reach
    store.run("DROP TABLE orders")
    with pytest.raises(TroubleError) as trouble:
        list(rows)
    assert trouble.value.code == "vanished"
