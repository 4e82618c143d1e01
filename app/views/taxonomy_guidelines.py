"""The guideline of one intent: written on the left, as annotators see it on the right, with its example sessions."""

import streamlit as st

from app.address import kept_choice
from app.components.parts import page_link
from app.context import context
from app.i18n import LANGUAGES, language, t
from app.intent_names import intent_name
from app.views.quality_data import person
from app.views.taxonomy_state import change, turn, whole
from core.intents.editing import AddExample, RemoveExample, WriteGuideline
from core.intents.intent import Example, Guideline, Intent
from core.intents.validity import LONGEST_TEXT
from core.store.session_queries import get_session, visitors_of

PARTS = ("text", "yes", "no")
LONGEST_WHY = 200


def render_guidelines() -> None:
    """The tab."""
    taxonomy = {intent.id: intent for intent in whole() if intent.active}
    names = {name: intent_name(intent) for name, intent in taxonomy.items()}
    chosen = kept_choice("intent", t("taxonomy.intent"), list(names), names.__getitem__, segmented=True)
    intent = taxonomy[chosen]
    author = person("taxonomy.person_edits")
    if author is None:
        _shown(intent.guideline, language())
    else:
        _write(intent, author)
    _examples(intent, author)


def _write(intent: Intent, author: str) -> None:
    key = f"guideline.{intent.id}.{turn()}"
    codes = list(LANGUAGES)
    code = st.segmented_control(
        t("shell.language"),
        codes,
        default=language(),
        format_func=lambda one: LANGUAGES[one],
        label_visibility="collapsed",
        required=True,
        key=f"{key}.language",
    )
    words = {part: dict(getattr(intent.guideline, part)) for part in PARTS}
    left, right = st.columns(2)
    with left:
        for part in PARTS:
            words[part][code] = st.text_area(
                t(f"taxonomy.guideline_{part}"),
                words[part].get(code, ""),
                max_chars=LONGEST_TEXT,
                height=150,
                key=f"{key}.{part}.{code}",
            ).strip()
        st.caption(t("taxonomy.markdown"))
        written = Guideline(words["text"], words["yes"], words["no"], intent.guideline.examples)
        pressed = st.button(t("taxonomy.save"), type="primary", icon=":material/save:")
    with right, st.container(border=True):
        _shown(written, code)
    if pressed:
        if written == intent.guideline:
            st.info(t("taxonomy.nothing_changed"))
        elif change([WriteGuideline(intent.id, written)], author=author):
            st.rerun()


def _shown(guideline: Guideline, code: str) -> None:
    if guideline.is_empty:
        st.caption(t("taxonomy.no_guideline"))
    st.markdown(guideline.text.get(code) or guideline.text.get("en", ""))
    for part in ("yes", "no"):
        text = getattr(guideline, part).get(code) or getattr(guideline, part).get("en", "")
        if text:
            st.markdown(f"**{t(f'taxonomy.guideline_{part}')}**\n\n{text}")


def _examples(intent: Intent, author: str | None) -> None:
    st.subheader(t("taxonomy.examples"), anchor=False)
    st.caption(t("taxonomy.examples_help"))
    visitors = visitors_of(context().warehouse, [example.session_id for example in intent.guideline.examples])
    for example in intent.guideline.examples:
        with st.container(horizontal=True, vertical_alignment="center"):
            mark = ":material/check:" if example.positive else ":material/close:"
            st.markdown(f"{mark} `{example.session_id}` {example.why}", width="stretch")
            if example.session_id in visitors:
                visitor = visitors[example.session_id]
                page_link("visitor", t("taxonomy.look"), visitor=visitor, session=example.session_id)
            if author is not None:
                st.button(
                    t("taxonomy.remove"),
                    icon=":material/delete:",
                    key=f"remove.{intent.id}.{example.session_id}",
                    on_click=change,
                    args=([RemoveExample(intent.id, example.session_id)],),
                    kwargs={"author": author},
                )
    if author is not None:
        _add_example(intent, author)


def _add_example(intent: Intent, author: str) -> None:
    form = st.form(f"example.{intent.id}.{turn()}", border=True)
    with form, form.container(horizontal=True, vertical_alignment="bottom"):
        session_id = st.text_input(t("taxonomy.session"), width=220).strip()
        positive = choose_side()
        why = st.text_input(t("taxonomy.why"), max_chars=LONGEST_WHY, width="stretch").strip()
        pressed = st.form_submit_button(t("taxonomy.add_example"), icon=":material/add:")
    if pressed:
        get_session(context().warehouse, session_id)  # one that is not there is told
        if change([AddExample(intent.id, Example(session_id, why, positive))], author=author):
            st.rerun()


def choose_side() -> bool:
    """Whether a session shows the intent, or what it is not."""
    sides = {"true": True, "false": False}
    chosen = st.selectbox(
        t("taxonomy.shows"), list(sides), format_func=lambda one: t(f"taxonomy.shows_{one}"), width=190
    )
    return sides[str(chosen)]
