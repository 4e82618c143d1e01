"""Will the visitor's latest session buy: one figure beside the intent, where a purchase model was trained."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.components.parts import percent
from app.context import context
from app.i18n import t
from app.views.stream_digest import stream_digest
from core.events.schema import EVENT_COLUMNS
from core.registry.models import ModelRecord, latest_purchase
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.model.purchase_scorer import PurchaseScorer

Tile = tuple[str, str, str]


def purchase_tile(events: pd.DataFrame) -> Tile | None:
    """The tile for the latest session; None without a purchase model, or while nothing has loaded torch yet.

    The page must not wait for torch: the champion's own loading brings it in.
    """
    model = latest_purchase(context().warehouse)
    if model is None or context().models.state() != "ready":
        return None
    items = read_items(context().warehouse, events["item_id"].dropna().unique().tolist())
    digest = stream_digest(model.model_id, events, items)
    return as_tile(_latest_probability(digest, model.model_id, model, events, items))


def as_tile(probability: float | None) -> Tile:
    """In words: the probability, or that the session has its order already."""
    value = t("purchase.tile_bought") if probability is None else percent(probability)
    return t("purchase.tile"), value, t("purchase.tile_session")


@st.cache_data(max_entries=64, show_spinner=False)  # type: ignore[untyped-decorator]
def _latest_probability(
    digest: str, model_id: str, _model: ModelRecord, _events: pd.DataFrame, _items: pd.DataFrame
) -> float | None:
    """At the last event; None from the session's first order on. Cached by what the model reads."""
    scorer: PurchaseScorer = _scorer(model_id, _model)
    scores = scorer.score(_events[list(EVENT_COLUMNS)], _items, context().settings.media_folder)
    last = float(scores[-1])
    return None if last != last else last


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _scorer(model_id: str, _model: ModelRecord) -> "PurchaseScorer":
    from core.model.purchase_scorer import PurchaseScorer

    return PurchaseScorer.load(_model.folder)
