"""What resolving merged intents costs where labels are read: `python -m tests.benchmarks.bench_taxonomy [ROWS]`.

The baseline is the view of current annotations as it was before intents could be merged.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from core.intents.editing import Merge
from core.intents.taxonomy import current_version
from core.intents.versions import edit_taxonomy, restore_version
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.benchmarks.bench_quality import ANNOTATORS, ROWS, _fill

REPEATS = 9
BASELINE = """
    CREATE VIEW unresolved_annotations AS SELECT * FROM annotations
    QUALIFY row_number() OVER (PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1
"""
QUERIES = {
    "all current labels": "SELECT session_id, intent, status FROM {view}",
    "one session's labels": "SELECT intent, status FROM {view} WHERE session_id = 's77'",
    "one annotator's progress": "SELECT intent, count(*) FROM {view} WHERE annotator = 'a1' GROUP BY intent",
    "labels for training": "SELECT session_id, intent FROM {view} WHERE intent IS NOT NULL AND status = 'submitted'",
}


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
        _fill(warehouse, rows)
        warehouse.write(lambda cursor: cursor.execute(BASELINE).fetchall())
        print(f"{rows:,} annotations by {ANNOTATORS} annotators, median of {REPEATS} runs, ms")
        print(f"{'':28}{'unresolved':>12}{'none merged':>12}{'ratio':>7}{'two merged':>12}{'ratio':>7}")
        for name, query in QUERIES.items():
            print(_line(warehouse, name, query))
        start = time.perf_counter()
        edit_taxonomy(warehouse, [Merge("search", "browse")], author="bench")
        print(f"a merge, durable: {1000 * (time.perf_counter() - start):.1f} ms, whatever the number of labels")
        warehouse.close()


def _line(warehouse: Warehouse, name: str, query: str) -> str:
    before = current_version(warehouse).number
    plain = _median(warehouse, query.format(view="unresolved_annotations"))
    none = _median(warehouse, query.format(view="current_annotations"))
    edit_taxonomy(warehouse, [Merge("search", "browse"), Merge("other", "browse")], author="bench")
    two = _median(warehouse, query.format(view="current_annotations"))
    restore_version(warehouse, before, author="bench")
    return f"{name:28}{plain:12.2f}{none:12.2f}{none / plain:7.2f}{two:12.2f}{two / plain:7.2f}"


def _median(warehouse: Warehouse, query: str) -> float:
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        with warehouse.cursor() as cursor:
            cursor.execute(query).fetchall()
        took.append(time.perf_counter() - start)
    return 1000 * float(np.median(took))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
