"""Hard cases of the SQL connector, on SQLite, PostgreSQL and MariaDB: whose a row is, and in which order rows go."""

from __future__ import annotations

import json
import threading

import pytest

from retention.connectors.base import State, TroubleError
from tests.retention.connectors.sql_servers import kept, row, sweep
from tests.retention.counting import left_in

ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL)"
LINES = "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, {more}FOREIGN KEY (order_id) REFERENCES orders (id){then})"
TWO = "INSERT INTO orders VALUES (1, 'acme'), (2, 'acme2'), (3, 'acme')"


def test_the_value_is_compared_to_the_letter(store):
    length = 4 if store.dialect == "postgresql" else 20
    store.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR({length}) NOT NULL)",
        "INSERT INTO orders VALUES (1, 'acme'), (2, 'acm')",
    )
    assert left_in(store.connector("orders.tenant_key=acme2")).items == 0, "a shorter column is no shorter value"
    assert len(sweep(store.connector())) == 1
    assert store.rows("SELECT id FROM orders") == [(2,)]


def test_another_spelling_is_another_tenant_and_is_told(store):
    kinds = {
        "sqlite": "TEXT COLLATE NOCASE",
        "mysql": "VARCHAR(20) COLLATE utf8mb4_general_ci",
        "postgresql": "VARCHAR(20)",
    }
    store.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key {kinds[store.dialect]} NOT NULL)",
        "INSERT INTO orders VALUES (1, 'acme'), (2, 'ACME'), (3, 'acme ')",
    )
    connector = store.connector()
    assert len(sweep(connector)) == 1
    assert store.rows("SELECT id FROM orders ORDER BY id") == [(2,), (3,)]
    store.run("INSERT INTO orders VALUES (1, 'acme')")
    if store.dialect != "postgresql":
        with pytest.raises(TroubleError, match="other spellings"):
            connector.check()


def test_a_number_is_a_number(store):
    store.run(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL)",
        "INSERT INTO orders VALUES (1, 7), (2, 70), (3, 0)",
    )
    with pytest.raises(TroubleError) as trouble:
        store.connector("orders.tenant_id=acme").check()
    assert trouble.value.code == "wrong_kind"
    sweep(store.connector("orders.tenant_id=7"))
    assert store.rows("SELECT id FROM orders ORDER BY id") == [(2,), (3,)]


def test_keys_of_every_type_come_back_as_they_were(store):
    keys = {
        "postgresql": ["UUID DEFAULT gen_random_uuid()", "TIMESTAMPTZ DEFAULT now()", "NUMERIC(12, 3) DEFAULT 1.230", "BYTEA DEFAULT '\\x00ff22'", "TEXT DEFAULT E'a\"b\\\\{,}é\\n'", "DATE DEFAULT '2026-01-31'", "BIGINT DEFAULT 9007199254740993", "INTERVAL DEFAULT '1 day 2 seconds'", "DOUBLE PRECISION DEFAULT 0.1"],
        "mysql": ["VARBINARY(16) DEFAULT 'ab '", "DATETIME(6) DEFAULT '2026-01-31 10:00:00.123456'", "DECIMAL(12,3) DEFAULT 1.230", "VARCHAR(20) DEFAULT 'a\"b\\\\%%é'", "DATE DEFAULT '2026-01-31'", "BIGINT DEFAULT 9007199254740993", "TIME DEFAULT '-12:00:01'"],
        "sqlite": ["TEXT DEFAULT 'a\"b{,}é'", "DATETIME DEFAULT '31.1.2026'", "NUMERIC DEFAULT 1.23", "BLOB DEFAULT x'00ff22'", "BIGINT DEFAULT 9007199254740993"],
    }[store.dialect]  # fmt: skip
    for number, kind in enumerate(keys):
        table = f"t{number}"
        store.run(
            f"CREATE TABLE {table} (k {kind}, n INTEGER NOT NULL, tenant_key VARCHAR(20) NOT NULL, PRIMARY KEY (k, n))",
            f"INSERT INTO {table} (n, tenant_key) VALUES (1, 'acme'), (2, 'acme'), (3, 'acme2')",
        )
        connector = store.connector(f"{table}.tenant_key=acme")
        items = [item for page in connector.pages() for item in page]
        assert len(items) == 2, kind
        assert all(b'"n": 1' in line or b'"n": 2' in line for item in items for line in connector.read(item)), kind
        assert {o.state for o in connector.erase(items)} == {State.GONE}, kind
        assert store.rows(f"SELECT n FROM {table}") == [(3,)], kind


def test_letters_of_other_character_sets(store):
    letters = " CHARACTER SET latin1" if store.dialect == "mysql" else ""
    store.run(
        f"CREATE TABLE orders (k VARCHAR(20){letters} PRIMARY KEY, tenant_key VARCHAR(20){letters} NOT NULL)",
        "INSERT INTO orders VALUES ('é', 'ácme'), ('ü', 'ácme'), ('ö', 'acme')",
    )
    assert len(sweep(store.connector("orders.tenant_key=ácme"))) == 2
    assert store.rows("SELECT k FROM orders") == [("ö",)]


def test_rows_of_a_table_without_a_key_are_answered_one_by_one(store):
    store.run(
        ORDERS, TWO, "CREATE TABLE notes (order_id INTEGER, words VARCHAR(20), FOREIGN KEY (order_id) REFERENCES orders (id))",
        "INSERT INTO notes VALUES (1, 'same'), (1, 'same'), (1, NULL), (2, 'same'), (3, 'secret')",
    )  # fmt: skip
    connector = store.connector()
    items = [item for page in connector.pages() for item in page]
    notes = [item for item in items if "notes" in item.name]
    assert len(notes) == len(set(notes)) == 4
    assert "secret" not in "".join(item.name for item in notes), "a name is no copy of the row"
    assert json.loads(b"".join(connector.read(notes[0])))["order_id"] in (1, 3)
    assert {o.state for o in connector.erase(notes[:2])} == {State.GONE}
    assert {o.state for o in connector.erase(items)} == {State.GONE}
    assert (store.count("notes"), store.count("orders"), left_in(connector).items) == (1, 1, 0)


@pytest.mark.parametrize("action", ["", " ON DELETE CASCADE", " ON DELETE SET NULL"])
def test_another_tenants_row_keeps_what_it_refers_to_whatever_the_database_would_do(store, action):
    null = "" if action.endswith("NULL") else " NOT NULL"
    store.run(
        ORDERS, TWO,
        f"CREATE TABLE shares (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20), order_id INTEGER{null}, FOREIGN KEY (order_id) REFERENCES orders (id){action})",
        "INSERT INTO shares VALUES (1, 'acme2', 1), (2, 'acme', 3), (3, NULL, 3)",
    )  # fmt: skip
    connector = store.connector()
    (outcome,) = kept(sweep(connector))
    assert (row(outcome), outcome.code) == ("orders 1", "wrong_kind")
    assert outcome.detail == "a row of another tenant refers to it"
    assert store.rows("SELECT * FROM shares") == [(1, "acme2", 1)]
    assert left_in(connector).items == 1


def test_what_two_tenants_share_is_not_ours_alone(store):
    store.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL)",
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER NOT NULL, receiver_id INTEGER NOT NULL, FOREIGN KEY (sender_id) REFERENCES people (id), FOREIGN KEY (receiver_id) REFERENCES people (id))",
        "INSERT INTO people VALUES (1, 'acme'), (2, 'acme'), (3, 'acme2')",
        "INSERT INTO messages VALUES (1, 1, 2), (2, 2, 3), (3, 3, 3)",
    )
    outcomes = sweep(store.connector("people.tenant_key=acme"))
    assert [row(outcome) for outcome in kept(outcomes)] == ["people 2"]
    assert store.rows("SELECT id FROM messages ORDER BY id") == [(2,), (3,)]


def test_what_a_kept_row_refers_to_is_kept_too_and_sweeps_end(store):
    store.run(
        ORDERS, TWO, LINES.format(more="", then=""), "INSERT INTO order_lines VALUES (10, 1), (11, 3)",
        "CREATE TABLE marks (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20), line_id INTEGER NOT NULL, FOREIGN KEY (line_id) REFERENCES order_lines (id))",
        "INSERT INTO marks VALUES (1, 'acme2', 10)",
    )  # fmt: skip
    connector = store.connector()
    outcomes = sweep(connector)
    assert {row(o): o.code for o in kept(outcomes)} == {
        "order_lines 10": "wrong_kind", "orders 1": "wrong_kind",
    }  # fmt: skip
    assert left_in(connector).items == 2
    assert sweep(store.connector())[-1].state == State.KEPT, "and the same when somebody begins anew"


@pytest.mark.parametrize("mandatory", [True, False])
def test_a_tree_goes_from_its_leaves(store, mandatory):
    """Replies may hang on an order only through what they reply to: then they are walked, not listed."""
    store.run(
        ORDERS, TWO,
        f"CREATE TABLE replies (id INTEGER PRIMARY KEY, order_id INTEGER{' NOT NULL' if mandatory else ''}, parent_id INTEGER, FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (parent_id) REFERENCES replies (id))",
        "INSERT INTO replies VALUES (5000, 1, NULL)",
        "INSERT INTO replies VALUES (9000, 2, NULL)",
    )  # fmt: skip
    order, other = (1, 2) if mandatory else ("NULL", "NULL")
    # Children before parents by key: the hard way; 50 deep, and bushy.
    chain = [f"({5000 - n}, {order}, {5001 - n if n < 50 else 5000 - n % 50})" for n in range(1, 2500)]
    store.run(f"INSERT INTO replies VALUES {','.join(chain)}", f"INSERT INTO replies VALUES (8999, {other}, 9000)")
    connector = store.connector()
    assert left_in(connector).items == 2 + 2500
    outcomes = sweep(connector)
    assert len(outcomes) == 2502
    assert not kept(outcomes)
    assert store.rows("SELECT id FROM replies ORDER BY id") == [(8999,), (9000,)]
    assert left_in(connector).items == 0


def test_rows_that_refer_to_each_other(store):
    store.run(
        "CREATE TABLE teams (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL, lead_id INTEGER)",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL, mentor_id INTEGER, FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (mentor_id) REFERENCES people (id))",
    )  # fmt: skip
    if store.dialect == "sqlite":
        store.run("DROP TABLE teams", "CREATE TABLE teams (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL, lead_id INTEGER, FOREIGN KEY (lead_id) REFERENCES people (id))")  # fmt: skip
    else:
        store.run("ALTER TABLE teams ADD FOREIGN KEY (lead_id) REFERENCES people (id)")
    store.run(
        "INSERT INTO teams VALUES (1, 'acme', NULL), (2, 'acme2', NULL)",
        "INSERT INTO people VALUES (1, 1, NULL), (2, 1, 1), (3, 2, NULL), (4, 2, 3)",
        "UPDATE people SET mentor_id = id WHERE id = 2", "UPDATE people SET mentor_id = 2 WHERE id = 1",
        "UPDATE people SET mentor_id = 1 WHERE id = 2",
        "UPDATE teams SET lead_id = 1 WHERE id = 1", "UPDATE teams SET lead_id = 4 WHERE id = 2",
    )  # fmt: skip
    before = store.rows("SELECT * FROM teams WHERE id = 2"), store.rows("SELECT * FROM people WHERE id > 2 ORDER BY id")
    connector = store.connector("teams.tenant_key=acme")
    connector.check()
    assert not kept(sweep(connector))
    assert (store.rows("SELECT * FROM teams"), store.rows("SELECT * FROM people ORDER BY id")) == before


def test_a_circle_without_a_way_out_goes_in_one_call(store):
    """Two rows of one table, each of which has to refer to the other."""
    wait = {"sqlite": " DEFERRABLE INITIALLY DEFERRED", "postgresql": " DEFERRABLE INITIALLY DEFERRED", "mysql": ""}
    if store.dialect == "mysql":
        pytest.skip("MySQL cannot hold such rows")
    store.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key VARCHAR(20) NOT NULL, twin_id INTEGER NOT NULL, FOREIGN KEY (twin_id) REFERENCES orders (id){wait[store.dialect]})",
        "INSERT INTO orders VALUES (1, 'acme', 2), (2, 'acme', 1), (3, 'acme2', 3), (4, 'acme', 4)",
    )
    assert not kept(sweep(store.connector()))
    assert store.rows("SELECT id FROM orders") == [(3,)]


def test_a_child_that_comes_meanwhile_puts_its_parent_off_and_no_sweep_is_endless(store):
    store.run(ORDERS, TWO, LINES.format(more="", then=""), "INSERT INTO order_lines VALUES (10, 1)")
    connector = store.connector()
    pages = [item for page in connector.pages() for item in page]
    store.run("INSERT INTO order_lines VALUES (11, 1)")
    first = {row(o): o for o in connector.erase(pages)}
    assert (first["orders 1"].state, first["orders 1"].code) == (State.AGAIN, "throttled")
    (second,) = connector.erase([first["orders 1"].item])
    assert (second.state, second.code) == (State.KEPT, "wrong_kind")
    assert second.until is not None, "due again at once"
    assert not kept(sweep(connector))
    assert (store.count("order_lines"), store.count("orders")) == (0, 1)


def test_a_writer_adds_rows_all_the_while(store):
    if store.dialect == "sqlite":
        pytest.skip("one writer at a time")
    store.run(ORDERS, LINES.format(more="", then=""), "CREATE INDEX by_order ON order_lines (order_id)")
    store.run(
        "INSERT INTO orders VALUES " + ",".join(f"({n}, '{'acme' if n % 2 else 'acme2'}')" for n in range(1, 401))
    )
    store.run("INSERT INTO order_lines VALUES " + ",".join(f"({n}, {n % 400 + 1})" for n in range(1, 4001)))
    others = store.count("order_lines WHERE mod(order_id, 2) = 0")
    written, ended = [0], threading.Event()

    def write():
        for number in range(5000, 5300):
            if ended.is_set():
                return
            try:
                store.run(f"INSERT INTO order_lines VALUES ({number}, {number % 400 + 1})")
                written[0] += 1 if (number % 400 + 1) % 2 == 0 else 0
            except Exception:
                pass

    writer = threading.Thread(target=write)
    writer.start()
    connector = store.connector()
    try:
        for _n in range(30):
            for page in connector.pages():
                for at in range(0, len(page), 100):
                    try:
                        connector.erase(page[at : at + 100])
                    except TroubleError as trouble:
                        assert trouble.code == "throttled"
    finally:
        writer.join(30)
        ended.set()
    sweep(connector)
    assert left_in(connector).items == 0
    assert store.count("order_lines") == others + written[0]
    assert store.count("orders") == 200


def test_a_trigger_that_keeps_rows_is_found_out(store):
    store.run(ORDERS, TWO, LINES.format(more="", then=""), "INSERT INTO order_lines VALUES (10, 1), (11, 3)")
    if store.dialect == "postgresql":
        store.run(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id = 10 THEN RETURN NULL; END IF; RETURN OLD; END'",
            "CREATE TRIGGER keep BEFORE DELETE ON order_lines FOR EACH ROW EXECUTE FUNCTION keep()",
        )
    elif store.dialect == "sqlite":
        store.run("CREATE TRIGGER keep BEFORE DELETE ON order_lines WHEN OLD.id = 10 BEGIN SELECT RAISE(IGNORE); END")
    else:
        pytest.skip("a trigger of MySQL cannot keep a row without an error")
    outcomes = kept(sweep(store.connector()))
    assert {row(o): o.code for o in outcomes} == {"order_lines 10": "denied", "orders 1": "denied"}
    assert store.rows("SELECT id FROM orders ORDER BY id") == [(1,), (2,)]


def test_without_cascade_only_the_named_table_is_touched(store):
    store.run(ORDERS, TWO, LINES.format(more="", then=" ON DELETE CASCADE"), "INSERT INTO order_lines VALUES (10, 1)")
    connector = store.connector(cascade=False)
    (outcome,) = kept(sweep(connector))
    assert (row(outcome), outcome.code) == ("orders 1", "wrong_kind")
    assert (store.count("order_lines"), store.count("orders"), left_in(connector).items) == (1, 2, 1)


def test_one_persons_rows_go_and_no_other_tenants(store):
    store.run(
        ORDERS, TWO, "CREATE TABLE people (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, mail VARCHAR(40), FOREIGN KEY (order_id) REFERENCES orders (id))",
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, FOREIGN KEY (person_id) REFERENCES people (id))",
        "INSERT INTO people VALUES (1, 1, 'ada@x'), (2, 1, 'bob@x'), (3, 2, 'ada@x')", "INSERT INTO calls VALUES (1, 1), (2, 2), (3, 3)",
    )  # fmt: skip
    connector = store.connector("people.mail=ada@x", within={"selector": "orders.tenant_key=acme"})
    connector.check()
    assert len(sweep(connector)) == 2
    assert store.rows("SELECT id FROM people ORDER BY id") == [(2,), (3,)]
    assert store.rows("SELECT id FROM calls ORDER BY id") == [(2,), (3,)]
    assert store.count("orders") == 3
