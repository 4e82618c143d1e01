"""What a cell of the heatmap aggregates, in units; how words and edits are told."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.charts.regions import regions_figure
from app.views.explain_details import cell_details
from app.views.explain_fields import heatmap_rows
from app.views.explain_words import _coloured
from core.explain.words import TextWords, Word
from core.model.featurizer import Featurizer
from core.model.fields import FIELDS, NUMBER_COLUMNS
from tests.core.model.shop import make_shop

NOTHING = dict.fromkeys((*(column.name for column in NUMBER_COLUMNS), "item_repeat"), float("nan"))
NOTHING |= dict.fromkeys(("same_item", "same_category", "same_query", "session_starts", "visitor_starts"), 0.0)
RECORD: dict[str, Any] = {"currency": "CNY", "query": "mug", "text": None, "title": "Mug", "name": None}


def details(field: str, **reading: float) -> dict[str, str]:
    return dict(cell_details(field, RECORD, NOTHING | reading))


@pytest.mark.parametrize(
    ("field", "reading", "told"),
    [
        ("price", {"price": 1234.5, "relative_price": 1.25},
         {"Price": "1,234.50 CNY", "In its category": "× 1.25 of the usual"}),
        ("gap", {"gap": 90.0}, {"Since the event before": "1 min 30 s"}),
        ("gap", {}, {}),
        ("position", {"position": 3.0}, {"Place in the list": "3"}),
        ("count", {"session_events": 5, "session_searches": 0}, {"Events so far": "5", "Searches so far": "0"}),
        ("repeat", {"item_repeat": 2, "same_item": 1, "same_category": 1},
         {"Seen before in this session": "2", "Same item as before": "yes", "Same category as before": "yes"}),
        ("session_start", {"session_starts": 1, "visitor_starts": 1, "visitor_sessions": 1},
         {"Session begins": "yes", "Visitor's first event": "yes", "Sessions so far": "1"}),
        ("text", {}, {"Query": "mug", "Title": "Mug"}),
        ("brand", {}, {}),
    ],
)  # fmt: skip
def test_every_column_is_told_in_its_unit(field: str, reading: dict[str, float], told: dict[str, str]) -> None:
    assert details(field, **reading) == told


def test_the_numbers_told_are_those_the_model_reads() -> None:
    shop = make_shop()
    readings = Featurizer.fit(shop.events, shop.items).readings(shop.events, shop.items)
    first = shop.events.groupby("visitor_id").head(1).index
    assert np.isnan(readings["gap"][first]).all()
    seconds = shop.events["occurred_at"].diff().dt.total_seconds().to_numpy()
    later = np.setdiff1d(np.arange(len(shop.events)), first)
    np.testing.assert_allclose(readings["gap"][later], seconds[later], rtol=1e-5, atol=1e-5)
    prices = shop.events["item_id"].map(shop.items.set_index("item_id")["price"]).to_numpy(dtype=float)
    np.testing.assert_allclose(readings["price"], prices, rtol=1e-9)
    assert readings["visitor_starts"].sum() == len(first)
    assert readings["visitor_starts"][first].all()
    same = shop.events.groupby("session_id")["item_id"].shift() == shop.events["item_id"]
    np.testing.assert_array_equal(readings["same_item"] > 0, same.to_numpy(dtype=bool))


def test_rows_of_a_long_visitor_count_what_came_before_the_rows_shown() -> None:
    shop = make_shop()
    visitor = shop.events["visitor_id"].value_counts().idxmax()
    past = shop.events[shop.events["visitor_id"] == visitor]
    read = pd.DataFrame(Featurizer.fit(shop.events, shop.items).readings(past, shop.items)).tail(2)
    shown = past.tail(2).assign(title=None, item_price=None, item_category=None, item_brand=None, image=None)
    types = {kind: kind for kind in past["event_type"].unique()}
    row = heatmap_rows(shown, FIELDS, types, read.to_dict("records"))[0]
    cells = dict(zip(FIELDS, row["cells"], strict=True))
    assert cells["gap"] != ""
    session = past[past["session_id"] == past["session_id"].iloc[-2]]
    assert cells["count"] == str(session["event_id"].tolist().index(past["event_id"].iloc[-2]) + 1)


def test_words_are_coloured_as_text_never_as_markup() -> None:
    text = "<b>refund</b> 退"
    words = (Word("b", 1, 2, 0.0, True), Word("refund", 3, 9, 0.2, True), Word("退", 14, 15, -0.1, True))
    told = _coloured(TextWords("own", text, words), 0.2)
    assert "<b>" not in told
    assert "&lt;" in told
    assert "refund<sup>+20.00</sup>" in told
    assert 'class="w minus"' in told


def test_the_figure_of_regions_has_the_picture_a_scale_and_rows_from_the_top(tmp_path: Path) -> None:
    picture = tmp_path / "mug.png"
    picture.write_bytes(b"\x89PNG")
    figure = regions_figure(picture, np.array([[0.0, 2.0], [-1.0, 0.0]], dtype=np.float32), "points", "%{z}")
    assert figure.data[0].zmin == -2
    assert figure.data[0].zmax == 2
    assert figure.data[0].colorbar.title.text == "points"
    assert tuple(figure.layout.yaxis.range) == (2.5, 0.5)
    assert str(figure.layout.images[0].source).startswith("data:image/png;base64,")
