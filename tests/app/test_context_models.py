"""The live context: one per process, models by need, and a first start that shows where it is."""

import time

import pytest

from app.context import AppContext, close_context, context, start_context
from core.errors import NoModelError, NotFoundError
from core.registry.models import promote
from core.settings import Settings
from tests.app.api.conftest import app_context  # noqa: F401 - a fixture
from tests.app.api.test_intent import register


def test_there_is_one_context_and_it_can_start_anew(settings: Settings) -> None:
    started = start_context(settings)
    assert context() is started
    with pytest.raises(RuntimeError, match=str(settings.home)):
        start_context(settings)
    close_context()
    with pytest.raises(RuntimeError, match="intentlens serve"):
        context()
    start_context(settings)
    close_context()


def test_without_the_sample_shop_the_start_is_over_at_once(app_context: AppContext) -> None:  # noqa: F811
    assert (app_context.startup.phase, app_context.startup.progress, app_context.startup.error) == ("ready", 1.0, None)
    assert app_context.unready_reason() is None


def test_the_champion_is_loaded_behind_and_follows_promotion(app_context: AppContext, tmp_path) -> None:  # noqa: F811
    models = app_context.models
    assert (models.state(), models.champion()) == ("none", None)
    with pytest.raises(NoModelError):
        models.serving(1)
    first, second = register(app_context, tmp_path, "first"), register(app_context, tmp_path, "second")
    assert models.state() == "loading"
    assert models.serving(60).model_id == first
    assert models.state() == "ready"
    promote(app_context.warehouse, second)
    served = models.serving(1).model_id
    assert served in {first, second}
    deadline = time.monotonic() + 60
    while served != second and time.monotonic() < deadline:
        assert models.state() == "ready"
        served = models.serving(1).model_id
    assert served == second
    assert models.scorer(first).model_id == first


def test_only_a_few_models_stay_in_memory(app_context: AppContext, tmp_path) -> None:  # noqa: F811
    names = [register(app_context, tmp_path, f"model-{number}") for number in range(4)]
    scorers = [app_context.models.scorer(name) for name in names]
    assert app_context.models.scorer(names[-1]) is scorers[-1]
    assert app_context.models.scorer(names[0]) is not scorers[0]
    with pytest.raises(NotFoundError, match="'nothing'"):
        app_context.models.scorer("nothing")
