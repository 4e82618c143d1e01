"""What the cart holds after each of many events, column by column."""

from collections.abc import Mapping, Sequence
from typing import Any

Column = Sequence[Any]

_CHANGING = frozenset({"add_to_cart", "remove_from_cart", "purchase"})


class _Cart:
    """A session's lines by item: [pieces, price, currency]."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Any]] = {}
        self.value: float = 0
        self.currency: str | None = None

    def change(self, kind: str, item_id: str | None, pieces: int, price: float, currency: str | None) -> None:
        if kind == "add_to_cart" and item_id:
            held = self.lines.get(item_id, [0])[0]
            self.lines[item_id] = [held + pieces, price, currency]
        elif kind == "remove_from_cart" and item_id in self.lines:
            self.lines[item_id][0] -= pieces
            if self.lines[item_id][0] <= 0:
                del self.lines[item_id]
        elif kind == "purchase":
            self.lines.clear()
        self.value = sum(price * pieces for pieces, price, _ in self.lines.values())
        self.currency = next((currency for _, _, currency in self.lines.values() if currency), None)


def cart_columns(events: Mapping[str, Column]) -> dict[str, Column]:
    """`cart_value` and `cart_currency` after each event, as far as these events of its session tell; says the same as
    `label_card.with_cart` session by session.

    Sessions may lie between one another, as those of a person's visitors do.

    Args:
        events: columns session_id and type, and item_id, quantity, price, currency where any event has one; in order.
    """
    kinds = events["type"]
    currencies = events.get("currency", [None] * len(kinds))
    if _CHANGING.isdisjoint(kinds):
        return _used([0] * len(kinds), currencies)
    carts: dict[str | None, _Cart] = {}
    values, told = [], []
    missing = [None] * len(kinds)
    names = ("item_id", "quantity", "price")
    rows = zip(events["session_id"], kinds, currencies, *(events.get(name, missing) for name in names), strict=True)
    for session_id, kind, currency, item_id, quantity, price in rows:
        cart = carts.get(session_id)
        if cart is None:
            cart = carts[session_id] = _Cart()
        if kind in _CHANGING:
            cart.change(kind, item_id, quantity or 1, price or 0.0, currency)
        values.append(cart.value)
        told.append(cart.currency or currency)
    return _used(values, told)


def _used(values: Column, currencies: Column) -> dict[str, Column]:
    columns: dict[str, Column] = {"cart_value": values}
    return columns | ({"cart_currency": currencies} if any(currencies) else {})
