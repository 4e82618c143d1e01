"""The lessons are read once in the background, kept, told how far they are, and read anew when visitors change."""

from pathlib import Path

import pytest

from app.context import AppContext, close_context, start_context
from core.errors import BrokenCheckpointError, IntentLensError, OverloadedError
from core.registry.models import get_model
from core.settings import Settings
from tests.app.api.test_intent import register


@pytest.fixture
def app_context(settings: Settings):
    started = start_context(settings)
    started.starter.wait(20)
    yield started
    close_context()


def test_they_are_read_once_and_kept(app_context: AppContext, tmp_path: Path) -> None:
    model_id = register(app_context, tmp_path)
    lessons = app_context.lessons.lessons(model_id, 60)
    assert app_context.lessons.state(model_id).phase == "ready"
    assert app_context.lessons.lessons(model_id) is lessons


def test_who_does_not_wait_is_told_to_ask_again(app_context: AppContext, tmp_path: Path) -> None:
    model_id = register(app_context, tmp_path)
    with app_context.models._load_lock, pytest.raises(OverloadedError, match="0% done"):
        app_context.lessons.lessons(model_id)  # the model cannot be loaded meanwhile
    app_context.lessons.lessons(model_id, 60)


def test_changed_visitors_are_read_anew_and_others_are_not(app_context: AppContext, tmp_path: Path) -> None:
    model_id = register(app_context, tmp_path)
    lessons = app_context.lessons.lessons(model_id, 60)
    lessons.visitors = frozenset({"v-1"})
    app_context.warehouse.changes.tell({"visitors": {"v-2"}})
    assert app_context.lessons.lessons(model_id) is lessons
    app_context.warehouse.changes.tell({"visitors": {"v-1"}})
    assert app_context.lessons.lessons(model_id, 60) is not lessons


def test_a_damaged_trace_is_told(app_context: AppContext, tmp_path: Path) -> None:
    model_id = register(app_context, tmp_path)
    trace = get_model(app_context.warehouse, model_id).folder / "trace"
    trace.mkdir()
    (trace / "trace.json").write_text("{}")
    with pytest.raises(IntentLensError, match=r"trace\.json") as told:
        app_context.lessons.lessons(model_id, 60)
    assert not isinstance(told.value, BrokenCheckpointError)
    assert app_context.lessons.state(model_id).phase == "failed"
