"""A story as one HTML file: nothing is loaded, nothing runs, every text of the data is escaped."""

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from app.components.shared.payload import event_type_names, locale
from app.i18n import Language, speaking, t
from app.report.figures import figures_html
from app.report.heatmap_table import heatmap_html
from app.report.neighbours import neighbours_html
from app.report.pictures import pictures_html
from app.report.stack import stack_html
from app.report.story import Story
from app.report.words import words_html
from app.units import human_gap, points
from app.views.explain_summary import reliability_key, shown_numbers

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def report_html(story: Story, language: Language) -> str:
    """The whole report; the same story gives the same text."""
    with speaking(language):
        title = escape(t("report.title", session=story.session_id))
        parts = (
            _head(story),
            _section("probabilities", stack_html(story)),
            _section("why", _asked(story), _verdict(story), heatmap_html(story), _numbers(story)),
            _section("words", words_html(story)) if story.words else "",
            _section("pictures", pictures_html(story)) if story.pictures else "",
            _section("neighbours", neighbours_html(story)),
            _section("events", _events(story)),
            _section("labels", _labels(story)),
            _section("model", figures_html(story)),
            _section("reading", *(f"<p>{escape(t(f'report.reading_{name}'))}</p>" for name in ("1", "2", "3", "4"))),
        )
        return (
            f'<!doctype html>\n<html lang="{locale()}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
            f'<meta name="color-scheme" content="light dark"><title>{title}</title>'
            f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
        )


def _section(name: str, *parts: str) -> str:
    return f'<section id="{name}"><h2>{escape(t(f"report.{name}"))}</h2>{"".join(parts)}</section>'


def _head(story: Story) -> str:
    first, last = story.events[0], story.events[-1]
    facts = [
        ("visitor", story.visitor_id),
        ("session", story.session_id),
        ("when", f"{_moment(first['t'])} – {_moment(last['t'])} UTC"),
        ("lasted", human_gap(last["t"] - first["t"])),
        ("count", str(len(story.events))),
        ("made", f"{_when(story.made_at)} UTC"),
    ]
    told = "".join(
        f"<div><dt>{escape(t(f'report.{name}'))}</dt><dd>{escape(value)}</dd></div>" for name, value in facts
    )
    heatmap = story.heatmap
    name = escape(story.intent(heatmap.intent).name)
    if story.against is None:
        lead = t("report.lead", intent=name, probability=f"{heatmap.probability:.0%}")
    else:
        other = escape(story.intent(story.against).name)
        lead = t("report.lead_against", intent=name, other=other, points=points(heatmap.probability))
    return f'<h1>{escape(t("report.heading"))}</h1><p class="lead">{lead}</p><dl class="facts">{told}</dl>'


def _asked(story: Story) -> str:
    heatmap = story.heatmap
    number = next((at for at, event in enumerate(story.events, 1) if event["event_id"] == heatmap.event_ids[-1]), 0)
    name = story.intent(heatmap.intent).name
    if story.against is not None:
        name = t("explain_more.against_name", name=name, other=story.intent(story.against).name)
    words = t(
        "report.asked",
        intent=name,
        n=number,
        method=t(f"explain.method.{heatmap.method}"),
        value=_percent(story, heatmap.probability),
        baseline=_percent(story, heatmap.baseline_probability),
    )
    return f"<p>{escape(words)}</p>"


def _percent(story: Story, value: float) -> str:
    return f"{value:.1%}" if story.against is None else points(value)


def _verdict(story: Story) -> str:
    """The verdict in plain words."""
    heatmap = story.heatmap
    words = t(reliability_key(heatmap), error=f"{heatmap.relative_error:.1%}")
    glyph = {"trust": "✓", "careful": "!", "unreliable": "✕", "curiosity": "?"}[heatmap.reliability]
    verdict = f"<strong>{glyph} {escape(t(f'explain.{heatmap.reliability}'))}</strong> — {escape(words)}"
    return f'<p class="verdict {heatmap.reliability}">{verdict}</p>'


def _numbers(story: Story) -> str:
    """The numbers behind the verdict, each with what it means."""
    rows = "".join(
        f"<tr><th scope=row>{escape(t(f'explain.{name}'))}</th><td class=number>{escape(value)}</td>"
        f"<td>{escape(t(f'explain.{name}_help'))}</td></tr>"
        for name, value in shown_numbers(story.heatmap).items()
    )
    numbers = f'<table class="numbers"><caption>{escape(t("explain.numbers"))}</caption>{rows}</table>'
    return f'<div class="scroll">{numbers}</div>'


def _events(story: Story) -> str:
    types, rows, before = event_type_names(), [], None
    for number, event in enumerate(story.events, 1):
        subject = " · ".join(str(event[name]) for name in ("query", "text") if event[name])
        item = event["title"] or event["item_id"] or ""
        price = "" if event["price"] is None else f"{event['price']:,.2f} {event['currency'] or ''}".strip()
        gap = "" if before is None else human_gap(event["t"] - before)
        before = event["t"]
        cells = (
            ("number", str(number)),
            ("number", f"{pd.Timestamp(event['t'], unit='ms'):%H:%M:%S}"),
            ("", types.get(event["type"], str(event["type"]))),
            ("", subject),
            ("", str(item)),
            ("number", price),
            ("number", gap),
            ("", _intent_at(story, number - 1)),
        )
        mark = " class=explained" if event["event_id"] == story.heatmap.event_ids[-1] else ""
        told = "".join(f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in cells)
        rows.append(f"<tr{mark}>{told}</tr>")
    names = ("n", "time", "type", "said", "item", "price", "gap", "intent")
    return _table(names, rows, t("report.events_caption"))


def _intent_at(story: Story, place: int) -> str:
    row = story.probabilities[place]
    if not row:
        return ""
    best = max(range(len(row)), key=lambda at: row[at])
    return f"{story.intents[best].name} {row[best]:.0%}"


def _labels(story: Story) -> str:
    if not story.labels:
        return f"<p>{escape(t('report.no_labels'))}</p>"
    numbers = {event["event_id"]: number for number, event in enumerate(story.events, 1)}
    rows = []
    for label in story.labels:
        at = t("report.whole_session") if label["event_id"] is None else str(numbers.get(label["event_id"], ""))
        intent = t("report.abstained") if label["intent"] is None else story.intent(label["intent"]).name
        cells = (at, intent, label["annotator"], _when(label["created_at"]), label["note"] or "")
        rows.append(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>")
    return _table(("event", "intent", "annotator", "time", "note"), rows, t("report.labels_caption"))


def _table(names: tuple[str, ...], rows: list[str], caption: str) -> str:
    head = "".join(f"<th scope=col>{escape(t(f'report.column_{name}'))}</th>" for name in names)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _moment(epoch_ms: int) -> str:
    return f"{pd.Timestamp(epoch_ms, unit='ms'):%Y-%m-%d %H:%M}"


def _when(moment: datetime | Any) -> str:
    return f"{pd.Timestamp(moment):%Y-%m-%d %H:%M}"
