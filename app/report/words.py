"""The words of the events whose texts count most, each on its colour; what speaks against is underlined too."""

from html import escape
from typing import TYPE_CHECKING

from app.i18n import t
from app.report.story import Story
from app.units import points

if TYPE_CHECKING:
    from core.explain.words import EventWords, TextWords, Word

_FAINT = 0.02
"""Words of fewer than two points are not shown in full colour, even where none is stronger."""
_SAID_FROM = 0.002


def words_html(story: Story) -> str:
    """Event by event, the same scale of colours for all."""
    ranked = [abs(word.value) for event in story.words for word in event.ranked()]
    peak = max([_FAINT, *ranked])
    return f"<p>{escape(t('report.words_help'))}</p>" + "".join(_event(story, event, peak) for event in story.words)


def _event(story: Story, event: "EventWords", peak: float) -> str:
    numbers = {told["event_id"]: number for number, told in enumerate(story.events, 1)}
    number = numbers.get(event.event_id)
    name = t("report.words_earlier") if number is None else t("report.words_of", n=number)
    texts = "".join(
        f'<p class="words"><small>{escape(t(f"explain_more.words_{text.part}"))}</small> {_coloured(text, peak)}</p>'
        for text in event.texts
    )
    return f"<h3>{escape(name)}</h3>{texts}"


def _coloured(text: "TextWords", peak: float) -> str:
    parts, at = [], 0
    for word in text.words:
        parts += [escape(text.text[at : word.start]), _span(word, peak)]
        at = word.end
    return "".join([*parts, escape(text.text[at:])])


def _span(word: "Word", peak: float) -> str:
    if not word.read:
        return f'<span class="w unread">{escape(word.text)}</span>'
    share = (abs(word.value) / peak) ** 0.5 * 0.6
    said = f"<sup>{points(word.value)}</sup>" if abs(word.value) >= _SAID_FROM else ""
    kind = "plus" if word.value >= 0 else "minus"
    return f'<span class="w {kind}" style="--share:{share:.2f}">{escape(word.text)}{said}</span>'
