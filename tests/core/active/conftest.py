"""A warehouse whose clock stands still until a test turns it."""

from collections.abc import Iterator

import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def warehouse(settings: Settings, clock: TurnedClock) -> Iterator[Warehouse]:
    warehouse = Warehouse.open(settings, clock=clock)
    yield warehouse
    warehouse.close()
