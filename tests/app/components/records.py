"""Hand-made data for the components."""

import json
from pathlib import Path
from typing import Any

import app

INTENTS = [
    {
        "id": "browse",
        "key": "1",
        "name": "Browse",
        "definition": "Looks around.",
        "color": "#2f6fde",
        "color_dark": "#7aa7ff",
    },
    {
        "id": "search",
        "key": "2",
        "name": "Search",
        "definition": "Looks for a kind.",
        "color": "#0f8a8a",
        "color_dark": "#3fc7c7",
    },
    {
        "id": "purchase",
        "key": "3",
        "name": "Purchase",
        "definition": "Buys now.",
        "color": "#1f8f3d",
        "color_dark": "#5cc877",
    },
]
TYPES = {"view": "View", "search": "Search", "purchase": "Purchase"}
START_MS = 1_760_000_000_000


def texts(area: str) -> dict[str, str]:
    """The component's English words."""
    path = Path(app.__file__).parent / "i18n" / "en" / f"{area}.json"
    prefix = f"{area}.component."
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    return {key.removeprefix(prefix): text for key, text in catalogue.items() if key.startswith(prefix)}


def event(event_id: str, session_id: str = "s1", at_s: int = 0, **values: Any) -> dict[str, Any]:
    """One event record with everything a component may ask for."""
    nothing = dict.fromkeys(
        (
            "item_id",
            "query",
            "text",
            "title",
            "category",
            "brand",
            "price",
            "currency",
            "quantity",
            "position",
            "image",
            "name",
        )
    )
    known = {
        "event_id": event_id,
        "session_id": session_id,
        "t": START_MS + at_s * 1000,
        "type": "view",
        "gap_ms": 1000,
    }
    return nothing | known | {"cart": [], "cart_changed": False, "cart_value": 0, "cart_currency": None} | values


def card(session_id: str, events: int = 3, **values: Any) -> dict[str, Any]:
    """A session card with one row an event."""
    rows = [[event(f"{session_id}.{number}", session_id, number, title=f"Item {number}")] for number in range(events)]
    totals = {
        "events": events,
        "duration_ms": 5000,
        "searches": 0,
        "items": 2,
        "cart_value": 0,
        "revenue": 0,
        "currency": None,
    }
    known = {"session_id": session_id, "visitor_id": "v1", "link": "/visitor?visitor=v1", "started_at": START_MS}
    return (
        known
        | {"device": None, "channel": None, "country": None, "rows": rows, "totals": totals, "given": []}
        | {"earlier": {"count": 0, "sessions": []}, "suggestion": None}
        | values
    )


def labeler_data(*cards: dict[str, Any], **values: Any) -> dict[str, Any]:
    """What the Label page gives the labeler."""
    known: dict[str, Any] = {
        "annotator": "ana",
        "language": "en",
        "texts": texts("label"),
        "types": TYPES,
        "intents": INTENTS,
    }
    post = {"url": "/v1/labels", "token": "token", "cards": "/v1/labels/cards", "desk": "desk"}
    state = {"queue": list(cards), "exhausted": True, "progress": {}, "post": post}
    return known | state | values
