"""Fixtures of the connectors' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.retention.connectors.sql_servers import Store, mariadb, new_database


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[str]:
    """URL of a MariaDB whose ``root`` may do everything; skips where there is none."""
    with mariadb() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def store(request, tmp_path) -> Iterator[Store]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "app.sqlite3"
        path.touch()
        made = Store(f"sqlite:///{path}", sa.create_engine(f"sqlite:///{path}"))
        sa.event.listen(made.engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = ON"))
        yield made
        return
    server = request.getfixturevalue("postgres_server" if request.param == "postgresql" else "mysql_server")
    yield new_database(server)
