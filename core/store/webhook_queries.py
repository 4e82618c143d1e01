"""Webhooks, and the outbox of what is to be delivered to them: a delivery is durable before it is tried."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from core.errors import NotFoundError
from core.store.frames import read_rows, read_value
from core.store.identifiers import choose
from core.store.warehouse import Warehouse

DeliveryStatus = Literal["due", "dead"]

_WEBHOOK = "webhook_id, url, secret, description, intents, previous, min_score, active, stopped_by, created_at"
_CHANGEABLE = ("url", "secret", "description", "intents", "previous", "min_score", "active", "stopped_by")
_DELIVERY = (
    "delivery_id, webhook_id, body, updates, status, tries, next_try_at, last_status, last_error, created_at, tried_at"
)


@dataclass(frozen=True)
class WebhookRow:
    """Where changes of intents are told.

    intents, previous: the changes that are told lead to, or away from, one of these; empty: any
    min_score: the new intent's score is at least this; stopped_by: why it was switched off, if not by a person
    """

    webhook_id: str
    url: str
    secret: str
    description: str
    intents: tuple[str, ...]
    previous: tuple[str, ...]
    min_score: float
    active: bool
    stopped_by: str | None
    created_at: datetime


@dataclass(frozen=True)
class DeliveryRow:
    """A message on its way, or given up. A delivered one is gone.

    delivery_id: the `webhook-id`, the same at each try; updates: how many the body tells; times are naive UTC
    last_status: of HTTP, None when there was no answer
    """

    delivery_id: str
    webhook_id: str
    body: str
    updates: int
    status: DeliveryStatus
    tries: int
    next_try_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    tried_at: datetime | None


def insert_webhook(warehouse: Warehouse, row: WebhookRow) -> None:
    """Add a webhook; durable when this returns."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        values = [_stored(getattr(row, name)) for name in _WEBHOOK.split(", ")]
        cursor.execute(f"INSERT INTO webhooks ({_WEBHOOK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values).fetchall()

    warehouse.write(change)


def update_webhook(warehouse: Warehouse, webhook_id: str, changes: Mapping[str, Any]) -> WebhookRow:
    """Change these fields of a webhook and no other, which somebody else may change meanwhile; durable when this
    returns what is kept then.

    Raises:
        NotFoundError: there is none of this id, or no longer.
    """
    named = ", ".join(f"{choose(name, _CHANGEABLE)} = ?" for name in changes)
    values = [*map(_stored, changes.values()), webhook_id]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(f"UPDATE webhooks SET {named} WHERE webhook_id = ?", values).fetchall()

    if changes:
        warehouse.write(change)
    return get_webhook(warehouse, webhook_id)


def stop_webhook(warehouse: Warehouse, webhook_id: str, reason: str) -> None:
    """Switch a webhook off; durable when this returns."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        query = "UPDATE webhooks SET active = false, stopped_by = ? WHERE webhook_id = ?"
        cursor.execute(query, [reason, webhook_id]).fetchall()

    warehouse.write(change)


def delete_webhook(warehouse: Warehouse, webhook_id: str) -> None:
    """Forget a webhook and what was to be delivered to it; durable when this returns."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        for table in ("webhooks", "webhook_deliveries"):
            cursor.execute(f"DELETE FROM {table} WHERE webhook_id = ?", [webhook_id]).fetchall()

    warehouse.write(change)


def list_webhooks(warehouse: Warehouse) -> list[WebhookRow]:
    """All webhooks, the oldest first."""
    rows = read_rows(warehouse, f"SELECT {_WEBHOOK} FROM webhooks ORDER BY created_at, webhook_id")
    return [_webhook(row) for row in rows]


def get_webhook(warehouse: Warehouse, webhook_id: str) -> WebhookRow:
    """One webhook.

    Raises:
        NotFoundError: there is none of this id.
    """
    rows = read_rows(warehouse, f"SELECT {_WEBHOOK} FROM webhooks WHERE webhook_id = ?", [webhook_id])
    if not rows:
        raise NotFoundError(f"There is no webhook '{webhook_id[:200]}'.")
    return _webhook(rows[0])


def append_deliveries(warehouse: Warehouse, rows: Sequence[DeliveryRow]) -> None:
    """Put messages into the outbox; durable when this returns."""
    values = [[getattr(row, name) for name in _DELIVERY.split(", ")] for row in rows]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        for of_row in values:
            cursor.execute(
                f"INSERT INTO webhook_deliveries ({_DELIVERY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", of_row
            ).fetchall()

    warehouse.write(change)


def due_deliveries(warehouse: Warehouse, now: datetime, busy: Sequence[str]) -> list[DeliveryRow]:
    """The next due message of each active webhook that is not busy."""
    query = f"""
        SELECT {", ".join(f"d.{name}" for name in _DELIVERY.split(", "))}
        FROM webhook_deliveries AS d JOIN webhooks AS w ON w.webhook_id = d.webhook_id AND w.active
        WHERE d.status = 'due' AND d.next_try_at <= ? AND NOT list_contains(?::VARCHAR[], d.webhook_id)
        QUALIFY row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.next_try_at, d.delivery_id) = 1"""
    return [DeliveryRow(*row) for row in read_rows(warehouse, query, [now, list(busy)])]


def count_due(warehouse: Warehouse, webhook_id: str) -> int:
    """Messages of a webhook that are on their way."""
    query = "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = ? AND status = 'due'"
    return int(read_value(warehouse, query, [webhook_id]))


def count_deliveries(warehouse: Warehouse) -> dict[tuple[str, str], int]:
    """{(webhook_id, status): messages}."""
    query = "SELECT webhook_id, status, count(*) FROM webhook_deliveries GROUP BY webhook_id, status"
    return {(webhook_id, status): count for webhook_id, status, count in read_rows(warehouse, query)}


def finish_delivery(warehouse: Warehouse, delivery_id: str) -> None:
    """It was delivered."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("DELETE FROM webhook_deliveries WHERE delivery_id = ?", [delivery_id]).fetchall()

    warehouse.write(change)


def replace_delivery(warehouse: Warehouse, row: DeliveryRow, *, most_dead: int) -> None:
    """What became of a try, unless the message is gone meanwhile; of a webhook's dead ones the newest are kept."""
    values = [row.status, row.tries, row.next_try_at, row.last_status, row.last_error, row.tried_at, row.delivery_id]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(
            """UPDATE webhook_deliveries SET status = ?, tries = ?, next_try_at = ?, last_status = ?, last_error = ?,
                tried_at = ? WHERE delivery_id = ?""",
            values,
        ).fetchall()
        if row.status == "dead":
            _forget_oldest_dead(cursor, row.webhook_id, most_dead)

    warehouse.write(change)


def list_deliveries(
    warehouse: Warehouse, webhook_id: str, status: DeliveryStatus | None = None, limit: int = 100
) -> list[DeliveryRow]:
    """A webhook's messages, the newest first."""
    query = f"""
        SELECT {_DELIVERY} FROM webhook_deliveries WHERE webhook_id = $1 AND ($2 IS NULL OR status = $2)
        ORDER BY created_at DESC, delivery_id DESC LIMIT $3"""
    return [DeliveryRow(*row) for row in read_rows(warehouse, query, [webhook_id, status, limit])]


def get_delivery(warehouse: Warehouse, webhook_id: str, delivery_id: str) -> DeliveryRow:
    """One message.

    Raises:
        NotFoundError: there is none of this id, or it was delivered.
    """
    query = f"SELECT {_DELIVERY} FROM webhook_deliveries WHERE webhook_id = ? AND delivery_id = ?"
    rows = read_rows(warehouse, query, [webhook_id, delivery_id])
    if not rows:
        raise NotFoundError(f"The webhook '{webhook_id[:200]}' has no delivery '{delivery_id[:200]}', or no longer.")
    return DeliveryRow(*rows[0])


def _forget_oldest_dead(cursor: duckdb.DuckDBPyConnection, webhook_id: str, kept: int) -> None:
    cursor.execute(
        """DELETE FROM webhook_deliveries WHERE delivery_id IN (
            SELECT delivery_id FROM webhook_deliveries WHERE webhook_id = ? AND status = 'dead'
            ORDER BY created_at DESC, delivery_id DESC OFFSET ?)""",
        [webhook_id, kept],
    ).fetchall()


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | tuple) else value


def _webhook(row: tuple[Any, ...]) -> WebhookRow:
    webhook_id, url, secret, description, intents, previous, *others = row
    return WebhookRow(
        webhook_id, url, secret, description, tuple(json.loads(intents)), tuple(json.loads(previous)), *others
    )
