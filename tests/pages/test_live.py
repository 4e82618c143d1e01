"""The Live page: its thresholds are kept and taken back, its codes have words, its address says what is asked."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

from streamlit.testing.v1 import AppTest

from app.context import AppContext
from app.i18n import LANGUAGES, catalogue
from app.navigation import FOLDER
from app.views.live import asked_in_address
from app.views.live_alarms import before_of
from core.realtime.alarm_rules import Finding
from core.realtime.alarm_settings import ALARM_RULES, RANGES, AlarmSettings
from core.realtime.alarm_state import Ending
from core.realtime.live_view import ORDERS, STATES
from core.store.alarm_queries import begin_alarm, newest_alarm_settings

APP = str(FOLDER.parent / "app" / "main.py")


def _page() -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60).run()
    return page.switch_page(str(Path("..") / "pages" / "live.py")).run()


def _press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_thresholds_are_kept_and_taken_back(app_context: AppContext) -> None:
    page = _page()
    assert not page.exception
    next(field for field in page.number_input if field.label == "Left after (minutes of silence)").set_value(2)
    next(field for field in page.number_input if field.label == "Leaving: rise (points)").set_value(25.0)
    page = _press(page, "Save the thresholds")
    assert not page.exception
    expected = replace(AlarmSettings(), leave_after_minutes=2, leaving_rise=0.25)
    assert app_context.alarms.settings == expected
    assert (newest_alarm_settings(app_context.warehouse) or {})["leave_after_minutes"] == 2
    page = _press(page, "Back to the usual ones")
    assert app_context.alarms.settings == AlarmSettings()
    field = next(field for field in page.number_input if field.label == "Left after (minutes of silence)")
    assert field.value == 5


def test_the_history_shows_what_rang(app_context: AppContext) -> None:
    numbers = Finding("unsure", 0.7, 0.5, 70, 100, 30, 200, 1e-7, over=True).as_json()
    begin_alarm(app_context.warehouse, "unsure", app_context.clock(), numbers)
    table = next(frame.value for frame in _page().dataframe if "How it ended" in frame.value.columns)
    assert table[["Alarm", "How it ended", "Value", "Before"]].values.tolist() == [
        ["The model is unsure of many", "rings now", 0.7, 0.15]
    ]


def test_before_of_a_rule_without_a_past_is_nothing() -> None:
    assert before_of("unsure", {"base": 0.5, "base_count": 0, "base_n": 0}) == 0.0
    assert before_of("leaving", {"base": 0.5, "base_count": 1, "base_n": 2}) == 0.5


def test_every_code_has_its_words_in_every_language() -> None:
    codes = [f"live.ending_{ending}" for ending in get_args(Ending)]
    codes += [f"live.component.{kind}_{rule}" for rule in ALARM_RULES for kind in ("alarm", "alarm_title")]
    codes += [f"live.threshold_{name}{end}" for name in RANGES for end in ("", "_help")]
    codes += [f"live.component.order_{order}" for order in ORDERS]
    codes += [f"live.component.mark_{state}" for state in STATES]
    codes += [f"live.replay_{state}" for state in ("finished", "stopped", "failed", "sample", "stored")]
    for language in LANGUAGES:
        assert set(codes) - set(catalogue(language)) == set()


def test_the_address_says_what_is_asked_and_what_cannot_be_is_as_usual() -> None:
    asked = asked_in_address({"minutes": "30", "intent": "purchase", "search": "v1", "order": "changed"})
    assert asked == {"minutes": 30, "intent": "purchase", "search": "v1", "order": "changed"}
    usual = {"minutes": 5, "intent": "", "search": "", "order": "seen"}
    assert asked_in_address({"minutes": "7", "order": "size"}) == asked_in_address({"minutes": "many"}) == usual
