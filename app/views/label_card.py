"""A session as a card of the labeler: rows of events (repeats folded), the cart at each of them, totals."""

from typing import Any

import pandas as pd

from app.views.visitor_records import event_records, plain_rows

FOLDED_TYPES = frozenset({"view", "view_list", "click", "page", "promo_view", "filter_list", "search", "view_cart"})
"""Types whose immediate repetition is one row; what changes the cart or an order never folds."""
_SAME = ("type", "name", "item_id", "query", "text")


def build_card(session_id: str, events: pd.DataFrame, annotations: pd.DataFrame) -> dict[str, Any]:
    """The card of one session.

    Arguments:
        events: The session's events in order, joined with their items.
        annotations: This annotator's current annotations of the session.
    """
    records = with_gaps(with_cart(event_records(events)))
    first = records[0]
    return {
        "session_id": session_id,
        "visitor_id": events["visitor_id"].iloc[0],
        "link": f"/visitor?visitor={events['visitor_id'].iloc[0]}&session={session_id}",
        "started_at": first["t"],
        **{name: _first(records, name) for name in ("device", "channel", "country")},
        "rows": fold(records),
        "totals": _totals(records),
        "given": _given(annotations),
    }


def with_gaps(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds `gap_ms`, the time since the event before (0 at the first)."""
    before = [records[0], *records[:-1]]
    return [record | {"gap_ms": record["t"] - last["t"]} for record, last in zip(records, before, strict=True)]


def with_cart(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds what the cart holds after each event, as far as these events tell."""
    lines: dict[str, dict[str, Any]] = {}
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


def fold(records: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Groups of consecutive events that repeat the same thing."""
    rows: list[list[dict[str, Any]]] = []
    for record in records:
        last = rows[-1][-1] if rows else None
        same = last is not None and all(record[name] == last[name] for name in _SAME)
        if same and record["type"] in FOLDED_TYPES:
            rows[-1].append(record)
        else:
            rows.append([record])
    return rows


def _change_cart(lines: dict[str, dict[str, Any]], record: dict[str, Any]) -> bool:
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


def _currency(lines: dict[str, dict[str, Any]], record: dict[str, Any]) -> str | None:
    currency: str | None = next((line["currency"] for line in lines.values() if line["currency"]), record["currency"])
    return currency


def _totals(records: list[dict[str, Any]]) -> dict[str, Any]:
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


def _first(records: list[dict[str, Any]], name: str) -> Any:
    return next((record[name] for record in records if record[name]), None)


def _given(annotations: pd.DataFrame) -> list[dict[str, Any]]:
    columns = ["event_id", "intent", "status", "client_id"]
    return plain_rows(annotations.reindex(columns=columns))
