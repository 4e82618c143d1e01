"""Choosing sessions by a filter, by SQL, or by likeness to given ones; what was looked at stays frozen."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from app.address import in_address, keep, kept_number
from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import t
from app.views.bulk_model import embedded_or_explanation
from app.views.bulk_state import Looked, keep_looked, looked
from app.views.label_queue import EXAMPLE_SQL
from app.views.quality_data import known_person
from app.views.sessions_filter import choose_filter
from core.active.options import ScoredModel
from core.active.selections import select_filtered, select_queried, select_similar
from core.active.similarity import Likeness
from core.intents.bulk import MOST_SESSIONS, Selection, preview_batch
from core.intents.taxonomy import load_taxonomy

_LIKE, _MOST = 50, 100


def freeze(key: Any, select: Callable[[], Selection]) -> Looked:
    """The selection of this key as it was when first looked at; else looked at now."""
    told = json.dumps([key, known_person()], default=str, sort_keys=True)
    kept = looked(told)
    if kept is not None:
        return kept
    with st.spinner(t("bulk.looking")):
        selection = select()
        preview = preview_batch(context().warehouse, selection.session_ids, annotator=known_person() or "")
    return keep_looked(told, selection, preview)


def choose_by_filter(models: tuple[ScoredModel, ...]) -> Looked | None:
    """The filter of the Sessions page, with the same names in the address."""
    intents = intent_records(load_taxonomy(context().warehouse)) if models else []
    wanted = replace(choose_filter(intents), model_id=models[0].model_id if models else None)
    return freeze(["filter", repr(wanted)], lambda: select_filtered(context().warehouse, wanted))


def choose_by_sql(models: tuple[ScoredModel, ...]) -> Looked | None:
    """A SELECT that gives session_id."""
    text = str(
        st.text_area(
            t("label.sql"),
            help=t("label.sql_help"),
            height=130,
            key=in_address("sql", lambda said: said or EXAMPLE_SQL),
        )
    )
    keep("sql", text)
    return freeze(["sql", text], lambda: select_queried(context().warehouse, text))


def choose_by_likeness(models: tuple[ScoredModel, ...]) -> Looked | None:
    """The sessions nearest to one, or to the mean of several (?like=)."""
    model = embedded_or_explanation(models)
    if model is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = str(
            st.text_input(
                t("bulk.like"),
                key=in_address("like", str),
                placeholder=t("bulk.like_placeholder"),
                help=t("bulk.like_help"),
                width="stretch",
            )
        ).strip()
        keep("like", said)
        least = kept_number(
            "least_like", t("bulk.least_like"), _LIKE, -100, 100, step=1, help=t("bulk.least_like_help"), width=190
        )
        most = kept_number("most", t("bulk.most"), _MOST, 1, MOST_SESSIONS, step=50, width=190)
    unlabeled = st.toggle(t("bulk.fresh"), key=in_address("fresh", lambda word: word == "1"))
    keep("fresh", "1" if unlabeled else "")
    names = tuple(dict.fromkeys(word for word in said.replace(",", " ").split() if word))
    if not names:
        st.info(t("bulk.like_needed"), icon=":material/search:")
        return None
    like = Likeness(names, least / 100, most, unlabeled)
    return freeze(["like", model.model_id, repr(like)], lambda: select_similar(context().warehouse, model, like))
