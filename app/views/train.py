"""The Train page: what there is to learn from, runs, models."""

import streamlit as st

from app.components.parts import empty_state, page_header, page_link, stat_tiles
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.outdated_labels import render_outdated_labels
from app.views.train_models import render_models
from app.views.train_purchase import render_purchase
from app.views.train_runs import render_runs
from app.views.train_start import render_start
from core.intents.taxonomy import load_taxonomy
from core.registry.models import champion
from core.store.labeled_queries import LabelsToTeach, labels_to_teach
from core.store.overview_queries import totals


def render_train() -> None:
    """Draw the page."""
    page_header("train.title", "train.help")
    shop = totals(context().warehouse)
    if not shop.events:
        empty_state(t("train.none"), t("train.none_body"), "imports")
        return
    labels = labels_to_teach(context().warehouse)
    _tiles(shop.events, labels)
    _say_outdated()
    render_outdated_labels()
    render_start(labels)
    render_runs()
    render_models()
    render_purchase()


def _say_outdated() -> None:
    """Which intents the serving model tells apart though they were merged, split or retired since."""
    model = champion(context().warehouse)
    if model is None:
        return
    names, offered = intent_names(), [intent.id for intent in load_taxonomy(context().warehouse)]
    gone = [names.get(intent, intent) for intent in model.intents if intent not in offered]
    if gone:
        st.info(t("train.outdated", intents=", ".join(gone)), icon=":material/category:")


def _tiles(events: int, labels: LabelsToTeach) -> None:
    model = champion(context().warehouse)
    score = model.metrics.get("macro_f1") if model else None
    stat_tiles(
        [
            (t("train.events"), f"{events:,}", t("train.events_of")),
            (t("train.labels"), f"{labels.taught:,}", t("train_labels.of")),
            (
                t("train.serving"),
                model.model_id if model else t("train.serving_none"),
                "" if score is None else t("train.serving_since", score=f"{score:.3f}"),
            ),
        ]
    )
    _say_labels(labels)


def _say_labels(labels: LabelsToTeach) -> None:
    """What the labels say, and how many are left out and why; outdated ones have a notice of their own."""
    names = intent_names()
    counts = ", ".join(f"{names.get(intent, intent)} {count:,}" for intent, count in labels.by_intent.items())
    if counts:
        st.caption(t("train.by_intent", counts=counts))
    left_out = {"unsure": labels.unsure, "disputed": labels.disputed, "unread": labels.unread}
    reasons = [t(f"train_labels.{reason}", n=f"{count:,}") for reason, count in left_out.items() if count]
    if not reasons:
        return
    n = f"{sum(left_out.values()):,}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("train_labels.left_out", n=n, reasons=t("train_labels.and").join(reasons)), width="content")
        if labels.unsure or labels.disputed:
            page_link("quality", t("train_labels.settle"))
