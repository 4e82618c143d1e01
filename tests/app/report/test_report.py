"""A report holds the whole story, loads nothing, runs nothing, and shows hostile texts as texts."""

import base64
import io
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.i18n import LANGUAGES, Language, catalogue
from app.report.page import report_html
from app.report.pdf import browser_path, pdf_of
from app.report.pictures import jpeg_of
from app.report.reading import Wanted, pictures_of, read_story
from app.report.story import Neighbours, Story, ToldPicture
from core.errors import MissingPackageError, NotFoundError
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.explain.contrast import explain
from core.explain.lessons.lessons import learn_lessons
from core.explain.lessons.taught import find_taught
from core.explain.regions import PictureRegions
from core.explain.words import EventWords, TextWords, words_of
from core.intents.annotations import Annotation, submit_annotations
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.taxonomy import store_taxonomy
from core.model.scorer import SessionScorer
from core.registry.models import get_model
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.session_queries import SessionFilter, list_sessions
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse
from tests.app.api.test_intent import INTENTS, make_checkpoint, make_shop, register_model, save_checkpoint
from tests.core.explain.planted import items, messages, picture_scorer

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><b>",
    "'; --",
    "{0}{x}",
    "&lt;",
    "</svg>",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).filter(bool)


class Tags(HTMLParser):
    """Collects tags, attributes, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("report")
    configured = Settings(home=folder / "home", sample_shop=False, threads=1)
    opened = Warehouse.open(configured)
    shop = make_shop(visitors=8)
    events = shop.events[[name for name in EVENT_SCHEMA.names if name in shop.events]]
    rows = events.astype(object).where(events.notna(), None).to_dict("records")
    items = shop.items.astype(object).where(shop.items.notna(), None).to_dict("records")
    append_events(
        opened, pa.Table.from_pylist(rows, schema=EVENT_SCHEMA), items=pa.Table.from_pylist(items, schema=ITEM_SCHEMA)
    )
    settle_sessions(opened)
    checkpoint = make_checkpoint(shop)
    checkpoint.card.update(model_id="tiny", kind="finetuned", intents=list(INTENTS), created_at="2026-05-04T00:00:00")
    checkpoint.card["metrics"] = {"macro_f1": 0.613, "macro_f1_interval": [0.5, 0.7], "labels": 47, "ece": 0.05}
    save_checkpoint(checkpoint, folder / "tiny")
    register_model(opened, configured, folder / "tiny")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def story(warehouse: Warehouse) -> Story:
    scorer = SessionScorer.load(get_model(warehouse, "tiny").folder)
    sessions = list_sessions(warehouse, SessionFilter(min_events=3), limit=1)
    session_id = sessions["session_id"].iloc[0]
    return read_story(warehouse, scorer, Wanted(str(session_id)))


@pytest.fixture(scope="module")
def taught_story(warehouse: Warehouse, story: Story) -> Story:
    """The same once its visitors' other sessions are labelled, before the model was made."""
    sessions = list_sessions(warehouse, SessionFilter(min_events=3), limit=8)["session_id"].tolist()
    store_taxonomy(warehouse, DEFAULT_TAXONOMY)
    labels = [
        Annotation(f"a{n}", f"a{n}", "session", one, None, INTENTS[n % 3], "mei <b>", datetime(2026, 5, 1))
        for n, one in enumerate(sessions)
        if one != story.session_id
    ]
    submit_annotations(warehouse, labels)
    record = get_model(warehouse, "tiny")
    scorer = SessionScorer.load(record.folder)
    lessons = learn_lessons(scorer, record.folder, find_taught(warehouse, record))
    return read_story(warehouse, scorer, Wanted(story.session_id), lessons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_the_labelled_sessions_behind_it(taught_story: Story, story: Story, language: Language) -> None:
    assert taught_story.neighbours is not None
    html = report_html(taught_story, language)
    tags = parsed(html)
    part = html[html.index('<section id="neighbours">') :].split("</section>")[0]
    similar = taught_story.neighbours.lists["similar"]
    assert len(similar) == 5
    assert all(row["session_id"] in part for row in similar)
    assert "mei &lt;b&gt;" in part
    assert part.count("<h3>") == 3
    assert taught_story.neighbours.basis in "".join(tags.text)
    unread = report_html(story, language)
    assert catalogue(language)["report.neighbours_unread"] in unread


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_every_event_the_figures_and_the_verdict(story: Story, language: str) -> None:
    html = report_html(story, language)  # type: ignore[arg-type]
    text = " ".join(parsed(html).text)
    assert story.session_id in text
    assert len(re.findall(r"<tr[^>]*><td class=\"number\">\d+</td>", html)) == len(story.events)
    assert "0.613 (0.500 – 0.700)" in text
    assert "47" in text
    assert "tiny" in text
    assert html.count("<rect") >= len(story.events) * len(INTENTS)
    assert 'class="verdict' in html
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in html


def test_the_numbers_are_those_of_the_heatmap(story: Story) -> None:
    html = report_html(story, "en")
    strongest = np.unravel_index(np.abs(story.heatmap.values).argmax(), story.heatmap.values.shape)
    value = float(story.heatmap.values[strongest])
    points = f"{100 * value:+.1f}".replace("-", "−")
    assert f"{'▲' if value > 0 else '▼'} {points}" in html
    assert f"{story.heatmap.probability:.1%}" in html


def test_nothing_is_loaded_and_nothing_runs(story: Story) -> None:
    html = report_html(story, "en")
    tags = parsed(html)
    assert not {"script", "img", "link", "iframe", "object", "embed", "a", "form", "base"} & set(tags.tags)
    assert [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href", "srcset")] == []
    assert not re.search(r"https?:|url\(|@import|//[a-z]", html)
    assert "default-src 'none'" in html


@given(texts=st.lists(TEXTS, min_size=8, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_texts_never_become_markup(story: Story, texts: list[str]) -> None:
    title, query, note, annotator, model, intent, visitor, session = texts
    events = [dict(event) | {"title": title, "query": query, "type": note} for event in story.events]
    rows = [dict(row) | {"subject": title, "cells": [query for _ in row["cells"]]} for row in story.rows]
    label = {
        "event_id": None,
        "intent": intent,
        "annotator": annotator,
        "note": note,
        "created_at": datetime(2026, 1, 1),
    }
    spans = [(at, at + 1) for at in range(len(query))]
    words = TextWords("own", query, words_of(query, spans, np.full(len(spans), 0.01)))
    told = EventWords(story.heatmap.event_ids[0], (words,), 0.5, 0.1, 0.2, "mask", 0.0, 0.0, 8)
    intents = [replace(one, name=intent, color=title) for one in story.intents]
    neighbour = {
        "session_id": session,
        "story": query,
        "intent": None,
        "annotators": annotator,
        "taught": intent,
        "guess": intent,
        "probability": 0.5,
        "value": title,
    }
    calm = replace(
        story, events=[dict(event) | {"title": "a", "query": "a"} for event in story.events], labels=[], words=[]
    )
    hostile = replace(
        story,
        session_id=session,
        visitor_id=visitor,
        events=events,
        rows=rows,
        labels=[label],
        words=[told],
        neighbours=Neighbours({"similar": [neighbour], "for": [], "against": [neighbour]}, title),
        intents=intents,
        card=dict(story.card) | {"created_at": model, "snapshot_id": model},
        heatmap=replace(story.heatmap, model_id=model),
    )
    html = report_html(hostile, "en")
    tags = parsed(html)
    known = set(parsed(report_html(calm, "en")).tags) | {"sup", "h3", "small", "br", "b", "span", "ul", "li"}
    assert set(tags.tags) <= known
    assert {name for name, _ in tags.attributes} <= {
        "lang", "charset", "name", "content", "http-equiv", "id", "class", "style", "scope", "viewbox", "role",
        "aria-label", "aria-hidden", "x", "y", "x1", "x2", "y1", "y2", "width", "height",
    }  # fmt: skip
    assert title.strip() in "".join(tags.text) or "\r" in title or "\x00" in title


def _with_picture(story: Story, title: str) -> Story:
    values = np.zeros((8, 8), dtype=np.float32)
    values[2, 5], values[7, 0] = 0.12, -0.03
    regions = PictureRegions(story.heatmap.event_ids[-1], "i.png", values, 0.6, 0.4)
    picture = np.random.default_rng(0).random((3, 64, 64)).astype(np.float32)
    return replace(story, pictures=[ToldPicture(regions, jpeg_of(picture), title)])


def test_a_picture_shows_its_squares_and_is_in_the_file(story: Story) -> None:
    html = report_html(_with_picture(story, "Blue lamp"), "en")
    section = html.split('<section id="pictures">')[1].split("</section>")[0]
    assert section.count("<rect") == 64 + 2
    assert section.count('class="frame strongest" x="5" y="2"') == 1
    assert section.count('class="against') == 1
    assert ">+12.0</text>" in section
    assert "−3.0</text>" not in section, "a weak square is told by its colour alone"
    assert "row 3, column 6, +12.0 points. The whole picture: +20.0 points." in section
    assert "Blue lamp" in section
    (source,) = re.findall(r'href="data:image/jpeg;base64,([A-Za-z0-9+/=]+)"', section)
    assert Image.open(io.BytesIO(base64.b64decode(source))).size == (64, 64)
    assert "img-src data:" in html
    assert '<section id="pictures">' not in report_html(story, "en")


def test_a_picture_of_which_no_square_counts_frames_none(story: Story) -> None:
    told = _with_picture(story, "").pictures[0]
    flat = replace(told, regions=replace(told.regions, values=np.full((8, 8), 0.0001, dtype=np.float32)))
    section = report_html(replace(story, pictures=[flat]), "en").split('<section id="pictures">')[1]
    assert "frame" not in section.split("</section>")[0].split("<div class=pictures>")[1]
    assert "No square alone moves it" in section


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_of_a_picture_stays_a_text(story: Story, title: str) -> None:
    tags = parsed(report_html(_with_picture(story, title), "en"))
    assert not {"script", "img", "b>"} & set(tags.tags)
    assert [name for name, _ in tags.attributes if name.startswith("on")] == []
    assert title in "".join(tags.text)


def test_the_pictures_that_count_most_are_found(tmp_path: Path) -> None:
    """By a model that answers by pictures alone."""
    scorer, names, squares = picture_scorer(tmp_path)
    number = next(number for number, square in enumerate(squares) if square >= 0)
    events = messages(["", "", ""]).assign(visitor_id="v", session_id="s", text=None)
    events["item_id"] = names[number].removesuffix(".png")
    last = str(events["event_id"].iloc[-1])
    heatmap = explain(scorer, events, items(names), tmp_path, event_id=last, intent="support")
    (told,) = pictures_of(scorer, events, items(names), tmp_path, heatmap, None)
    assert told.regions.image == names[number]
    assert told.regions.value - told.regions.value_hidden > 0.5
    assert pictures_of(scorer, events, items(names), tmp_path / "nowhere", heatmap, None) == []


def test_what_is_asked_wrongly_is_named(story: Story, warehouse: Warehouse) -> None:
    scorer = SessionScorer.load(get_model(warehouse, "tiny").folder)
    with pytest.raises(NotFoundError, match="nobody"):
        read_story(warehouse, scorer, Wanted("nobody"))
    with pytest.raises(NotFoundError, match="nothing"):
        read_story(warehouse, scorer, Wanted(story.session_id, event_id="nothing"))


def test_without_a_browser_the_cure_is_named() -> None:
    assert browser_path(("no-such-browser",)) is None


def test_a_browser_that_prints_nothing_is_named(tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 30\n")
    silent.chmod(0o755)
    with pytest.raises(MissingPackageError, match="silent"):
        pdf_of("<p>", browser=str(silent), limit_s=0.5)


@pytest.mark.skipif(browser_path() is None, reason="no Chromium here")
def test_chromium_prints_pages_with_their_text(story: Story) -> None:
    pdf = pdf_of(report_html(story, "en"))
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 0
    assert b"/ToUnicode" in pdf  # the text is text, not a picture
