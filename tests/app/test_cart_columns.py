"""The cart after each event, column by column, is the one that the labeler's cards show session by session."""

from hypothesis import given
from hypothesis import strategies as st

from app.views.cart_columns import cart_columns
from app.views.label_card import with_cart

_EVENTS = st.fixed_dictionaries(
    {
        "session_id": st.sampled_from(["s0", "s1"]),
        "type": st.sampled_from(["view", "add_to_cart", "remove_from_cart", "purchase"]),
        "item_id": st.sampled_from([None, "i0", "i1"]),
        "title": st.none(),
        "quantity": st.sampled_from([None, 1, 3]),
        "price": st.sampled_from([None, 5.0, 8.5]),
        "currency": st.sampled_from([None, "EUR", "CNY"]),
    }
)


@given(st.lists(_EVENTS, min_size=1, max_size=20))
def test_carts_of_sessions_that_lie_between_one_another(events: list[dict]) -> None:
    told = cart_columns({name: [event[name] for event in events] for name in events[0]})
    wanted = [None] * len(events)
    for session in ("s0", "s1"):
        places = [place for place, event in enumerate(events) if event["session_id"] == session]
        for place, row in zip(places, with_cart([events[place] for place in places]), strict=True):
            wanted[place] = (row["cart_value"], row["cart_currency"])
    currencies = told.get("cart_currency", [None] * len(events))
    assert list(zip(told["cart_value"], currencies, strict=True)) == wanted


def test_columns_that_nobody_filled_are_not_needed() -> None:
    assert cart_columns({"session_id": ["s", "s"], "type": ["view", "page"]}) == {"cart_value": [0, 0]}
    assert cart_columns({"session_id": ["s"], "type": ["purchase"]}) == {"cart_value": [0]}
