"""The words of one event, coloured and ranked by what each added."""

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, shown_table
from app.i18n import t
from app.units import points
from app.views.explain_choice import Choice
from app.views.explain_parts import explained_part
from app.views.stream_digest import stream_digest
from core.errors import NotFoundError

if TYPE_CHECKING:
    from core.explain.words import EventWords, TextWords, Word
    from core.model.scorer import SessionScorer

MOST_RANKED = 12
BEARABLE_ERROR = 0.05
_FAINT = 0.02
"""Words of fewer than two points are not shown in full colour, even where none is stronger."""
_SMALL = 0.002
"""All words together below this (0.2 points) hardly matter."""

_STYLE = """<style>
.words { line-height: 2.3; font-size: 1.05rem; overflow-wrap: anywhere; }
.words .w { padding: 3px 4px; border-radius: 5px; margin: 0 1px; white-space: nowrap; }
.words .w.minus { text-decoration: underline wavy rgba(194,87,26,.9) 1px; text-underline-offset: 5px; }
.words .w sup { font-size: .62em; opacity: .85; margin-left: 2px; }
.words .w.unread { text-decoration: line-through; opacity: .5; }
</style>"""


def render_words(
    scorer: "SessionScorer", past: pd.DataFrame, items: pd.DataFrame, choice: Choice, event_id: str
) -> None:
    """The text with its words coloured, the same as a table, and how well they add up."""
    st.markdown(f"**{t('explain_more.words')}**")
    try:
        digest = stream_digest(scorer.model_id, past, items)
        words: EventWords = explained_part("words", digest, choice, event_id, scorer, past, items)
    except NotFoundError:
        st.caption(t("explain_more.words_none"))
        return
    peak = max([_FAINT, *(abs(word.value) for word in words.ranked())])
    for text in words.texts:
        st.caption(t(f"explain_more.words_{text.part}"))
        st.html(_STYLE + f'<div class="words">{_coloured(text, peak)}</div>')
    _say(words, is_lead=choice.against is not None)
    table = _table(words)
    shown_table(table.head(MOST_RANKED))
    download_table(words.to_frame(), f"words-{event_id}", label=t("explain_more.words_csv"))


def _say(words: "EventWords", *, is_lead: bool) -> None:
    """How far the words move the probability, or the lead of one intent over another, which is no share of anything."""
    added = words.value - words.value_hidden
    st.caption(
        t(
            "explain_numbers.words_sum_lead" if is_lead else "explain_more.words_sum",
            baseline=t(f"explain_more.baseline_{words.baseline}"),
            hidden=points(words.value_hidden) if is_lead else f"{words.value_hidden:.1%}",
            value=points(words.value) if is_lead else f"{words.value:.1%}",
            added=points(added, 2),
            delta=points(words.convergence_delta, 2),
        )
    )
    if abs(added) < _SMALL and max((abs(word.value) for word in words.ranked()), default=0.0) < _SMALL:
        st.caption(t("explain_more.words_small"))
    elif words.relative_error > BEARABLE_ERROR:
        st.warning(t("explain_more.words_unsure"))
    if any(not word.read for text in words.texts for word in text.words):
        st.caption(t("explain_more.words_unread"))


def _coloured(text: "TextWords", peak: float) -> str:
    """Safe HTML: each word on its colour, with its points beside it; against is underlined too."""
    parts, at = [], 0
    for word in text.words:
        parts.append(escape(text.text[at : word.start]))
        parts.append(_span(word, peak))
        at = word.end
    return "".join([*parts, escape(text.text[at:])])


def _span(word: "Word", peak: float) -> str:
    if not word.read:
        return f'<span class="w unread">{escape(word.text)}</span>'
    share = 0 if peak <= 0 else round(100 * (abs(word.value) / peak) ** 0.5 * 0.6)
    color = "31,111,180" if word.value >= 0 else "222,115,45"
    said = f"<sup>{points(word.value, 2)}</sup>" if share >= 25 else ""
    kind = "plus" if word.value >= 0 else "minus"
    style = f"background: rgba({color},{share / 100:.2f})"
    return f'<span class="w {kind if share >= 8 else ""}" style="{style}">{escape(word.text)}{said}</span>'


def _table(words: "EventWords") -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            t("explain_more.column_word"): word.text,
            t("explain_more.column_part"): t(f"explain_more.words_{text.part}"),
            t("explain_more.column_points"): points(word.value, 2),
            "size": abs(word.value),
        }
        for text in words.texts
        for word in text.words
        if word.read
    ]
    return pd.DataFrame(rows).sort_values("size", ascending=False, kind="stable").drop(columns="size")
