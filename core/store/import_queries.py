"""The record of every import: what was read, added, rejected, and how it ended."""

import json
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from core.store.frames import read_frame, read_value
from core.store.ingest_queries import new_id
from core.store.warehouse import Warehouse


def start_import(warehouse: Warehouse, file_name: str, mapping: dict[str, Any], file_sha256: str | None = None) -> str:
    """Record that an import began; returns its import_id."""
    import_id, now = new_id("import"), warehouse.clock()
    values = [import_id, file_name, file_sha256, json.dumps(mapping, ensure_ascii=False), now]
    warehouse.write(
        lambda cursor: cursor.execute(
            "INSERT INTO imports VALUES (?, ?, ?, ?, 'running', 0, 0, 0, 0, NULL, ?, NULL)", values
        ).fetchall()
    )
    return import_id


def update_import(
    warehouse: Warehouse, import_id: str, *, rows_read: int, added: int, duplicates: int, rejected: int
) -> None:
    """Record how far a running import is."""
    warehouse.write(
        lambda cursor: cursor.execute(
            "UPDATE imports SET rows_read = ?, added = ?, duplicates = ?, rejected = ? WHERE import_id = ?",
            [rows_read, added, duplicates, rejected, import_id],
        ).fetchall()
    )


def finish_import(warehouse: Warehouse, import_id: str, status: str, report: dict[str, Any]) -> None:
    """Record the end: status finished, stopped or failed, and the cleaning report."""
    values = [status, json.dumps(report, ensure_ascii=False), warehouse.clock(), import_id]
    warehouse.write(
        lambda cursor: cursor.execute(
            "UPDATE imports SET status = ?, report = ?, finished_at = ? WHERE import_id = ?", values
        ).fetchall()
    )


def list_imports(warehouse: Warehouse, limit: int = 100) -> pd.DataFrame:
    """The imports, newest first."""
    return read_frame(warehouse, "SELECT * FROM imports ORDER BY started_at DESC, import_id LIMIT ?", [limit])


def set_item_images(warehouse: Warehouse, images: dict[str, str]) -> int:
    """Set the picture of items by item_id, adding items not known yet; returns how many changed."""
    rows = pa.table({"item_id": list(images), "image": list(images.values())}) if images else None

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        cursor.register("image_rows", rows)
        updated = cursor.execute(
            "UPDATE items SET image = i.image FROM image_rows AS i "
            "WHERE items.item_id = i.item_id AND items.image IS DISTINCT FROM i.image"
        ).fetchall()
        added = cursor.execute(
            "INSERT INTO items (item_id, image) FROM image_rows WHERE item_id NOT IN (SELECT item_id FROM items)"
        ).fetchall()
        cursor.unregister("image_rows")
        warehouse.changed("items", images)
        return int(updated[0][0]) + int(added[0][0])

    return warehouse.write(change) if rows is not None else 0


def running_imports(warehouse: Warehouse) -> list[str]:
    """The import_ids of imports that have not ended."""
    frame = read_frame(warehouse, "SELECT import_id FROM imports WHERE status = 'running' ORDER BY started_at")
    return [str(import_id) for import_id in frame["import_id"]]


def bot_visitors(warehouse: Warehouse, import_id: str) -> int:
    """How many visitors of an import have a session that no person could have made."""
    query = """
        SELECT count(DISTINCT visitor_id) FROM sessions WHERE is_bot
            AND visitor_id IN (SELECT DISTINCT visitor_id FROM events WHERE import_id = ?)
    """
    return int(read_value(warehouse, query, [import_id]))
