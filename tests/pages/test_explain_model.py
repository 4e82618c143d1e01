"""Explain and What if ask the model that the address names, and say in words why one cannot be asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.context import MODEL_WAIT_S, AppContext, close_context, start_context
from app.navigation import FOLDER
from core.model.checkpoint import save_checkpoint
from core.registry.models import register_model
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.session_queries import SessionFilter, list_sessions
from tests.app.api.test_intent import register
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import make_shop
from tests.core.store.rows import event, table

APP = str(FOLDER.parent / "app" / "main.py")


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Iterator[AppContext]:
    started = start_context(settings)
    started.starter.wait(20)
    append_events(started.warehouse, table(*(event(number, visitor="v-1") for number in range(3))))
    register(started, tmp_path, "champion")
    register(started, tmp_path, "challenger")
    started.models.serving(MODEL_WAIT_S)
    yield started
    close_context()


def _at(shop: AppContext, name: str = "explain", **address: str) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=120).run().switch_page(str(Path("..") / "pages" / f"{name}.py"))
    session_id = list_sessions(shop.warehouse, SessionFilter(), limit=1)["session_id"].iloc[0]
    for name, value in {"session": str(session_id), **address}.items():
        page.query_params[name] = value
    return page.run()


def _explained_by(page: AppTest) -> list[str]:
    assert not page.exception
    return [said.value.removeprefix("Model: ") for said in page.caption if said.value.startswith("Model: ")]


def _model_box(page: AppTest) -> Any:
    return next(box for box in page.selectbox if box.label == "Model")


def test_the_model_of_the_address_explains_and_without_one_the_champion(shop: AppContext) -> None:
    assert _explained_by(_at(shop)) == ["champion"]
    page = _at(shop, model="challenger")
    assert _explained_by(page) == ["challenger"]
    _model_box(page).select("champion").run()
    assert _explained_by(page) == ["champion"]
    assert "model" not in page.query_params


def test_what_if_asks_the_same_model(shop: AppContext) -> None:
    page = _at(shop, "what_if", model="challenger")
    assert not page.exception
    assert _model_box(page).value == "challenger"
    assert [element.key for element in page.get("bidi_component") if "challenger" in str(element)] != []


@pytest.mark.parametrize(
    ("model_id", "words"), [("typo", "There is no model “typo”"), ("base", "“base” says no intents")]
)
def test_a_model_that_cannot_be_asked_is_refused_in_words(
    shop: AppContext, tmp_path: Path, model_id: str, words: str
) -> None:
    checkpoint = make_checkpoint(make_shop(visitors=8))
    checkpoint.card.update(model_id="base", kind="pretrained", created_at="2026-05-04T00:00:00")
    save_checkpoint(checkpoint, tmp_path / "base")
    register_model(shop.warehouse, shop.settings, tmp_path / "base")
    page = _at(shop, model=model_id)
    assert not page.exception
    assert [words in error.value for error in page.error] == [True]
    assert not page.selectbox
