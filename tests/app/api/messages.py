"""Messages as Segment's libraries send them."""

from typing import Any


def viewed(number: int, *, visitor: str = "v-1", at: str = "2026-05-04T10:00:00.000Z") -> dict[str, Any]:
    """One product view."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": visitor,
        "messageId": f"m-{number}",
        "timestamp": at,
        "properties": {"product_id": f"sku-{number}", "name": "Walking shoes", "price": 59.9, "brand": "Aya"},
    }
