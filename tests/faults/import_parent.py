"""A process that writes until it is killed, and says what was acknowledged: `events` in batches or `annotations`."""

import sys
from datetime import datetime
from pathlib import Path

from core.intents.annotations import Annotation, submit_annotations
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

BATCH = 40


def main(home: Path, kind: str, first: int) -> None:
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    sys.stdout.write("open\n")
    sys.stdout.flush()
    for batch in range(first, first + 100_000):
        if kind == "events":
            rows = [
                event(batch * BATCH + n, visitor=f"v{batch % 7}", minutes=batch, query=f"b{batch}")
                for n in range(BATCH)
            ]
            append_events(warehouse, table(*rows))
        else:
            label = Annotation(
                f"a{batch}", f"c{batch}", "session", f"s{batch}", None, "browse", "mei", datetime(2026, 5, 4)
            )
            submit_annotations(warehouse, [label])
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
