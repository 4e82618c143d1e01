"""The editor of one intent: its words, key and colours, its place, and what else can become of it."""

import streamlit as st

from app.components.parts import page_link
from app.context import context
from app.i18n import LANGUAGES, t
from app.intent_names import intent_name
from app.views.taxonomy_dialogs import open_merge, open_retire, open_split
from app.views.taxonomy_state import change, turn
from app.views.taxonomy_words import said
from core.intents.colors import suggested_colors
from core.intents.editing import BringBack, Edit, Recolor, Redefine, Rekey, Rename, Reorder, Unmerge
from core.intents.intent import Intent, Taxonomy
from core.intents.validity import KEYS, LONGEST_NAME, LONGEST_TEXT
from core.store.taxonomy_queries import given_counts, label_counts


def render_editor(intent: Intent, taxonomy: Taxonomy, author: str) -> None:
    """Draw it."""
    with st.container(border=True):
        st.markdown(f"#### {intent_name(intent)} · `{intent.id}`")
        if not intent.active:
            _inactive(intent, author)
            return
        _form(intent, taxonomy, author)
        _suggest_color(intent, taxonomy, author)
        _moves(intent, taxonomy, author)


def _inactive(intent: Intent, author: str) -> None:
    """What became of it, what that means for its labels, and the way back."""
    counts, given = label_counts(context().warehouse), given_counts(context().warehouse)
    if intent.merged_into:
        st.markdown(t("taxonomy.merged_words", into=said(intent.merged_into), n=f"{given.get(intent.id, 0):,}"))
        edit: Edit = Unmerge(intent.id)
    else:
        left = counts.get(intent.id, (0, 0))[0]
        parts = ", ".join(said(part) for part in intent.split_into)
        st.markdown(t("taxonomy.split_words" if parts else "taxonomy.retired_words", n=f"{left:,}", parts=parts))
        if left:
            page_link("label", t("taxonomy.label_again"), queue="outdated", intent=intent.id)
        edit = BringBack(intent.id)
    if st.button(t(f"taxonomy.{edit.kind}"), icon=":material/undo:", type="primary") and change([edit], author=author):
        st.rerun()


def _form(intent: Intent, taxonomy: Taxonomy, author: str) -> None:
    key = f"intent.{intent.id}.{turn()}"
    with st.form(f"{key}.form", border=False):
        words: dict[str, tuple[str, str]] = {}
        for column, (code, spoken) in zip(st.columns(len(LANGUAGES)), LANGUAGES.items(), strict=True):
            with column:
                name = st.text_input(
                    t("taxonomy.name", language=spoken),
                    intent.name.get(code, ""),
                    max_chars=LONGEST_NAME,
                    key=f"{key}.name.{code}",
                )
                definition = st.text_area(
                    t("taxonomy.definition", language=spoken),
                    intent.definition.get(code, ""),
                    max_chars=LONGEST_TEXT,
                    height=90,
                    key=f"{key}.definition.{code}",
                )
                words[code] = (name, definition)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            owners = {other.key: intent_name(other) for other in taxonomy if other.active and other.id != intent.id}
            chosen_key = st.selectbox(
                t("taxonomy.key"),
                list(KEYS),
                index=KEYS.find(intent.key),
                format_func=lambda one: f"{one.upper()} · {owners[one]}" if one in owners else one.upper(),
                help=t("taxonomy.key_help"),
                key=f"{key}.key",
                width=170,
            )
            light = st.color_picker(t("taxonomy.color_light"), intent.color, key=f"{key}.light")
            dark = st.color_picker(t("taxonomy.color_dark"), intent.color_dark, key=f"{key}.dark")
            pressed = st.form_submit_button(t("taxonomy.save"), type="primary", icon=":material/save:")
    if pressed:
        edits = _edits(intent, words, chosen_key, (light, dark))
        if not edits:
            st.info(t("taxonomy.nothing_changed"))
        elif change(edits, author=author, intent=intent.id):
            st.rerun()


def _edits(intent: Intent, words: dict[str, tuple[str, str]], key: str, colors: tuple[str, str]) -> list[Edit]:
    """What the form says otherwise than the intent."""
    edits: list[Edit] = []
    for code, (name, definition) in words.items():
        if name.strip() != intent.name.get(code, ""):
            edits.append(Rename(intent.id, code, name))
        if definition.strip() != intent.definition.get(code, ""):
            edits.append(Redefine(intent.id, code, definition))
    if key != intent.key:
        edits.append(Rekey(intent.id, key))
    if (colors[0].upper(), colors[1].upper()) != (intent.color.upper(), intent.color_dark.upper()):
        edits.append(Recolor(intent.id, *colors))
    return edits


def _suggest_color(intent: Intent, taxonomy: Taxonomy, author: str) -> None:
    """A free colour that everybody can tell from the others, by one press."""
    others = [other for other in taxonomy if other.active and other.id != intent.id]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("taxonomy.free_colors"), width="content")
        for light, dark in suggested_colors(others, 3):
            swatch = f'<span style="color:{light}">⬤</span><span style="color:{dark}">⬤</span>'
            st.html(swatch, width="content")
            key = f"color.{intent.id}.{light}.{turn()}"
            pressed = st.button(t("taxonomy.take_color", color=light), key=key, type="tertiary")
            if pressed and change([Recolor(intent.id, light, dark)], author=author):
                st.rerun()


def _moves(intent: Intent, taxonomy: Taxonomy, author: str) -> None:
    place = [other.id for other in taxonomy].index(intent.id)
    with st.container(horizontal=True):
        up = st.button(t("taxonomy.up"), icon=":material/arrow_upward:", disabled=place == 0)
        down = st.button(t("taxonomy.down"), icon=":material/arrow_downward:", disabled=place == len(taxonomy) - 1)
        if st.button(t("taxonomy.merge"), icon=":material/merge:"):
            open_merge(intent, author)
        if st.button(t("taxonomy.split"), icon=":material/call_split:"):
            open_split(intent, author)
        if st.button(t("taxonomy.retire"), icon=":material/archive:"):
            open_retire(intent, author)
    if (up or down) and change([Reorder(intent.id, place + (1 if down else -1))], author=author):
        st.rerun()
