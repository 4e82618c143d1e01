"""The frozen snapshot a job reads instead of the warehouse: Parquet and JSON in a folder of its own."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS
from core.store.bulk_labels import is_bulk
from core.store.replay_queries import REPLAY_SOURCE, REPLAYED_SESSIONS
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse

_EVENTS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)
_ITEMS = ", ".join(ITEM_COLUMNS)

WEAK_LABELS_FILE = "weak_labels.parquet"

_PARTS = {
    "events": f"""
        SELECT {_EVENTS} FROM events AS e JOIN sessions AS s USING (session_id)
        WHERE NOT s.is_bot AND e.source IS DISTINCT FROM '{REPLAY_SOURCE}'
        ORDER BY e.visitor_id, e.occurred_at, e.event_id""",
    "items": f"SELECT {_ITEMS} FROM items ORDER BY item_id",
    "annotations": f"""
        SELECT target_kind, event_id, session_id, intent, annotator, created_at, status, d.drawn, {is_bulk("a")} AS bulk
        FROM training_labels AS a LEFT JOIN annotation_draws AS d USING (annotation_id)
        WHERE session_id NOT IN ({REPLAYED_SESSIONS})
        ORDER BY session_id, event_id, annotator""",
}

_WEAK_LABELS = f"""
    SELECT session_id, coalesce(stands_for, intent) AS intent, sum(probability) AS probability, label_source
    FROM weak_labels JOIN sessions USING (session_id) LEFT JOIN merged_intents ON intent_id = intent
    WHERE version = (SELECT max(version) FROM weak_label_versions) AND NOT is_bot
        AND session_id NOT IN (SELECT session_id FROM training_labels) AND session_id NOT IN ({REPLAYED_SESSIONS})
    GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True)
class Snapshot:
    """What a snapshot holds; `snapshot_id` is a SHA-256 over its content. `weak_labels` counts sessions."""

    snapshot_id: str
    events: int
    sessions: int
    visitors: int
    annotations: int
    folder: Path
    weak_labels: int = 0


def write_snapshot(warehouse: Warehouse, folder: Path) -> Snapshot:
    """Write events, items, current annotations and the taxonomy as of now; bots and replays are left out.

    Weak labels in use of sessions that nobody labeled are a part of their own; without any there is no such file.

    The taxonomy is the stored one; `core.intents.taxonomy.load_taxonomy` stores the default on first use.
    """
    settle_sessions(warehouse)
    folder.mkdir(parents=True, exist_ok=True)
    with warehouse.cursor() as cursor:
        cursor.execute("BEGIN")  # one state of the warehouse for all parts
        for name, query in _PARTS.items():
            _copy(cursor, query, folder / f"{name}.parquet")
        weak_labels = _count_weak_labels(cursor)
        if weak_labels:
            _copy(cursor, _WEAK_LABELS, folder / WEAK_LABELS_FILE)
        (folder / "taxonomy.json").write_text(_taxonomy(cursor), encoding="utf-8")
        counts = _counts(cursor, folder)
        cursor.execute("COMMIT")
    snapshot = Snapshot(_digest(_content_files(folder)), *counts, folder, weak_labels)
    about = asdict(snapshot) | {
        "folder": None,
        "created_at": warehouse.clock().isoformat(),
        "media": str(warehouse.settings.media_folder),
    }
    del about["folder"]
    (folder / "snapshot.json").write_text(json.dumps(about), encoding="utf-8")
    return snapshot


def _copy(cursor: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    path = str(file).replace("'", "''")
    cursor.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)").fetchall()


def _count_weak_labels(cursor: duckdb.DuckDBPyConnection) -> int:
    return int(cursor.execute(f"SELECT count(DISTINCT session_id) FROM ({_WEAK_LABELS})").fetchall()[0][0])


def _counts(cursor: duckdb.DuckDBPyConnection, folder: Path) -> tuple[int, int, int, int]:
    events, sessions, visitors = cursor.execute(
        "SELECT count(*), count(DISTINCT session_id), count(DISTINCT visitor_id) FROM read_parquet(?)",
        [str(folder / "events.parquet")],
    ).fetchall()[0]
    annotations = cursor.execute(
        "SELECT count(*) FROM read_parquet(?)", [str(folder / "annotations.parquet")]
    ).fetchall()[0][0]
    return events, sessions, visitors, annotations


def _taxonomy(cursor: duckdb.DuckDBPyConnection) -> str:
    rows = cursor.execute("""
        SELECT intent_id, key, name, definition, color, color_dark FROM current_intents
        WHERE active ORDER BY place
    """).fetchall()
    names = ("id", "key", "name", "definition", "color", "color_dark")
    intents = [dict(zip(names, row, strict=True)) for row in rows]
    for intent in intents:
        intent["name"], intent["definition"] = json.loads(intent["name"]), json.loads(intent["definition"])
    return json.dumps(intents, ensure_ascii=False, indent=1)


def _content_files(folder: Path) -> list[Path]:
    """The files whose content the snapshot id stands for."""
    names = ("events.parquet", "items.parquet", "annotations.parquet", "taxonomy.json", WEAK_LABELS_FILE)
    return [folder / name for name in names if (folder / name).is_file()]


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
