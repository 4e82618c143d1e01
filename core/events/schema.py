"""The canonical event and item records: column names, types and the closed list of event types."""

from enum import StrEnum

import pyarrow as pa


class EventType(StrEnum):
    """What a shopper did; `other` keeps what is not known yet, under the source's own event_name."""

    SEARCH = "search"
    VIEW_LIST = "view_list"
    FILTER_LIST = "filter_list"
    CLICK = "click"
    VIEW = "view"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    VIEW_CART = "view_cart"
    ADD_TO_WISHLIST = "add_to_wishlist"
    CHECKOUT = "checkout"
    PURCHASE = "purchase"
    REFUND = "refund"
    PROMO_VIEW = "promo_view"
    PROMO_CLICK = "promo_click"
    COUPON = "coupon"
    SHARE = "share"
    REVIEW = "review"
    MESSAGE = "message"
    PAGE = "page"
    OTHER = "other"


EVENT_TYPES: tuple[str, ...] = tuple(EventType)

_TIMESTAMP = pa.timestamp("us")  # naive UTC

EVENT_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),  # idempotency key
        pa.field("occurred_at", _TIMESTAMP, nullable=False),  # corrected for clock skew
        pa.field("received_at", _TIMESTAMP, nullable=False),
        pa.field("visitor_id", pa.string(), nullable=False),  # pseudonymous, stable
        pa.field("user_id", pa.string()),  # signed in
        pa.field("session_id", pa.string()),  # given by the source; derived by inactivity gap where null
        pa.field("event_type", pa.string(), nullable=False),  # one of EVENT_TYPES
        pa.field("event_name", pa.string()),  # the source's own
        pa.field("item_id", pa.string()),
        pa.field("query", pa.string()),
        pa.field("text", pa.string()),  # message, review or page title
        pa.field("category", pa.string()),  # path, levels separated by " > "
        pa.field("brand", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("quantity", pa.float64()),
        pa.field("position", pa.int32()),  # place in the list, from 1
        pa.field("order_id", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("device", pa.string()),
        pa.field("country", pa.string()),
        pa.field("source", pa.string()),  # which importer or tracker
        pa.field("properties", pa.string()),  # JSON object with everything else
    ]
)
"""One row an event, as every importer and the API deliver it."""

ITEM_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("description", pa.string()),
        pa.field("category", pa.string()),
        pa.field("brand", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("image", pa.string()),  # file name in the media folder, or null
        pa.field("updated_at", _TIMESTAMP),
    ]
)
"""One row an item, learned from events and product feeds."""

EVENT_COLUMNS: tuple[str, ...] = tuple(EVENT_SCHEMA.names)
ITEM_COLUMNS: tuple[str, ...] = tuple(ITEM_SCHEMA.names)
REQUIRED_EVENT_COLUMNS: tuple[str, ...] = ("occurred_at", "visitor_id", "event_type")
