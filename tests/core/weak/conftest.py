"""A filled warehouse that tests only read."""

from collections.abc import Iterator

import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.weak.shop import fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The sessions of shop.fill, opened once; not to be written to."""
    warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("rules") / "home", sample_shop=False))
    fill(warehouse)
    yield warehouse
    warehouse.close()
