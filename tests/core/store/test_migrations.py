"""Migrations: each once, and what an older data folder had and nobody used is gone."""

from pathlib import Path

import duckdb
import pytest

from core.clock import utc_now
from core.store import migrations
from core.store.migrations import MIGRATIONS, drop_runs, migrate

TABLES = "SELECT table_name FROM information_schema.tables"


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {str(name) for (name,) in connection.execute(TABLES).fetchall()}


def test_each_migration_runs_once_and_is_recorded(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        assert migrate(connection, utc_now) == [migration.__name__ for migration in MIGRATIONS]
        assert migrate(connection, utc_now) == []


def test_an_older_folder_loses_the_table_that_nothing_used_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        with monkeypatch.context() as older:
            older.setattr(migrations, "MIGRATIONS", MIGRATIONS[: MIGRATIONS.index(drop_runs)])
            migrate(connection, utc_now)
        before = _tables(connection)
        assert "runs" in before
        assert migrate(connection, utc_now)[0] == "drop_runs"
        assert before - _tables(connection) == {"runs"}
