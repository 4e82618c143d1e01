"""What the Quality page decides before it draws: verdicts, sentences, keys, short tables."""

from typing import get_args

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext
from app.i18n import LANGUAGES, catalogue
from app.views.quality import TABS
from app.views.quality_agreement import verdict
from app.views.quality_data import named, seconds
from app.views.quality_disputes import _shortcut
from app.views.quality_evidence import _about, _gap
from app.views.quality_history import _table
from app.views.quality_people import _COLUMNS, _HELP, _SUGGESTIONS, flag_words
from core.intents.adjudication import count_disputes
from core.intents.agreement import Undefined
from core.intents.annotations import STATUSES, submit_annotations
from core.intents.annotators import Flag, FlagKind
from core.intents.history import HistoryFilter, list_history
from core.store.warehouse import Warehouse
from tests.core.intents.shop import annotation, fill_shop


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [(1.0, "reliable"), (0.8, "reliable"), (0.79, "tentative"), (0.667, "tentative"), (0.66, "low"), (-0.2, "low")],
)
def test_alpha_is_judged_by_krippendorffs_bounds(alpha: float, expected: str) -> None:
    assert verdict(alpha) == expected


def test_every_code_has_its_words_in_every_language() -> None:
    codes = [f"quality.undefined_{reason}" for reason in get_args(Undefined)]
    codes += [f"quality.reason_{reason}" for reason in get_args(Undefined)]
    codes += [f"quality.verdict_{kind}" for kind in ("reliable", "tentative", "low")]
    codes += [f"quality.flag_{kind}" for kind in get_args(FlagKind)]
    codes += [f"quality.status_{status}" for status in STATUSES] + [f"quality.tab_{tab}" for tab in TABS]
    codes += [f"quality.column_{column}" for column in (*_COLUMNS, *_SUGGESTIONS)]
    codes += [f"quality.help_{column}" for column in _HELP]
    for language in LANGUAGES:
        assert set(codes) - set(catalogue(language)) == set()


def test_a_flag_is_a_sentence_with_its_figure() -> None:
    names = {"browse": "Browse"}
    assert "less than 1.2 s" in flag_words(Flag("mei", "too_fast", 1200.0, 40), names)
    drift = flag_words(Flag("mei", "drifting", 0.5, 30, before=0.9), names)
    assert "from 90% to 50%" in drift
    assert "30 comparisons" in drift
    assert "97% of 60 are Browse" in flag_words(Flag("mei", "one_intent", 0.97, 60, intent="browse"), names)


def test_keys_of_streamlit_and_of_the_page_are_left_alone() -> None:
    assert [_shortcut(key) for key in ("1", "q", "r", "C", "u", "s", "")] == ["1", "q", None, None, None, None, None]


def test_events_are_said_in_short() -> None:
    nothing = dict.fromkeys(("query", "text", "title", "item_id", "category", "brand"))
    assert _about(nothing | {"query": "mug"}) == "“mug”"
    assert _about(nothing | {"item_id": "i1", "title": "Mug", "brand": "Norrby", "category": "Cups"}) == (
        "Mug · Norrby · Cups"
    )
    assert _about(nothing | {"category": "Cups"}) == "Cups"
    assert _about(nothing) == ""
    assert [_gap(ms) for ms in (0, 8_400, 130_000, 7_300_000)] == ["", "8 s", "2 min", "2 h"]


def test_what_is_not_known_is_left_empty() -> None:
    assert (seconds(None), seconds(float("nan")), seconds(1234)) == ("", "", "1.2 s")
    assert (named({"a": "A"}, None), named({"a": "A"}, "a"), named({}, "gone")) == ("", "A", "gone")


def test_the_history_leaves_out_columns_that_say_nothing(warehouse: Warehouse) -> None:
    fill_shop(warehouse)
    submit_annotations(warehouse, [annotation("deal", "s0", "mei", lead_time_ms=1500)])
    short = _table(list_history(warehouse, HistoryFilter()), {"deal": "Deal"})
    assert not {"event_id", "suggested", "note", "before"} & set(short.columns)
    assert short[["intent", "status", "lead_s"]].iloc[0].tolist() == ["Deal", "submitted", 1.5]
    submit_annotations(
        warehouse, [annotation("browse", "s0", "mei", note="twice"), annotation(None, "s1", "mei", status="skipped")]
    )
    full: pd.DataFrame = _table(list_history(warehouse, HistoryFilter()), {"deal": "Deal", "browse": "Browse"})
    assert full["before"].tolist() == ["", "Deal", ""]
    assert full["note"].notna().sum() == 1


def test_the_history_says_how_sure_a_suggestion_was_and_whether_it_was_seen(warehouse: Warehouse) -> None:
    fill_shop(warehouse)
    blind = {"value": "deal", "score": 0.94, "agent": "m1", "shown_at": None, "accepted": True}
    given = [annotation("deal", "s0", "mei"), annotation("deal", "s1", "mei", suggestion=blind)]
    submit_annotations(warehouse, given)
    table = _table(list_history(warehouse, HistoryFilter()), {"deal": "Deal"})
    told = table[["suggested", "suggestion_shown", "suggestion_accepted"]].astype(object).fillna("")
    assert told.to_numpy().tolist() == [["Deal 94%", False, True], ["", "", ""]]


def _disputes() -> AppTest:
    def page() -> None:
        import streamlit as st

        from app.navigation import PAGES
        from app.views.quality_disputes import render_disputes

        st.navigation([st.Page(str(page.file), url_path=page.url) for page in PAGES], position="hidden")
        render_disputes()

    shown = AppTest.from_function(page, default_timeout=60).run()
    assert not shown.exception
    return shown


def test_disputes_are_looked_at_without_a_name_and_settled_with_one(app_context: AppContext) -> None:
    fill_shop(app_context.warehouse)
    submit_annotations(app_context.warehouse, [annotation("browse", "s0", "mei"), annotation("compare", "s0", "jonas")])
    shown = _disputes()
    assert "**1** waiting" in [text.value for text in shown.markdown]
    assert not [button for button in shown.button if (button.key or "").startswith("settle.")]
    shown.text_input[0].set_value("lead")
    shown = next(button for button in shown.button if button.label == "Continue").click().run()
    assert "**1** waiting · you decide as **lead**" in [text.value for text in shown.markdown]
    shown = next(button for button in shown.button if button.key == "settle.browse").click().run()
    assert "Nothing is disputed here" in shown.success[0].value
    assert count_disputes(app_context.warehouse, target_kind="session", intent=None) == 0
