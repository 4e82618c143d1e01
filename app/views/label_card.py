"""A session as a card of the labeler: rows of events (repeats folded), the cart at each of them, totals."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from app.views.visitor_records import epoch_ms, records_of_rows
from core.store.card_queries import annotations_of_sessions, earlier_sessions, events_of_sessions
from core.store.warehouse import Warehouse

Record = dict[str, Any]

FOLDED_TYPES = frozenset({"view", "view_list", "click", "page", "promo_view", "filter_list", "search", "view_cart"})
"""Types whose immediate repetition is one row; what changes the cart or an order never folds."""
_SAME = ("type", "name", "item_id", "query", "text")


def build_cards(warehouse: Warehouse, session_ids: Sequence[str], annotator: str) -> list[Record]:
    """The cards of these sessions, in their order; one that is gone (rebuilt by an import meanwhile) is left out.

    Three reads serve all of them: the browser's queue drains at the pace of a hand on a key.
    """
    events = events_of_sessions(warehouse, session_ids)
    visitors = {row["session_id"]: row["visitor_id"] for row in events}
    records = _by(records_of_rows(events), "session_id")
    given = _by(annotations_of_sessions(warehouse, session_ids, annotator), "session_id")
    earlier = _by(earlier_sessions(warehouse, session_ids, annotator), "of_session_id")
    return [
        _card(session_id, visitors[session_id], records[session_id], given[session_id], earlier[session_id])
        for session_id in session_ids
        if session_id in visitors
    ]


def _card(session_id: str, visitor_id: str, events: list[Record], given: list[Record], earlier: list[Record]) -> Record:
    records = with_gaps(with_cart(events))
    return {
        "session_id": session_id,
        "visitor_id": visitor_id,
        "link": "/visitor?" + urlencode({"visitor": visitor_id, "session": session_id}),
        "started_at": records[0]["t"],
        **{name: _first(records, name) for name in ("device", "channel", "country")},
        "rows": fold(records),
        "totals": _totals(records),
        "given": given,
        "earlier": {
            "count": int(earlier[0]["earlier"]) if earlier else 0,
            "sessions": [_earlier_session(row) for row in earlier],
        },
        "suggestion": None,
    }


def _by(rows: list[Record], name: str) -> defaultdict[str, list[Record]]:
    """The rows by the value of one of their fields, in order."""
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


def with_gaps(records: list[Record]) -> list[Record]:
    """Adds `gap_ms`, the time since the event before (0 at the first)."""
    before = [records[0], *records[:-1]]
    return [record | {"gap_ms": record["t"] - last["t"]} for record, last in zip(records, before, strict=True)]


def with_cart(records: list[Record]) -> list[Record]:
    """Adds what the cart holds after each event, as far as these events tell."""
    lines: dict[str, Record] = {}
    result = []
    for record in records:
        changed = _change_cart(lines, record)
        cart = [{"title": line["title"], "quantity": line["quantity"]} for line in lines.values()]
        value = sum(line["price"] * line["quantity"] for line in lines.values())
        result.append(
            record
            | {"cart": cart, "cart_changed": changed, "cart_value": value, "cart_currency": _currency(lines, record)}
        )
    return result


def fold(records: list[Record]) -> list[list[Record]]:
    """Groups of consecutive events that repeat the same thing."""
    rows: list[list[Record]] = []
    for record in records:
        last = rows[-1][-1] if rows else None
        same = last is not None and all(record[name] == last[name] for name in _SAME)
        if same and record["type"] in FOLDED_TYPES:
            rows[-1].append(record)
        else:
            rows.append([record])
    return rows


def _change_cart(lines: dict[str, Record], record: Record) -> bool:
    item_id, pieces = record["item_id"], record["quantity"] or 1
    if record["type"] == "add_to_cart" and item_id:
        line = lines.setdefault(item_id, {"title": record["title"] or item_id, "quantity": 0, "price": 0.0})
        line.update(quantity=line["quantity"] + pieces, price=record["price"] or 0.0, currency=record["currency"])
        return True
    if record["type"] == "remove_from_cart" and item_id in lines:
        lines[item_id]["quantity"] -= pieces
        if lines[item_id]["quantity"] <= 0:
            del lines[item_id]
        return True
    if record["type"] == "purchase" and lines:
        lines.clear()
        return True
    return False


def _currency(lines: dict[str, Record], record: Record) -> str | None:
    currency: str | None = next((line["currency"] for line in lines.values() if line["currency"]), record["currency"])
    return currency


def _totals(records: list[Record]) -> Record:
    bought = [record for record in records if record["type"] == "purchase"]
    return {
        "events": len(records),
        "duration_ms": records[-1]["t"] - records[0]["t"],
        "searches": sum(record["type"] == "search" for record in records),
        "items": len({record["item_id"] for record in records if record["item_id"]}),
        "cart_value": records[-1]["cart_value"],
        "revenue": sum((record["price"] or 0.0) * (record["quantity"] or 1) for record in bought),
        "currency": _first(records, "currency"),
    }


def _first(records: list[Record], name: str) -> Any:
    return next((record[name] for record in records if record[name]), None)


def _earlier_session(row: Record) -> Record:
    return {
        "session_id": row["session_id"],
        "started_at": epoch_ms(row["started_at"]),
        "events": int(row["event_count"]),
        "has_cart": row["has_cart"],
        "has_purchase": row["has_purchase"],
        "query": row["first_query"],
        "intent": row["intent"],
        "status": row["status"],
    }
