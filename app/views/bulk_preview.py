"""What a selection holds, and labeling all of it: counts, who said what, what the model says, some sessions."""

from typing import Any

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.components.parts import download_table, page_link, percent, plain, shown_table, stat_tiles, with_shown_shares
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.bulk_state import Looked, choose_intent, chosen_intent, keep_done, look_again
from app.views.quality_data import named, person
from core.active.options import ScoredModel
from core.active.predictions_of import predicted_intents, predicted_mix
from core.events.rows import plain_rows
from core.intents.bulk import MOST_SESSIONS, SCOPES, Batch, Scope, apply_batch, sample_of
from core.intents.taxonomy import load_taxonomy

SHOWN_SESSIONS = 12
_RESERVED_KEYS = ("c", "r")
"""Streamlit's own."""


def render_preview(seen: Looked, models: tuple[ScoredModel, ...]) -> None:
    """Draw the preview and, with a name, the buttons."""
    preview = seen.preview
    if not preview.sessions:
        st.info(t("bulk.nothing"), icon=":material/search_off:")
        return
    records = intent_records(load_taxonomy(context().warehouse))
    names = {record["id"]: record["name"] for record in records}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(t("bulk.chosen", n=f"{preview.sessions:,}"), anchor=False, width="stretch")
            st.button(t("bulk.look_again"), icon=":material/refresh:", on_click=look_again)
        _tiles(seen)
        _label(seen, records)
    said, predicted = st.columns(2)
    with said:
        _said(preview.said, names)
    with predicted:
        _predicted(seen, models, names)
    _sample(seen, models, names)


def _tiles(seen: Looked) -> None:
    counts, all_of = seen.preview.would_label, seen.preview.sessions
    of_all = t("bulk.of", n=f"{all_of:,}")
    stat_tiles(
        [
            (t("bulk.tile_free"), f"{counts['unlabeled']:,}", of_all),
            (t("bulk.tile_others"), f"{counts['careful'] - counts['unlabeled']:,}", of_all),
            (t("bulk.tile_mine"), f"{all_of - counts['careful']:,}", of_all),
        ]
    )


def _label(seen: Looked, records: list[dict[str, Any]]) -> None:
    """Which of them, as what, and the last word."""
    if seen.preview.sessions > MOST_SESSIONS:
        st.warning(t("bulk.too_many", most=f"{MOST_SESSIONS:,}"), icon=":material/warning:")
        return
    name = person("bulk.person")
    if name is None:
        return
    counts = seen.preview.would_label
    scope: Scope = kept_choice(  # type: ignore[assignment]
        "scope",
        t("bulk.scope"),
        SCOPES,
        lambda one: t(f"bulk.scope_{one}", n=f"{counts[one]:,}"),  # type: ignore[index]
        segmented=True,
        label_visibility="visible",
    )
    if not counts[scope]:
        st.info(t("bulk.none_left"), icon=":material/done_all:")
        return
    intent = chosen_intent()
    if intent is None:
        st.caption(t("bulk.intent_needed"))
        with st.container(horizontal=True):
            for record in records:
                _intent_button(record)
        return
    _confirm(seen, scope, intent, name, counts[scope], {record["id"]: record["name"] for record in records})


def _intent_button(record: dict[str, Any]) -> None:
    key = str(record["key"]).lower()
    st.button(
        record["name"],
        key=f"bulk.intent.{record['id']}",
        help=record["definition"],
        shortcut=key if key.isalnum() and key not in _RESERVED_KEYS else None,
        on_click=choose_intent,
        args=(record["id"],),
    )


def _confirm(seen: Looked, scope: Scope, intent: str, annotator: str, count: int, names: dict[str, str]) -> None:
    batch = Batch(seen.batch_id, seen.selection, intent, annotator, scope)
    words = t("bulk.label_n", n=f"{count:,}", intent=named(names, intent))
    st.markdown(t("bulk.confirm", n=f"{count:,}", intent=named(names, intent), name=annotator))
    with st.container(horizontal=True):
        st.button(words, type="primary", icon=":material/done_all:", on_click=_apply, args=(batch,))
        st.button(t("bulk.cancel"), on_click=choose_intent, args=(None,))


def _apply(batch: Batch) -> None:
    """Pressed twice, it is the same batch, which counts once."""
    with guard(), st.spinner(t("bulk.labeling", n=f"{len(batch.selection.session_ids):,}")):
        record = apply_batch(context().warehouse, batch)
        keep_done(record.batch_id)
        look_again()


def _said(said: pd.DataFrame, names: dict[str, str]) -> None:
    st.markdown(f"**{t('bulk.said')}**")
    if said.empty:
        st.caption(t("bulk.said_none"))
        return
    table = said.assign(
        intent=[named(names, intent) for intent in said["intent"]],
        in_bulk=[t("bulk.in_bulk") if bulk else t("bulk.one_by_one") for bulk in said["in_bulk"]],
    )
    shown_table(table, column_config={name: t(f"bulk.column_{name}") for name in table}, height="content")
    download_table(table, "labels-of-selection")


def _predicted(seen: Looked, models: tuple[ScoredModel, ...], names: dict[str, str]) -> None:
    st.markdown(f"**{t('bulk.predicted')}**")
    if not models:
        st.caption(t("bulk.predicted_none"))
        return
    mix = predicted_mix(context().warehouse, models[0], seen.selection.session_ids)
    if mix.empty:
        st.caption(t("bulk.predicted_none"))
        return
    table = mix.assign(
        intent=[named(names, one) for one in mix["intent"]], share=mix["sessions"] / mix["sessions"].sum()
    )
    config: dict[str, Any] = {name: t(f"bulk.column_{name}") for name in ("intent", "sessions")}
    config["share"] = st.column_config.ProgressColumn(
        t("bulk.column_share"), min_value=0, max_value=1, format="percent"
    )
    config["score"] = st.column_config.NumberColumn(t("bulk.column_score"), format="percent")
    shown = with_shown_shares(table[["intent", "sessions", "share", "score"]], ["share", "score"])
    shown_table(shown, column_config=config, height="content")
    download_table(table, "predictions-of-selection")


def _sample(seen: Looked, models: tuple[ScoredModel, ...], names: dict[str, str]) -> None:
    sample = sample_of(context().warehouse, seen.selection.session_ids, SHOWN_SESSIONS)
    st.markdown(f"**{t('bulk.sample', n=len(sample), m=f'{seen.preview.sessions:,}')}**")
    guesses = predicted_intents(context().warehouse, models[0], list(sample["session_id"])) if models else {}
    with st.container(horizontal=True):
        for row in plain_rows(sample):
            _session_card(row, guesses.get(row["session_id"]), names)


def _session_card(row: dict[str, Any], guess: tuple[str, float] | None, names: dict[str, str]) -> None:
    with st.container(border=True, width=246, gap="xsmall"):
        page_link("visitor", plain(row["session_id"]), visitor=row["visitor_id"], session=row["session_id"])
        told = [t("bulk.events", n=row["event_count"]), f"{row['started_at']:%Y-%m-%d %H:%M} UTC", row["device"]]
        st.caption(" · ".join(plain(str(part)) for part in told if part))
        if row["first_query"]:
            st.text(f"“{row['first_query'][:60]}”")
        did = [t(f"bulk.{name}") for name in ("has_cart", "has_purchase") if row[name]]
        if guess is not None:
            did.append(f"{named(names, guess[0])} {percent(guess[1])}")
        if did:
            st.caption(" · ".join(did))
