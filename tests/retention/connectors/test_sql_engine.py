"""The engine over a real database: a row that comes in between the intents does not hold a case up for ever."""

from __future__ import annotations

import datetime as dt

import pytest

from retention.connectors.sql.erasing import Erasure
from retention.models import DeletionCase, Residue
from retention.services.connections import set_connection
from retention.services.steps import work_step
from retention.vocabulary import StepState
from tests.retention.connectors.sql_servers import Store
from tests.retention.test_engine import JOB, approved
from tests.tenants.world import data_store, terminate


@pytest.mark.django_db
def test_a_late_child_is_swept_up_and_its_parent_after_it(world, settings, monkeypatch, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = [str(tmp_path)]
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    store = file_of(tmp_path)
    registered = data_store(world, "shop", kind="sql", selector="orders.tenant_key=acme", account="", backup_days=None)
    secrets = {"url": store.url}
    set_connection(actor=world.actor("administrator"), store_id=registered.id, settings={}, secrets=secrets)
    terminate(world)
    case = approved(world, DeletionCase.objects.get(tenant=world.tenant))
    step = case.steps.get(item__store=registered)
    late = iter(["INSERT INTO order_lines VALUES (99, 1)"])
    real = Erasure.run

    def with_a_writer(self, wanted):
        if "orders" in wanted and (statement := next(late, None)):
            self.connection.exec_driver_sql(statement)  # committed by somebody else, as far as the engine can tell
        return real(self, wanted)

    monkeypatch.setattr(Erasure, "run", with_a_writer)
    for _n in range(20):
        step.refresh_from_db()
        if step.state in (StepState.VERIFIED, StepState.RESIDUE):
            break
        work_step(str(step.id), actor=JOB)
    assert step.state == StepState.VERIFIED
    assert (store.count("orders"), store.count("order_lines")) == (1, 1)
    assert step.intended == step.destroyed == 5, "two orders, two lines, and the late one; none twice"
    assert not Residue.objects.filter(step=step, cleared_at=None).exists()


def file_of(tmp_path) -> Store:
    import sqlalchemy as sa

    path = tmp_path / "shop.sqlite3"
    path.touch()
    store = Store(f"sqlite:///{path}", sa.create_engine(f"sqlite:///{path}"))
    store.run(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL)",
        "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id))",
        "INSERT INTO orders VALUES (1, 'acme'), (2, 'acme'), (3, 'acme2')",
        "INSERT INTO order_lines VALUES (1, 1), (2, 2), (3, 3)",
    )
    return store
