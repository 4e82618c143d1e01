"""Labels sessions in bulk until it is killed, printing each batch that was acknowledged: HOME, first number."""

import sys
from pathlib import Path

from core.intents.bulk import Batch, Selection, apply_batch
from core.settings import Settings
from core.store.warehouse import Warehouse

SESSIONS = 20_000
INTENTS = ("browse", "search")
_SESSIONS = """
    INSERT INTO sessions
    SELECT 's' || i, 'v' || i, NULL, TIMESTAMP '2026-05-04', TIMESTAMP '2026-05-04', 3, false, false, NULL, NULL,
        NULL, NULL, NULL, false FROM range(?) t(i)
"""


def open_shop(home: Path) -> Warehouse:
    """A warehouse whose sessions stand without events."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))

    def fill(cursor: object) -> None:
        if not cursor.execute("SELECT count(*) FROM sessions").fetchall()[0][0]:  # type: ignore[attr-defined]
            cursor.execute(_SESSIONS, [SESSIONS]).fetchall()  # type: ignore[attr-defined]

    warehouse.write(fill)
    return warehouse


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(home: Path, number: int) -> None:
    warehouse = open_shop(home)
    selection = Selection("filter", tuple(f"s{n}" for n in range(SESSIONS)))
    _say("open")
    while True:
        batch = Batch(f"batch{number}", selection, INTENTS[number % 2], "mei", "careful")
        apply_batch(warehouse, batch)
        _say(str(number))
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
