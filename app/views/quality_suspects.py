"""Suspects: labels that are probably wrong, judged by models that had not seen them."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.parts import (
    download_table,
    empty_state,
    page_link,
    percent,
    shown_table,
    stat_tiles,
    with_shown_shares,
)
from app.context import context
from app.i18n import t
from app.views.evaluate_cases import render_cases
from app.views.evaluate_data import intent_names
from core.registry.models import list_models
from core.store.frames import read_value

if TYPE_CHECKING:
    from core.evaluation.suspects import LabelErrors

_COLUMNS = (
    "session_id",
    "event_id",
    "annotator",
    "intent",
    "suggested",
    "confidence",
    "given_probability",
    "created_at",
    "status",
    "model_id",
)
_SHARES = ("confidence", "given_probability")


def render_suspects() -> None:
    """The tab."""
    if not any(model.kind == "finetuned" for model in list_models(context().warehouse)):
        empty_state(t("quality.no_model"), t("quality.no_model_body"), "train")
        return
    found = _found(*_state())
    if not found.enough:
        empty_state(t("quality.too_few_judged", n=found.judged), t("quality.too_few_judged_body"), "train")
        return
    suspects = found.suspects
    stat_tiles(
        [
            (t("quality.suspects"), f"{len(suspects):,}", t("quality.suspects_of", n=f"{found.judged:,}")),
            (t("quality.judged"), f"{found.judged:,}", t("quality.judged_of", n=f"{found.labels:,}")),
            (t("quality.doubted"), percent(len(suspects) / found.judged), t("quality.doubted_of")),
        ]
    )
    st.caption(t("quality.suspects_words"))
    if suspects.empty:
        st.success(t("quality.no_suspects"), icon=":material/check:")
        return
    cards = {"intent": "answer", "suggested": "guess", "given_probability": "answer_probability"}
    render_cases(suspects.rename(columns=cards), "quality.suspect_words")
    _table(found)


def _table(found: "LabelErrors") -> None:
    """All suspects; a chosen one offers where to go."""
    suspects = found.suspects
    names = intent_names(suspects["intent"].unique().tolist())
    table = suspects.assign(
        event_id=suspects["event_id"].where(suspects["target_kind"] == "event"),
        intent=suspects["intent"].map(names),
        suggested=suspects["suggested"].map(lambda intent: names.get(intent, intent)),
        status=suspects["status"].map(lambda status: t(f"quality.status_{status}")),
    )[list(_COLUMNS)]
    table = table.drop(columns="event_id") if table["event_id"].isna().all() else table
    config = {
        name: st.column_config.ProgressColumn(t(f"quality.column_{name}"), format="percent", min_value=0, max_value=1)
        if name in _SHARES
        else t(f"quality.column_{name}")
        for name in map(str, table)
    }
    st.subheader(t("quality.all_suspects"), anchor=False)
    chosen = shown_table(
        with_shown_shares(table, _SHARES),
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        key="suspects",
        height=360,
    )
    if chosen.selection.rows:
        row = suspects.iloc[chosen.selection.rows[0]]
        session = str(row["session_id"])
        with st.container(horizontal=True):
            page_link("label", t("quality.label_again"), session=session)
            page_link("visitor", t("quality.timeline"), visitor=str(row["visitor_id"]), session=session)
    else:
        st.caption(t("quality.suspects_hint"))
    download_table(table, "label-errors")


def _state() -> tuple[str, int, str]:
    """What the suspects depend on: the journal and the models there are."""
    warehouse = context().warehouse
    newest = read_value(warehouse, "SELECT coalesce(max(sequence), 0) FROM annotations")
    models = ",".join(f"{model.model_id}:{model.status}" for model in list_models(warehouse))
    return str(warehouse.settings.home), int(newest), models


@st.cache_resource(max_entries=4, show_spinner=False)  # type: ignore[untyped-decorator]
def _found(home: str, newest: int, models: str) -> "LabelErrors":
    from core.registry.label_errors import find_label_errors

    return find_label_errors(context().warehouse)
