"""Event names of trackers and logs, and the event type each stands for."""

import re

import pyarrow as pa

from core.events.schema import EVENT_TYPES, EventType

ALIASES: dict[str, str] = {
    # Segment, RudderStack and PostHog e-commerce names
    "products searched": EventType.SEARCH,
    "product list viewed": EventType.VIEW_LIST,
    "product list filtered": EventType.FILTER_LIST,
    "product clicked": EventType.CLICK,
    "product viewed": EventType.VIEW,
    "product added": EventType.ADD_TO_CART,
    "product removed": EventType.REMOVE_FROM_CART,
    "cart viewed": EventType.VIEW_CART,
    "product added to wishlist": EventType.ADD_TO_WISHLIST,
    "checkout started": EventType.CHECKOUT,
    "checkout step viewed": EventType.CHECKOUT,
    "checkout step completed": EventType.CHECKOUT,
    "payment info entered": EventType.CHECKOUT,
    "order completed": EventType.PURCHASE,
    "order refunded": EventType.REFUND,
    "order cancelled": EventType.REFUND,
    "promotion viewed": EventType.PROMO_VIEW,
    "promotion clicked": EventType.PROMO_CLICK,
    "coupon entered": EventType.COUPON,
    "coupon applied": EventType.COUPON,
    "coupon denied": EventType.COUPON,
    "coupon removed": EventType.COUPON,
    "product shared": EventType.SHARE,
    "cart shared": EventType.SHARE,
    "product reviewed": EventType.REVIEW,
    "$pageview": EventType.PAGE,
    "$screen": EventType.PAGE,
    "screen": EventType.PAGE,
    # GA4
    "view search results": EventType.SEARCH,
    "view item list": EventType.VIEW_LIST,
    "select item": EventType.CLICK,
    "view item": EventType.VIEW,
    "begin checkout": EventType.CHECKOUT,
    "add shipping info": EventType.CHECKOUT,
    "add payment info": EventType.CHECKOUT,
    "view promotion": EventType.PROMO_VIEW,
    "select promotion": EventType.PROMO_CLICK,
    "page view": EventType.PAGE,
    # Snowplow, Google commerce, public logs
    "product view": EventType.VIEW,
    "list view": EventType.VIEW_LIST,
    "list click": EventType.CLICK,
    "checkout step": EventType.CHECKOUT,
    "transaction": EventType.PURCHASE,
    "detail page view": EventType.VIEW,
    "category page view": EventType.VIEW_LIST,
    "shopping cart page view": EventType.VIEW_CART,
    "purchase complete": EventType.PURCHASE,
    "home page view": EventType.PAGE,
    "pageview": EventType.PAGE,
    "detail": EventType.VIEW,
    "add": EventType.ADD_TO_CART,
    "remove": EventType.REMOVE_FROM_CART,
    "cart": EventType.ADD_TO_CART,
    "carts": EventType.ADD_TO_CART,
    "addtocart": EventType.ADD_TO_CART,
    "clicks": EventType.VIEW,
    "orders": EventType.PURCHASE,
    "order": EventType.PURCHASE,
    "buy": EventType.PURCHASE,
    "pv": EventType.VIEW,
    "fav": EventType.ADD_TO_WISHLIST,
    "wishlist": EventType.ADD_TO_WISHLIST,
    "checkout start": EventType.CHECKOUT,
}
"""Lower-case names, words parted by single spaces; our own types are known besides."""

_OWN = {name.replace("_", " "): name for name in EVENT_TYPES}
_BREAKS = re.compile(r"[\s_\-]+")


def event_type_of(name: str) -> str | None:
    """The type a name stands for; None when it is not known."""
    plain = _BREAKS.sub(" ", name.strip().lower())
    return _OWN.get(plain) or ALIASES.get(plain)


def event_types_of(names: pa.Array, given: dict[str, str] | None = None) -> pa.Array:
    """[N] names -> [N] types, null where the name is null or unknown; `given` names win over the known ones."""
    encoded = names.dictionary_encode()
    types = [(given or {}).get(name) or event_type_of(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(types, pa.string()).take(encoded.indices)
