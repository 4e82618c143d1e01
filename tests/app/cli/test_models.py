"""evaluate, score and explain speak of the champion or of the model that is named."""

from pathlib import Path

import pandas as pd
import pytest

from app.cli.explanations import words_of
from core.explain.study.report import read_report
from core.settings import Settings
from core.store.prediction_queries import count_predictions
from core.store.session_queries import SessionFilter, list_sessions
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, error_of, told

COLUMNS = ["p_browse", "p_search", "p_compare", "p_purchase", "p_deal", "p_support"]


def session_of(home: Path) -> str:
    """A session of some length."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    try:
        sessions = list_sessions(warehouse, SessionFilter(min_events=4), limit=1)
        return str(sessions["session_id"].iloc[0])
    finally:
        warehouse.close()


def test_evaluate_sets_the_model_beside_its_baselines_and_each_intents_base_rate(shop_home: Path) -> None:
    about = told(call(shop_home, "evaluate", "--json"))
    assert (about["model_id"], about["status"]) == ("sample-finetuned", "champion")
    assert set(about["baselines"]) == {"base_rate", "kgram", "trees"}
    words = call(shop_home, "evaluate").stdout
    for needed in ("macro-F1", "95 % interval", "trees", "base rate", "support", "held-out labels"):
        assert needed in words


@pytest.mark.parametrize("command", ["evaluate", "score", "explain"])
def test_a_pretrained_model_cannot_be_asked_for_intents(command: str, shop_home: Path, tmp_path: Path) -> None:
    more = {"score": ["--out", str(tmp_path / "x.parquet")], "explain": ["--session", "s"]}.get(command, [])
    error = error_of(call(shop_home, command, "--model", "sample-pretrained", *more, "--json"))
    assert error["code"] == "no_model"
    assert "is pretrained and knows no intents" in error["message"]


def test_an_unknown_model_is_named(shop_home: Path) -> None:
    assert "'nothing'" in error_of(call(shop_home, "evaluate", "--model", "nothing", "--json"))["message"]


def test_without_a_model_the_way_to_one_is_told(events_csv: Path, tmp_path: Path) -> None:
    told(call(tmp_path / "home", "import", str(events_csv), "--json"))
    assert "intentlens finetune" in error_of(call(tmp_path / "home", "evaluate", "--json"))["message"]


def test_score_writes_every_event_and_keeps_the_predictions_for_the_pages(shop_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    about = told(call(shop_home, "score", "--out", str(out), "--json"))
    frame = pd.read_parquet(out)
    assert frame.columns.tolist() == ["event_id", "session_id", "visitor_id", "model", *COLUMNS]
    assert len(frame) == about["events"] > 0
    assert frame["model"].unique().tolist() == ["sample-finetuned"]
    assert frame[COLUMNS].sum(axis=1).between(0.999, 1.001).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores.parquet", "shop"]
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    assert count_predictions(warehouse, "sample-finetuned") == about["events"]
    warehouse.close()


@pytest.mark.slow
def test_explain_says_events_fields_and_whether_to_trust_them(shop_home: Path) -> None:
    session = session_of(shop_home)
    about = told(call(shop_home, "explain", "--session", session, "--json"))
    assert (about["session_id"], about["event_id"]) == (session, about["event_ids"][-1])
    assert [len(row) for row in about["values"]] == [len(about["fields"])] * len(about["event_ids"])
    total = sum(map(sum, about["values"]))
    change = about["probability"] - about["baseline_probability"]
    assert abs(total - change) <= max(0.06 * abs(change), 0.002)
    words = call(shop_home, "explain", "--session", session, "--intent", "deal").stdout
    assert words.startswith("deal ")
    assert "reliability: " in words


@pytest.mark.slow
def test_explain_takes_another_method_and_says_what_it_promises(shop_home: Path) -> None:
    session = session_of(shop_home)
    about = told(call(shop_home, "explain", "--session", session, "--method", "shapley_sampling", "--json"))
    assert (about["method"], about["fields"], about["is_complete"]) == ("shapley_sampling", ["whole_event"], True)
    assert sum(map(sum, about["values"])) == pytest.approx(
        about["probability"] - about["baseline_probability"], abs=1e-4
    )
    words = call(shop_home, "explain", "--session", session, "--method", "gradient_times_input", "--thorough").stdout
    assert "(gradient_times_input, no sum is promised" in words
    unknown = error_of(call(shop_home, "explain", "--session", session, "--method", "deep_lift", "--json"))
    assert "'deep_lift'" in unknown["message"]


@pytest.mark.slow
def test_explanations_are_measured_and_kept_with_the_model(shop_home: Path) -> None:
    about = told(call(shop_home, "explanations", "--sessions", "4", "--prefixes", "12", "--json"))
    assert (about["model_id"], about["predictions"], about["unlabelled"]) == ("sample-finetuned", 4, True)
    assert about["sanity"]["verdict"] == "few"
    report = read_report(shop_home / "models" / "sample-finetuned")
    assert report is not None
    assert len(report.predictions) == 4
    assert set(about["dependence"]["curves"]) == {"price", "pause", "absence"}
    assert "mean goes from" in words_of(report)
    words = words_of(report)
    assert words.startswith("sample-finetuned by integrated_gradients: ")
    assert "against shuffled weights: few" in words
    refused = error_of(call(shop_home, "explanations", "--sessions", "0", "--json"))
    assert "'0'" in refused["message"]


def test_explain_names_what_it_does_not_know(shop_home: Path) -> None:
    session = session_of(shop_home)
    assert "'nobody'" in error_of(call(shop_home, "explain", "--session", "nobody", "--json"))["message"]
    event = error_of(call(shop_home, "explain", "--session", session, "--event", "e-none", "--json"))
    assert "'e-none'" in event["message"]
    intent = error_of(call(shop_home, "explain", "--session", session, "--intent", "fly", "--json"))
    assert intent["code"] == "unknown_intent"
