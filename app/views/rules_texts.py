"""Rules by meaning: the sentences they stand for, the encoder that reads, how close is close; and reading the texts."""

from typing import Any

import streamlit as st

from app.components.parts import download_table, shown_table
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from core.intents.taxonomy import load_taxonomy
from core.registry.text_encoders import MINILM, OF_MODEL, offered_encoders, text_encoder
from core.store.overview_queries import totals
from core.weak.labeling_function import LabelingFunction
from core.weak.prototypes import TEXT_PARTS, USUAL_MARGIN, USUAL_PARTS, TextRule, read_text_rule
from core.weak.text_similarities import closest_texts, read_texts, saved_text_rules, unread_texts, usual_threshold

AT_ONCE = 5000
"""So many new texts are read without asking: some seconds, half a minute by a larger encoder."""
_OTHER = "other"


def edit_texts(intent: str, definition: dict[str, Any], key: str) -> dict[str, Any]:
    """Draw the fields; returns the definition as it is shown now. Reads the texts where they are few."""
    sentences = _sentences(intent, definition, key)
    made: dict[str, Any] = {
        "encoder": _encoder(definition, key),
        "sentences": sentences,
        "parts": _parts(definition, key),
    }
    usual, similarities = None, ""
    if made["encoder"]:
        with guard():
            rule = read_text_rule(context().warehouse, made | {"threshold": 0.0}, intent)
            similarities = rule.key
            if _is_read(rule, f"{key}.read"):
                usual = usual_threshold(context().warehouse, rule)
    made |= {"threshold": _threshold(definition, usual, similarities, key), "margin": _margin(definition, key)}
    with st.expander(t("rules.texts_when"), icon=":material/help:"):
        st.markdown(t("rules.texts_when_body"))
    return made


def offer_reading(rules: list[LabelingFunction]) -> None:
    """Where the active rules by meaning have texts to read, after an import for example: say so, and read them."""
    if not any(rule.kind == "texts" and rule.active for rule in rules):
        return
    names = {rule.rule_id: rule.name for rule in rules}
    for rule_id, rule in saved_text_rules(context().warehouse, active_only=True).items():
        _is_read(rule, f"rule_texts.{rule_id}", names[rule_id])


def render_speaking(rule: LabelingFunction) -> None:
    """The texts that speak for the rule, closest first, and the next ones, which would be the next to speak."""
    with guard():
        texts = closest_texts(context().warehouse, rule)
        if texts.empty:
            return
        speaking = int(texts["speaks"].sum())
        if not speaking:
            st.caption(t("rules.texts_none_speaks"))
        with st.expander(t("rules.texts_closest"), icon=":material/format_quote:", expanded=not speaking):
            names = ("text", "speaks", "similarity", "rival")
            shown_table(texts.round(3), column_config={name: t(f"rules.texts_column_{name}") for name in names})
            download_table(texts, "texts-of-rule")


def _sentences(intent: str, definition: dict[str, Any], key: str) -> list[str]:
    records = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse))}
    text: str = st.text_area(
        t("rules.texts_sentences"),
        "\n".join(definition.get("sentences", [])),
        height=110,
        help=t("rules.texts_sentences_help"),
        placeholder=records[intent]["definition"] if intent in records else "",
        key=f"{key}.sentences",
    )
    return [line.strip() for line in text.splitlines() if line.strip()]


def _encoder(definition: dict[str, Any], key: str) -> str:
    offered = offered_encoders(context().warehouse)
    given = definition.get("encoder") or (offered[0] if offered else _OTHER)
    choices = [*offered, _OTHER] if given in offered or not given.startswith(OF_MODEL) else [given, *offered, _OTHER]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: str = st.selectbox(
            t("rules.texts_encoder"),
            choices,
            index=choices.index(given if given in choices else _OTHER),
            format_func=_encoder_name,
            help=t("rules.texts_encoder_help"),
            key=f"{key}.encoder",
            width=300,
        )
        if chosen != _OTHER:
            return chosen
        other = "" if given in (*offered, _OTHER) else given
        named: str = st.text_input(t("train.text_encoder_source"), other, key=f"{key}.other", width="stretch")
    return named.strip()


def _encoder_name(name: str) -> str:
    if name.startswith(OF_MODEL):
        return t("rules.texts_encoder_own", model=name.removeprefix(OF_MODEL))
    return t(f"rules.texts_encoder_{name}") if name in (MINILM, _OTHER) else name


def _parts(definition: dict[str, Any], key: str) -> list[str]:
    chosen: list[str] = st.pills(
        t("rules.texts_parts"),
        TEXT_PARTS,
        selection_mode="multi",
        default=definition.get("parts", list(USUAL_PARTS)),
        format_func=lambda part: t(f"rules.texts_part_{part}"),
        key=f"{key}.parts",
    )
    return [part for part in TEXT_PARTS if part in chosen]


def _threshold(definition: dict[str, Any], usual: float | None, sentences: str, key: str) -> float:
    """Of a saved rule its own; of a new one the usual one, proposed anew when its sentences change.

    Kept from the rule's opening on: a slider that is drawn with another beginning would forget what was chosen.
    """
    opened = st.session_state.setdefault(f"{key}.opened", definition.get("threshold"))
    first = usual if opened is None else float(opened)
    chosen: float = st.slider(
        t("rules.texts_threshold"),
        0.0,
        1.0,
        0.5 if first is None else min(max(first, 0.0), 1.0),
        0.01,
        help=t("rules.texts_threshold_help", usual="–" if usual is None else f"{usual:.2f}"),
        key=f"{key}.threshold.{'opened' if opened is not None else sentences}.{usual is not None}",
        disabled=usual is None,
    )
    return chosen


def _margin(definition: dict[str, Any], key: str) -> float:
    chosen: float = st.slider(
        t("rules.texts_margin"),
        0.0,
        0.5,
        min(max(float(definition.get("margin", USUAL_MARGIN)), 0.0), 0.5),
        0.01,
        help=t("rules.texts_margin_help"),
        key=f"{key}.margin",
    )
    return chosen


def _is_read(rule: TextRule, key: str, name: str = "") -> bool:
    """Whether all texts are read: few are read at once, of many it is told how many and there is a button."""
    unread = _unread(rule)
    if not unread:
        return True
    if unread > AT_ONCE:
        count = f"{unread:,}"
        words = t("rules.texts_unread_of", name=name, n=count) if name else t("rules.texts_unread", n=count)
        st.info(words, icon=":material/hourglass_empty:")
        if not st.button(t("rules.texts_read"), icon=":material/play_arrow:", key=f"{key}.button"):
            return False
    _read(rule)
    return True


def _unread(rule: TextRule) -> int:
    """Counted anew when events came: it takes a pass over all texts."""
    state = (rule.key, totals(context().warehouse).events)
    kept: dict[tuple[str, int], int] = st.session_state.setdefault("rules.unread", {})
    if kept.get(state) != 0:
        kept[state] = unread_texts(context().warehouse, rule)
    return kept[state]


def _read(rule: TextRule) -> None:
    bar = st.progress(0.0, text=t("rules.texts_loading"))

    def told(done: int, total: int) -> None:
        bar.progress(done / total, text=t("rules.texts_reading", done=f"{done:,}", total=f"{total:,}"))

    read_texts(context().warehouse, rule, text_encoder(context().warehouse, rule.encoder), told)
    bar.empty()
    st.session_state.pop("rules.unread", None)
