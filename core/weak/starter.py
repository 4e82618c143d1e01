"""A starter set of rules for shops: one click gives something to look at, edit and throw away."""

from typing import Any

from core.weak.labeling_function import LabelingFunction


def _compare(feature: str, operator: str, value: Any, *, negated: bool = False) -> dict[str, Any]:
    condition = {"what": "compare", "feature": feature, "operator": operator, "value": value}
    return condition | ({"negated": True} if negated else {})


def _least(feature: str, value: float) -> dict[str, Any]:
    return _compare(feature, ">=", value)


def _most(feature: str, value: float) -> dict[str, Any]:
    return _compare(feature, "<=", value)


def _mentions(where: str, *words: str) -> dict[str, Any]:
    return {"what": "mentions", "where": where, "words": list(words)}


def _before(first: str, then: str) -> dict[str, Any]:
    return {"what": "before", "first": first, "then": then}


_HELP = ("return*", "refund*", "deliver*", "order status", "where is*", "broken", "complain*", "退货", "退款", "物流")
_BARGAIN = ("cheap*", "sale", "discount*", "coupon*", "deal*", "outlet", "便宜", "打折", "优惠", "特价")

_STARTERS: tuple[tuple[str, dict[str, str], str, list[dict[str, Any]]], ...] = (
    ("checkout", {"en": "Went to the checkout", "zh": "进入结算"}, "purchase", [_least("count_checkout", 1)]),
    (
        "cart_view",
        {"en": "Filled the cart and looked into it", "zh": "加购后查看购物车"},
        "purchase",
        [_before("add_to_cart", "view_cart")],
    ),
    (
        "coupon",
        {"en": "Coupon or promotion used", "zh": "使用优惠券或点击促销"},
        "deal",
        [_least("count_coupon", 1), _least("count_promo_click", 1)],
    ),
    ("bargain", {"en": "Searches for something cheap", "zh": "搜索便宜商品"}, "deal", [_mentions("query", *_BARGAIN)]),
    (
        "help",
        {"en": "Asks for help in words", "zh": "文字中有售后问题"},
        "support",
        [_mentions("any", *_HELP), _least("count_refund", 1)],
    ),
    (
        "messages",
        {"en": "Writes two messages or more", "zh": "发送两条以上留言"},
        "support",
        [_least("count_message", 2)],
    ),
    (
        "again",
        {"en": "Comes back to one item", "zh": "反复看同一件商品"},
        "compare",
        [_least("most_views_of_an_item", 3), _most("count_checkout", 0)],
    ),
    (
        "reviews",
        {"en": "Reads reviews or keeps a wish list", "zh": "看评价或加收藏"},
        "compare",
        [_least("count_review", 1), _least("count_add_to_wishlist", 1)],
    ),
    (
        "narrowing",
        {"en": "Searches, then filters or clicks", "zh": "先搜索，再筛选或点击"},
        "search",
        [_before("search", "filter_list"), _before("search", "click")],
    ),
    ("searches", {"en": "Searches twice or more", "zh": "搜索两次以上"}, "search", [_least("count_search", 2)]),
    (
        "strolling",
        {"en": "Many lists, no search, no cart", "zh": "看很多列表，不搜索不加购"},
        "browse",
        [_least("count_view_list", 2), _most("count_search", 0), _compare("has_cart", "is", True, negated=True)],
    ),
    (
        "many_categories",
        {"en": "Many categories, hardly a search", "zh": "品类分散，很少搜索"},
        "browse",
        [_least("categories", 4), _most("count_search", 1), _most("count_checkout", 0)],
    ),
)
_ANY = {"coupon", "help", "reviews", "narrowing"}


def starter_rules(intents: tuple[str, ...], language: str = "en", author: str = "") -> list[LabelingFunction]:
    """The starter rules for the intents that there are."""
    return [
        LabelingFunction(
            rule_id=f"starter-{key.replace('_', '-')}",
            name=names[language if language in names else "en"],
            intent=intent,
            kind="conditions",
            definition={"match": "any" if key in _ANY else "all", "conditions": conditions},
            author=author,
        )
        for key, names, intent, conditions in _STARTERS
        if intent in intents
    ]
