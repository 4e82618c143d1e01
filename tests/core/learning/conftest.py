"""A warehouse whose clock goes on a second at each look, so that runs have an order, and can be turned."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock


class TickingClock(TurnedClock):
    """Goes on a second whenever it is asked."""

    def __call__(self) -> datetime:
        self.turn(1 / 60)
        return self.now


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def warehouse(settings: Settings, clock: TickingClock) -> Iterator[Warehouse]:
    warehouse = Warehouse.open(settings, clock=clock)
    yield warehouse
    warehouse.close()
