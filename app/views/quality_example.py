"""A disputed session becomes an example in the guidelines: what was hard once is worth showing to everybody."""

import streamlit as st

from app.components.parts import sentence
from app.context import context
from app.i18n import t
from app.intent_names import intent_name
from app.views.taxonomy_guidelines import LONGEST_WHY, choose_side
from app.views.taxonomy_words import said
from core.errors import InvalidTaxonomyError
from core.intents.editing import AddExample
from core.intents.intent import Example
from core.intents.taxonomy import load_taxonomy
from core.intents.versions import edit_taxonomy


def offer_example(session_id: str, likeliest: str, author: str) -> None:
    """A button that asks of which intent the session is an example, and why.

    Args:
        likeliest: the intent that is proposed.
    """
    with st.popover(t("taxonomy.use_as_example"), icon=":material/bookmark_add:"):
        names = {intent.id: intent_name(intent) for intent in load_taxonomy(context().warehouse)}
        ids = list(names)
        with st.form(f"example.{session_id}", border=False):
            intent = str(
                st.selectbox(
                    t("taxonomy.example_of"),
                    ids,
                    index=ids.index(likeliest) if likeliest in ids else 0,
                    format_func=names.__getitem__,
                )
            )
            positive = choose_side()
            why = st.text_input(t("taxonomy.why"), max_chars=LONGEST_WHY).strip()
            pressed = st.form_submit_button(t("taxonomy.add_example"), type="primary")
        if pressed:
            _add(intent, Example(session_id, why, positive), author)


def _add(intent: str, example: Example, author: str) -> None:
    try:
        edit_taxonomy(context().warehouse, [AddExample(intent, example)], author=author)
    except InvalidTaxonomyError as error:
        st.error(sentence(str(error)), icon=":material/error:")
    else:
        st.success(t("taxonomy.example_added", intent=said(intent)), icon=":material/check:")
