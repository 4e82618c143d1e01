"""A labelled shop, and one with the same events and no label."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import open_labelled_shop, open_shop


@pytest.fixture
def labelled(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = open_labelled_shop(tmp_path / "labelled")
    yield warehouse
    warehouse.close()


@pytest.fixture
def unlabelled(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = open_shop(tmp_path / "unlabelled")
    yield warehouse
    warehouse.close()
