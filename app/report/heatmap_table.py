"""The heatmap as a table that is read without colours too: ▲ speaks for, ▼ against, points beside it."""

from html import escape

from app.components.shared.payload import event_type_names
from app.i18n import t
from app.report.story import Record, Story
from app.units import points

LEAST_SHOWN = 0.0005
"""Below this (0.05 points) a cell holds a dot, so that the eye finds what counts."""
_STRONGEST_SHARE = 0.62


def heatmap_html(story: Story) -> str:
    """One row an event, one column a field, the totals first; what hardly counts is a dot."""
    heatmap = story.heatmap
    peak = float(abs(heatmap.values).max()) or 1.0
    fields = [place for place in range(len(heatmap.fields)) if abs(heatmap.values[:, place]).max() >= LEAST_SHOWN]
    head = "".join(f"<th scope=col>{escape(t(f'explain.field.{heatmap.fields[place]}'))}</th>" for place in fields)
    told = [at for at in range(len(story.rows)) if _is_told(story, at)]
    rows = "".join(_row(story, story.rows[at], at, fields, peak) for at in told)
    sums = "".join(_cell(float(heatmap.field_totals[place]), 0.0, "") for place in fields)
    total = _cell(float(heatmap.values.sum()), 0.0, "")
    unit = t("report.attention_unit" if heatmap.kind == "curiosity" else "report.heatmap_caption")
    left_out = len(heatmap.fields) - len(fields)
    small = f" {t('report.small_fields', n=left_out)}" if left_out else ""
    silent = len(story.rows) - len(told)
    small += f" {t('report.small_events', n=silent)}" if silent else ""
    return (
        f'<div class="scroll"><table class="heat"><caption>{escape(unit + small)}</caption>'
        f"<thead><tr><th scope=col>{escape(t('explain.component.event'))}</th>"
        f"<th scope=col>{escape(t('explain.component.total'))}</th>{head}</tr></thead><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope=row>{escape(t('explain.component.total'))}</th>{total}{sums}</tr></tfoot></table></div>"
    )


def _is_told(story: Story, at: int) -> bool:
    """All of the session's own events are; those of earlier sessions where they count."""
    own = story.rows[at]["session_id"] == story.session_id
    return own or float(abs(story.heatmap.values[at]).max()) >= LEAST_SHOWN


def _row(story: Story, row: Record, at: int, fields: list[int], peak: float) -> str:
    values = story.heatmap.values[at]
    cells = "".join(_cell(float(values[place]), peak, str(row["cells"][place])) for place in fields)
    kind = event_type_names().get(row["type"], str(row["type"]))
    earlier = "" if row["session_id"] == story.session_id else f" <small>{escape(t('report.earlier'))}</small>"
    numbers = {told["event_id"]: f"{place}. " for place, told in enumerate(story.events, 1)}
    number = numbers.get(row["event_id"], "")
    subject = f"<br><small>{escape(str(row['subject']))}</small>" if row["subject"] else ""
    total = _cell(float(values.sum()), 0.0, "")
    return f"<tr><th scope=row>{number}{escape(kind)}{earlier}{subject}</th>{total}{cells}</tr>"


def _cell(value: float, peak: float, what: str) -> str:
    """A cell in words and colour; without a peak it is a total, in bold and uncoloured."""
    said = f'<span class="what">{escape(what)}</span>' if what else ""
    if abs(value) < LEAST_SHOWN:
        return '<td class="none">·</td>'
    sign, kind = ("▲", "plus") if value > 0 else ("▼", "minus")
    share = (abs(value) / peak) ** 0.5 * _STRONGEST_SHARE if peak else 0.0
    bold = "" if peak else " total"
    return f'<td class="{kind}{bold}" style="--share:{share:.2f}"><b>{sign} {points(value)}</b>{said}</td>'
