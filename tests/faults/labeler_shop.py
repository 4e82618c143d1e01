"""A small shop with as many short sessions as a run of key presses needs."""

from pathlib import Path

from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

EVENTS_A_SESSION = 3


def fill_shop(home: Path, sessions: int) -> None:
    """Write the sessions into a data folder that no server holds."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    rows = [
        event(number, visitor=f"v{number // EVENTS_A_SESSION}", session_id=f"s{number // EVENTS_A_SESSION}")
        for number in range(sessions * EVENTS_A_SESSION)
    ]
    append_events(warehouse, table(*rows))
    warehouse.close()
