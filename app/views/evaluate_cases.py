"""Single answers as cards: what was labelled, what the model said, what happened, and where to go from there."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import page_link, percent, plain
from app.components.shared.payload import event_type_names
from app.i18n import t
from app.views.evaluate_data import intent_names, traits_of
from core.events.rows import plain_rows

MOST_CARDS = 6
MOST_TRAIL = 9
_SHARES = ("confidence", "answer_probability", "first_probability", "second_probability")


def render_cases(found: pd.DataFrame, words: str = "evaluate.case_words", *, model_id: str | None = None) -> None:
    """The first cases in two columns.

    Args:
        found: session_id, visitor_id, event_id, answer and what `words` fills in.
        model_id: the model that is shown and explained where the links lead to; without it, the one that serves.
    """
    shown = found.head(MOST_CARDS)
    traits = traits_of(shown["session_id"].unique().tolist()).set_index("session_id")
    for pair in _pairs(plain_rows(shown)):
        for row, column in zip(pair, st.columns(2), strict=False):
            with column, st.container(border=True, gap="small"):
                _card(row, words, list(traits["trail"].get(row["session_id"], [])), model_id)
    if len(found) > MOST_CARDS:
        st.caption(t("evaluate.more_cases", shown=len(shown), n=len(found)))


def with_names(found: pd.DataFrame) -> pd.DataFrame:
    """The cases with intents in the reader's language, for downloads."""
    named = [name for name in ("answer", "guess", "first", "second") if name in found]
    return found.assign(**{name: found[name].map(intent_names(found[name].unique().tolist())) for name in named})


def _card(row: dict[str, Any], words: str, trail: Sequence[str], model_id: str | None) -> None:
    model = {"model": model_id} if model_id else {}
    names = intent_names([row[name] for name in ("answer", "guess", "first", "second") if name in row])
    filled = {name: names[row[name]] for name in ("answer", "guess", "first", "second") if name in row}
    shares = {name: percent(row[name]) for name in _SHARES if name in row}
    st.markdown(t(words, **filled, **shares, annotator=plain(row.get("annotator", ""))))
    st.caption(" · ".join([plain(row["session_id"]), *_kind(row), _trail(trail)]))
    with st.container(horizontal=True, gap="small"):
        page_link("label", t("evaluate.label_again"), session=row["session_id"])
        page_link("visitor", t("evaluate.timeline"), visitor=row["visitor_id"], session=row["session_id"], **model)
        page_link("explain", t("evaluate.why"), session=row["session_id"], event=row["event_id"], **model)


def _kind(row: dict[str, Any]) -> list[str]:
    """Whether the session was labelled or one event of it; nothing where the cases do not say."""
    if "answer_kind" not in row:
        return []
    return [t(f"evaluate.kind_{row['answer_kind']}", place=row["place"], total=row["session_events"])]


def _trail(trail: Sequence[str]) -> str:
    """The session's last events in words."""
    if not trail:
        return t("evaluate.gone")
    types = event_type_names()
    shown = [types.get(kind, kind) for kind in trail[-MOST_TRAIL:]]
    return " › ".join(["…", *shown] if len(trail) > MOST_TRAIL else shown)


def _pairs(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(rows), 2):
        yield rows[first : first + 2]
