"""Fixtures shared by all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own and no sample shop."""
    return Settings(home=tmp_path / "home", sample_shop=False)


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    """An empty, open warehouse."""
    warehouse = Warehouse.open(settings)
    yield warehouse
    warehouse.close()
