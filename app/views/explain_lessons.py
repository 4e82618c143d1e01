"""Why does it think so: the most similar labelled sessions, and those that spoke most for and against the answer."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.address import kept_number
from app.components.parts import download_table, empty_state, sentence
from app.components.resting import rerun_at_rest
from app.context import context
from app.guard import guard
from app.i18n import t
from app.intent_names import intent_names
from app.views.explain_choice import Choice
from app.views.explain_lesson_card import Told, basis, render_lesson, tell
from app.views.explain_retrain import render_corrections
from app.views.quality_data import known_person
from core.events.schema import EVENT_COLUMNS
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.explain.lessons.lessons import Evidence, Lesson
    from core.model.scorer import SessionScorer

USUAL, MOST = 3, 10


def render_lessons(scorer: "SessionScorer", past: pd.DataFrame, choice: Choice) -> None:
    """The section, or how far the reading of the labelled sessions is."""
    st.subheader(t("lessons.title"), anchor="lessons")
    st.caption(t("lessons.help"))
    state = context().lessons.state(scorer.model_id)
    if state.phase == "reading":
        _wait(scorer.model_id)
    elif state.phase == "failed":
        st.error(sentence(state.error), icon=":material/error:")
    elif not len(context().lessons.lessons(scorer.model_id)):
        empty_state(t("lessons.none"), t("lessons.none_body"), "label")
    else:
        _lists(scorer, past, choice)


@st.fragment(run_every=0.5)  # type: ignore[untyped-decorator]
def _wait(model_id: str) -> None:
    """The share that is read; the page is drawn anew once all of it is."""
    state = context().lessons.state(model_id)
    if state.phase != "reading":
        rerun_at_rest("lessons")
    st.progress(min(state.share, 1.0), text=t("lessons.reading", share=f"{state.share:.0%}"))


@st.fragment  # type: ignore[untyped-decorator]
def _lists(scorer: "SessionScorer", past: pd.DataFrame, choice: Choice) -> None:
    """Three lists and what to do about them; drawn alone when a label is corrected."""
    with guard():
        most = kept_number("lessons", t("lessons.most"), USUAL, 1, MOST, width=180)
        evidence = _evidence(scorer, past, choice, most)
        person = _person()
        told = tell([*evidence.similar, *evidence.speaking_for, *evidence.speaking_against])
        name = _name(choice)
        lists: tuple[tuple[str, tuple[Lesson, ...]], ...] = (
            ("similar", evidence.similar),
            ("for", evidence.speaking_for),
            ("against", evidence.speaking_against),
        )
        for column, (kind, lessons) in zip(st.columns(3), lists, strict=True):
            with column:
                _list(kind, name, lessons, told, person)
        st.caption(basis(evidence))
        download_table(_frame(lists, told), f"labelled-sessions-{choice.event_id}", label=t("lessons.csv"))
        render_corrections(scorer.model_id, person)


def _list(kind: str, name: str, lessons: "tuple[Lesson, ...]", told: Told, person: str | None) -> None:
    st.markdown(f"**{t(f'lessons.{kind}', intent=name)}**", help=t(f"lessons.{kind}_help"))
    if not lessons:
        st.caption(t("lessons.nobody"))
    for lesson in lessons:
        render_lesson(kind, lesson, told, person)


def _evidence(scorer: "SessionScorer", past: pd.DataFrame, choice: Choice, most: int) -> "Evidence":
    warehouse = context().warehouse
    return (
        context()
        .lessons.lessons(scorer.model_id)
        .ask(
            past[list(EVENT_COLUMNS)],
            read_items(warehouse, past["item_id"].dropna().unique().tolist()),
            context().settings.media_folder,
            intent=choice.intent_id,
            against=choice.against,
            most=most,
            without_session=choice.session_id,
        )
    )


def _person() -> str | None:
    """Whoever corrects labels, under the name of the Label page; asked for where nobody said."""
    if known := known_person():
        return known
    typed = st.text_input(t("label.annotator"), max_chars=60, width=260).strip()
    if not typed:
        st.caption(t("lessons.person_help"))
    if typed:
        st.session_state["annotator"] = typed
    return typed or None


def _name(choice: Choice) -> str:
    names = intent_names()
    name = names.get(choice.intent_id, choice.intent_id)
    if choice.against is None:
        return name
    return t("explain_more.against_name", name=name, other=names.get(choice.against, choice.against))


def _frame(lists: "tuple[tuple[str, tuple[Lesson, ...]], ...]", told: Told) -> pd.DataFrame:
    """The lists under each other, with the labels as they are now."""
    rows = []
    for kind, lessons in lists:
        for lesson in lessons:
            label = told.labels[(lesson.session_id, lesson.event_id)]
            now = {"label": label.intent, "annotators": ", ".join(label.annotators)}
            rows.append({"list": kind} | asdict(lesson) | now)
    return pd.DataFrame(rows)
