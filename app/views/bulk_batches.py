"""The batch just applied with its way back, and the earlier ones."""

import pandas as pd
import streamlit as st

from app.components.parts import download_table, plain
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.bulk_state import done, keep_done, look_again
from app.views.quality_data import known_person, named
from core.intents.bulk import BatchRecord, get_batch, list_batches, undo_batch
from core.intents.taxonomy import load_taxonomy

SHOWN = 10


def offer_undo() -> None:
    """What was labelled last on this page, and back."""
    batch_id = done()
    if batch_id is None:
        return
    record = get_batch(context().warehouse, batch_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":material/undo:" if record.undone_at else ":material/check_circle:"
        st.markdown(f"{icon} {_words(record, _names())}", width="content")
        if record.undone_at is None and record.labeled:
            _undo_button(record, "bulk.undo_last")
        st.button(t("bulk.close"), on_click=keep_done, args=(None,), type="tertiary", key="bulk.close_done")


def render_batches() -> None:
    """The newest batches, each with its undo; all of them as a table to download."""
    records = list_batches(context().warehouse)
    if not records:
        return
    names = _names()
    with st.expander(t("bulk.batches", n=len(records)), icon=":material/history:"):
        for record in records[:SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(_line(record, names), width="stretch")
                if record.undone_at is None and record.labeled:
                    _undo_button(record, f"bulk.undo.{record.batch_id}")
        download_table(pd.DataFrame([vars(record) for record in records]), "batches")


def _undo_button(record: BatchRecord, key: str) -> None:
    st.button(
        t("bulk.undo", n=f"{record.labeled:,}"),
        icon=":material/undo:",
        key=key,
        on_click=_undo,
        args=(record.batch_id, known_person() or record.annotator),
    )


def _undo(batch_id: str, by: str) -> None:
    with guard():
        undo_batch(context().warehouse, batch_id, by=by)
        keep_done(batch_id)
        look_again()


def _names() -> dict[str, str]:
    return {
        record["id"]: record["name"] for record in intent_records(load_taxonomy(context().warehouse, inactive=True))
    }


def _line(record: BatchRecord, names: dict[str, str]) -> str:
    how = t(f"bulk.how_{record.how}")
    return f"{record.applied_at:%Y-%m-%d %H:%M} UTC · {plain(record.annotator)} · {how} · {_words(record, names)}"


def _words(record: BatchRecord, names: dict[str, str]) -> str:
    intent = named(names, record.intent)
    if record.undone_at is not None:
        words = t("bulk.undone", n=f"{record.taken_back:,}", intent=intent)
        return words + (" " + t("bulk.kept", n=f"{record.kept:,}") if record.kept else "")
    left = record.chosen - record.labeled
    words = t("bulk.done", n=f"{record.labeled:,}", intent=intent)
    return words + (" " + t("bulk.left", n=f"{left:,}") if left else "")
