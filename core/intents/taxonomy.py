"""The taxonomy: which intents there are, how they are named, defined, coloured and keyed."""

import json
from dataclasses import dataclass

import duckdb

from core.store.frames import read_rows
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class Intent:
    """One intent. `id` is permanent; `key` is its shortcut; name and definition by language ("en", "zh")."""

    id: str
    key: str
    name: dict[str, str]
    definition: dict[str, str]
    color: str
    color_dark: str
    active: bool = True


DEFAULT_TAXONOMY: tuple[Intent, ...] = (
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
        "#BBBBBB",
    ),
)
"""After Moe 2003 and Broder 2002; hues after Paul Tol's colour-blind safe schemes (bright; light for dark pages)."""


def load_taxonomy(warehouse: Warehouse, *, inactive: bool = False) -> tuple[Intent, ...]:
    """The active intents of the newest taxonomy version, in order; the default one is stored on first use.

    Args:
        inactive: those that are not offered any more too, whose labels stay.
    """
    taxonomy = _read(warehouse)
    if not taxonomy:
        store_taxonomy(warehouse, DEFAULT_TAXONOMY)
        taxonomy = _read(warehouse)
    return tuple(intent for intent in taxonomy if intent.active or inactive)


def store_taxonomy(warehouse: Warehouse, taxonomy: tuple[Intent, ...]) -> None:
    """Keep the taxonomy as a new version; older versions stay readable."""
    rows = [
        (place, i.id, i.key, json.dumps(i.name), json.dumps(i.definition), i.color, i.color_dark, i.active)
        for place, i in enumerate(taxonomy)
    ]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        newest = cursor.execute("SELECT coalesce(max(taxonomy_version), 0) FROM intents").fetchall()[0][0]
        for row in rows:
            cursor.execute("INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [newest + 1, *row]).fetchall()

    warehouse.write(change)


def _read(warehouse: Warehouse) -> tuple[Intent, ...]:
    query = """
        SELECT intent_id, key, name, definition, color, color_dark, active FROM intents
        WHERE taxonomy_version = (SELECT max(taxonomy_version) FROM intents) ORDER BY place
    """
    return tuple(
        Intent(intent_id, key, json.loads(name), json.loads(definition), *rest)
        for intent_id, key, name, definition, *rest in read_rows(warehouse, query)
    )
