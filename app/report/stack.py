"""The intents' probabilities over the session's events as a stack of bars in SVG, changes of intent marked."""

import re
from html import escape

from app.i18n import t
from app.report.story import Story
from app.theme import NEUTRAL

_HEIGHT, _TOP, _BOTTOM, _LEFT, _WIDTH = 180.0, 22.0, 24.0, 34.0, 900.0
_MOST_NUMBERS = 30
_COLOR = re.compile("#[0-9A-Fa-f]{6}")


def stack_html(story: Story) -> str:
    """The picture with its legend and the changes in words."""
    scored = [place for place, row in enumerate(story.probabilities) if row]
    if not scored:
        return f"<p>{escape(t('report.not_scored'))}</p>"
    count = len(story.probabilities)
    step = (_WIDTH - _LEFT) / count
    bars = "".join(_bar(story, place, _LEFT + place * step, step) for place in scored)
    marks = "".join(_mark(number, _LEFT + change.at * step) for number, change in enumerate(story.changes, 1))
    every = -(-count // _MOST_NUMBERS)
    numbers = "".join(
        f'<text x="{_LEFT + (place + 0.5) * step:.1f}" y="{_TOP + _HEIGHT + 16:.0f}" class="tick">{place + 1}</text>'
        for place in range(0, count, every)
    )
    scale = "".join(
        f'<text x="{_LEFT - 4:.0f}" y="{_TOP + _HEIGHT * (1 - share) + 4:.0f}" class="scale">{share:.0%}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    label = escape(t("report.stack_label", n=count), quote=True)
    picture = (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {_TOP + _HEIGHT + _BOTTOM:.0f}" role="img" aria-label="{label}">'
        f"{scale}{bars}{marks}{numbers}</svg>"
    )
    legend = f"<figcaption>{_legend(story)}</figcaption>"
    return f'<figure class="stack">{_colors(story)}{picture}{legend}</figure>{_changes(story)}'


def _bar(story: Story, place: int, x: float, step: float) -> str:
    parts, y = [], _TOP + _HEIGHT
    for at, value in enumerate(story.probabilities[place]):
        height = _HEIGHT * value
        y -= height
        said = escape(f"{place + 1}. {story.intents[at].name} {value:.0%}")
        size = f'width="{max(step - 1, step * 0.9):.2f}" height="{max(height, 0):.2f}"'
        parts.append(f'<rect class="i{at}" x="{x:.2f}" y="{y:.2f}" {size}><title>{said}</title></rect>')
    return "".join(parts)


def _mark(number: int, x: float) -> str:
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4:.0f}" y2="{_TOP + _HEIGHT:.0f}" class="change"/>'
    return f'{line}<text x="{x:.1f}" y="{_TOP - 8:.0f}" class="tick strong">◆{number}</text>'


def _colors(story: Story) -> str:
    """A class a column: colours of light paper, and of dark screens."""
    columns = range(_columns(story))
    light = "".join(f".i{at}{{fill:{_color(story.intents[at].color)}}}" for at in columns)
    dark = "".join(f".i{at}{{fill:{_color(story.intents[at].color_dark)}}}" for at in columns)
    return f"<style>{light}@media screen and (prefers-color-scheme:dark){{{dark}}}</style>"


def _color(color: str) -> str:
    """A colour as #rrggbb; whatever else a taxonomy's file says could be any style."""
    return color if _COLOR.fullmatch(color) else NEUTRAL


def _columns(story: Story) -> int:
    return max(len(row) for row in story.probabilities)


def _legend(story: Story) -> str:
    last = next(row for row in reversed(story.probabilities) if row)
    box = 'width="12" height="12"'
    return "".join(
        f'<span class="key"><svg {box} aria-hidden="true"><rect class="i{at}" {box}/></svg>'
        f" {escape(story.intents[at].name)} {last[at]:.0%}</span>"
        for at in range(_columns(story))
    )


def _changes(story: Story) -> str:
    if not story.changes:
        return f"<p>{escape(t('report.no_changes'))}</p>"
    told = (
        t(
            "report.change",
            n=change.at + 1,
            before=story.intents[change.before].name,
            after=story.intents[change.after].name,
        )
        for change in story.changes
    )
    lines = "".join(f"<li>◆{number} {escape(words)}</li>" for number, words in enumerate(told, 1))
    return f'<ul class="changes">{lines}</ul>'
