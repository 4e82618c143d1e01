"""The dialogs for a new intent, a merge, a split and a retirement: each says what it touches before it is done."""

import re

import streamlit as st

from app.context import context
from app.guard import guard
from app.i18n import LANGUAGES, t
from app.intent_names import intent_name
from app.views.taxonomy_state import change, whole
from core.intents.editing import Add, Merge, NewIntent, Retire, Split
from core.intents.intent import Intent
from core.intents.validity import LONGEST_NAME
from core.store.taxonomy_queries import touched_by

MOST_PARTS = 6
_MOST_NAMED = 5


def open_add(author: str) -> None:
    """Ask for a new intent."""

    @st.dialog(t("taxonomy.add"))  # type: ignore[untyped-decorator]
    def dialog() -> None:
        with guard():
            new = _new_intent("add")
            _say_what_is_missing([new])
            if st.button(t("taxonomy.add_do"), type="primary", disabled=not _is_named(new)) and change(
                [Add(new)], author=author, intent=new.id
            ):
                st.rerun()

    dialog()


def open_merge(intent: Intent, author: str) -> None:
    """Ask what to merge the intent into."""

    @st.dialog(t("taxonomy.merge_title", intent=intent_name(intent)), width="medium")  # type: ignore[untyped-decorator]
    def dialog() -> None:
        with guard():
            names = {other.id: intent_name(other) for other in whole() if other.active and other.id != intent.id}
            into = str(st.selectbox(t("taxonomy.merge_into"), list(names), format_func=names.__getitem__))
            _preview(intent)
            st.markdown(t("taxonomy.merge_means", intent=intent_name(intent), into=names[into]))
            words = t("taxonomy.merge_do", intent=intent_name(intent), into=names[into])
            if st.button(words, type="primary", icon=":material/merge:") and change(
                [Merge(intent.id, into)], author=author, intent=into
            ):
                st.rerun()

    dialog()


def open_split(intent: Intent, author: str) -> None:
    """Ask for the parts of the intent."""

    @st.dialog(t("taxonomy.split_title", intent=intent_name(intent)), width="large")  # type: ignore[untyped-decorator]
    def dialog() -> None:
        with guard():
            count = int(st.number_input(t("taxonomy.split_count"), 2, MOST_PARTS, 2))
            parts = []
            for number in range(count):
                st.markdown(f"**{t('taxonomy.split_part', n=number + 1)}**")
                parts.append(_new_intent(f"split.{number}"))
            _preview(intent)
            st.markdown(t("taxonomy.split_means", intent=intent_name(intent)))
            _say_what_is_missing(parts)
            ready = all(_is_named(part) for part in parts)
            words = t("taxonomy.split_do", intent=intent_name(intent), n=count)
            if st.button(words, type="primary", icon=":material/call_split:", disabled=not ready) and change(
                [Split(intent.id, tuple(parts))], author=author, intent=intent.id
            ):
                st.rerun()

    dialog()


def open_retire(intent: Intent, author: str) -> None:
    """Ask whether to retire the intent."""

    @st.dialog(t("taxonomy.retire_title", intent=intent_name(intent)))  # type: ignore[untyped-decorator]
    def dialog() -> None:
        with guard():
            _preview(intent)
            st.markdown(t("taxonomy.retire_means", intent=intent_name(intent)))
            if st.button(t("taxonomy.retire_do"), type="primary", icon=":material/archive:") and change(
                [Retire(intent.id)], author=author, intent=intent.id
            ):
                st.rerun()

    dialog()


def _preview(intent: Intent) -> None:
    """What hangs on the intent now: labels, rules, models."""
    touched = touched_by(context().warehouse, intent.id)
    with st.container(border=True):
        st.markdown(
            t(
                "taxonomy.touches",
                labels=f"{touched.labels:,}",
                sessions=f"{touched.sessions:,}",
                annotators=touched.annotators,
            )
        )
        if touched.rules:
            st.markdown(t("taxonomy.touches_rules", n=len(touched.rules), names=_listed(touched.rules)))
        if touched.models:
            key = "taxonomy.touches_serving" if touched.serving else "taxonomy.touches_models"
            st.markdown(t(key, n=len(touched.models), names=_listed(touched.models)))


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return f"{shown}, …" if len(names) > _MOST_NAMED else shown


def _new_intent(key: str) -> NewIntent:
    """Fields of a new intent; the id follows the English name until somebody writes another, and what is given in one
    language only stands for the others too."""
    columns = st.columns(len(LANGUAGES) + 1)
    names: dict[str, str] = {}
    definitions: dict[str, str] = {}
    for column, (code, spoken) in zip(columns, LANGUAGES.items(), strict=False):
        names[code] = column.text_input(
            t("taxonomy.name", language=spoken), max_chars=LONGEST_NAME, key=f"{key}.name.{code}"
        ).strip()
        definitions[code] = column.text_input(t("taxonomy.definition", language=spoken), key=f"{key}.definition.{code}")
    suggested = re.sub(r"[^a-z0-9]+", "_", names["en"].lower()).strip("_")
    given = columns[-1].text_input(
        t("taxonomy.id"), placeholder=suggested or "id", help=t("taxonomy.id_help"), key=f"{key}.id"
    )
    return NewIntent(given.strip() or suggested, _in_every_language(names), _in_every_language(definitions))


def _in_every_language(words: dict[str, str]) -> dict[str, str]:
    first = next((said for said in words.values() if said), "")
    return {code: said or first for code, said in words.items()}


def _is_named(intent: NewIntent) -> bool:
    return bool(intent.id) and all(intent.name.values())


def _say_what_is_missing(intents: list[NewIntent]) -> None:
    if not all(_is_named(intent) for intent in intents):
        st.caption(t("taxonomy.name_needed"))
