"""The taxonomy that a new data folder begins with."""

from core.intents.default_guidelines import DEFAULT_GUIDELINES
from core.intents.intent import Intent, Taxonomy

_INTENTS: Taxonomy = (
    Intent(
        "browse",
        "1",
        {"en": "Browse", "zh": "闲逛"},
        {
            "en": "Looking around without a target: many kinds of things, few searches, no return to one item.",
            "zh": "没有明确目标地浏览：品类分散，很少搜索，不反复看同一件商品。",
        },
        "#4477AA",
        "#77AADD",
    ),
    Intent(
        "search",
        "2",
        {"en": "Search", "zh": "搜寻"},
        {
            "en": "Looking for a known kind of thing: queries, filters and lists that close in on it.",
            "zh": "在找某一类已知的东西：通过搜索、筛选和列表逐步缩小范围。",
        },
        "#228833",
        "#44BB99",
    ),
    Intent(
        "compare",
        "3",
        {"en": "Compare", "zh": "比较"},
        {
            "en": "Deciding between candidates: the same few items again and again, reviews, wish lists.",
            "zh": "在几个候选之间犹豫：反复查看同几件商品、看评价、加收藏。",
        },
        "#B8860B",
        "#EEDD88",
    ),
    Intent(
        "purchase",
        "4",
        {"en": "Purchase", "zh": "购买"},
        {
            "en": "Going to buy now: cart, address, payment; little looking around.",
            "zh": "马上要买：购物车、地址、支付，很少再逛别的。",
        },
        "#CC3311",
        "#EE8866",
    ),
    Intent(
        "deal",
        "5",
        {"en": "Deal", "zh": "找优惠"},
        {
            "en": "Driven by price: promotions, coupons, sorting by price, waiting for a discount.",
            "zh": "受价格驱动：看促销、领优惠券、按价格排序、等降价。",
        },
        "#AA3377",
        "#FFAABB",
    ),
    Intent(
        "support",
        "6",
        {"en": "Support", "zh": "售后咨询"},
        {
            "en": "Has a question or a problem: order status, return, delivery, a message to the shop.",
            "zh": "有疑问或问题：查订单、退换货、物流，或给商家留言。",
        },
        "#117799",
        "#99DDFF",
    ),
    Intent(
        "other",
        "7",
        {"en": "Other", "zh": "其他"},
        {"en": "None of these, or not to be told from the events.", "zh": "以上都不是，或从行为中看不出来。"},
        "#777777",
        "#8F8F8F",
    ),
)

DEFAULT_TAXONOMY: Taxonomy = tuple(intent.with_guideline(DEFAULT_GUIDELINES[intent.id]) for intent in _INTENTS)
"""After Moe 2003 and Broder 2002; hues after Paul Tol's colour-blind safe schemes (bright; light for dark pages)."""
