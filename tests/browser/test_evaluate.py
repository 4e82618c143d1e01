"""The Evaluate page of a really fine-tuned model: figures, a cell's sessions, two models, and back to labelling; and
Explain with such models: its methods, and the one that a training begun there has made."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.explain.study import job as study
from core.jobs.process import PID_FILE, is_alive
from core.registry.explanations import keep_explanations
from core.settings import Settings
from tests.browser.chromium import wait_until_settled
from tests.browser.evaluated_home import make_evaluated_home
from tests.browser.server import Server
from tests.core.collect.broker.nats_server import wait_until
from tests.core.model.shop import make_shop
from tests.core.training.support import Context, Spec

DRAWN_MS = 30_000
"""Charts and components come after the page's own words."""
TRAINED_MS = 90_000
"""Models are loaded and labelled sessions read beside whatever else the machine does."""


@pytest.fixture(scope="module")
def evaluated_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("evaluated") / "home"
    first = make_evaluated_home(home)[0]
    _measure_explanations(home, first)
    server = Server(home, sample_shop=False).start()
    yield server
    server.stop()


def _measure_explanations(home: Path, model_id: str) -> None:
    """A small explanation job, in this process; the first model alone has been measured then."""
    settings = Settings(home=home, sample_shop=False)
    spec = Spec(
        home / "runs" / "model-1" / "snapshot", home / "study", {"sessions": 5}, settings.models_folder / model_id
    )
    study.run(Context(spec))
    keep_explanations(settings, spec.output, model_id)


def _open(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/evaluate{query}")
    wait_until_settled(page, 90)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_a_cell_lists_its_sessions_and_one_goes_back_to_be_labelled(evaluated_server: Server, page: Page) -> None:
    _open(page, evaluated_server)
    expect(page.get_by_text("Against simpler methods")).to_be_visible(timeout=DRAWN_MS)
    for section in ("Can its certainty be believed?", "How early is it right?", "How steady is it?", "Mistakes"):
        expect(page.get_by_role("heading", name=section)).to_be_visible(timeout=DRAWN_MS)
    cell = page.get_by_role("button", name="and the model agrees").first
    expect(cell).to_be_visible(timeout=DRAWN_MS)
    cell.click()
    expect(page.get_by_role("button", name="and the model agrees", pressed=True)).to_have_count(1, timeout=DRAWN_MS)
    expect(page.get_by_text("sure.").first).to_be_visible()
    assert "answer=" in page.url
    assert "guess=" in page.url
    page.get_by_role("link", name="Label again").first.click()
    page.wait_for_url("**/label?**session=**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Label")


def test_two_models_stand_side_by_side_by_address(evaluated_server: Server, page: Page) -> None:
    _open(page, evaluated_server, "?model=model-2&against=model-1&lang=en")
    expect(page.get_by_text("model-2 beside model-1")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("that both held out").first).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(7, timeout=DRAWN_MS)


def test_it_fits_a_phone_in_chinese(evaluated_server: Server, phone: Page) -> None:
    _open(phone, evaluated_server, "?lang=zh&model=model-1&against=model-2")
    expect(phone.get_by_text("它把什么当成什么")).to_be_visible(timeout=DRAWN_MS)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_model_without_its_evaluation_says_how_to_get_one(evaluated_server: Server, page: Page) -> None:
    _open(page, evaluated_server, "?model=imported&lang=en")
    expect(page.get_by_text("imported keeps no evaluation")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)


def test_explanations_are_judged_and_measured_again(evaluated_server: Server, page: Page) -> None:
    _open(page, evaluated_server, "?lang=en&measure=agreement")
    expect(page.get_by_role("heading", name="Can its explanations be believed?")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_role("heading", name="What speaks for each intent")).to_be_visible()
    expect(page.get_by_text("of its heatmaps may be trusted")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_role("spinbutton", name="Sessions to study")).to_have_value("10")
    expect(page.get_by_text("Against shuffled weights")).to_be_visible()
    expect(page.get_by_text("Kendall τ with leaving each event out").first).to_be_visible()
    wait_until_settled(page)
    page.get_by_role("button", name="Measure again").click()
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible(timeout=DRAWN_MS)
    stop.click()
    expect(page.get_by_role("button", name="Measure again")).to_be_visible(timeout=60_000)


def test_a_prediction_is_explained_by_the_method_of_the_address(evaluated_server: Server, page: Page) -> None:
    session = make_shop(seed=4, visitors=50).events["session_id"].iloc[-1]
    page.goto(f"{evaluated_server.url}/explain?session={session}&method=attention_rollout&lang=en")
    wait_until_settled(page, 90)
    expect(page.get_by_text("Attention says where the model looked")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("combobox", name="Method").click()
    page.get_by_role("option", name="Shapley values").click()
    expect(page.get_by_text("Shares fairly what several events say")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_role("columnheader", name="Whole event")).to_be_visible(timeout=DRAWN_MS)
    assert "method=shapley_sampling" in page.url


def _kill_jobs(home: Path, run_id: str) -> bool:
    """Kill what works at runs, for one waits for the other; whether that of `run_id` was among them."""
    alive = [folder for folder in (home / "runs").iterdir() if is_alive(folder)]
    for folder in alive:
        os.kill(int((folder / PID_FILE).read_text(encoding="utf-8")), signal.SIGKILL)
    return run_id in {folder.name for folder in alive}


def test_after_a_training_the_same_event_is_explained_by_the_new_model_and_one_may_train_again(
    evaluated_server: Server, page: Page
) -> None:
    session = make_shop(seed=4, visitors=50).events["session_id"].iloc[-1]
    asked = f"session={session}&intent=purchase&lessons=1&annotator=Ana&lang=en"
    page.goto(f"{evaluated_server.url}/explain?{asked}&run=model-2")
    new = page.get_by_role("button", name="Explain this event by the new model")
    expect(new).to_be_visible(timeout=TRAINED_MS)
    wait_until_settled(page, 90)
    new.click()
    page.wait_for_url(re.compile(rf"session={session}&.*model=model-2"))
    expect(page.get_by_text("The explanation above is the new model's.")).to_be_visible(timeout=TRAINED_MS)
    expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(re.compile("model-2"))
    wait_until_settled(page, 90)
    again = page.get_by_role("button", name="Train again")
    again.click()
    expect(again).to_be_disabled(timeout=TRAINED_MS)
    page.wait_for_url(re.compile("run=finetune"))
    run = page.url.partition("run=")[2].partition("&")[0]
    wait_until(lambda: _kill_jobs(evaluated_server.home, run), "the training has its process and dies")
    expect(page.get_by_text("ended without a word")).to_be_visible(timeout=TRAINED_MS)
    expect(again).to_be_enabled(timeout=TRAINED_MS)
