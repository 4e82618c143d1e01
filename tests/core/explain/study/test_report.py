"""What is made of kept rows: distributions, intervals, and verdicts that know when they are of too few."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import UnreadableFileError
from core.explain.study.randomized import STAGES
from core.explain.study.report import ExplanationReport, mean_of, read_report
from core.explain.study.told import to_dict
from core.registry.explanations import EXPLANATIONS_FILE, write_rows


def _predictions(visitors: int, like: float = 0.0, size_like: float = 0.1) -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "visitor_id": [f"v{number}" for number in range(visitors)],
            "intent": ["deal" if number % 3 else "browse" for number in range(visitors)],
            "reliability": ["careful" if number % 4 == 0 else "trust" for number in range(visitors)],
            "comprehensiveness": random.normal(0.4, 0.1, visitors),
        }
    )
    for name in ("sufficiency", "agreement", "infidelity", "sensitivity", "relative_error", "chance"):
        rows[name] = random.random(visitors)
    for stage in STAGES:
        rows[f"like_{stage}"], rows[f"size_like_{stage}"] = like, size_like
    return rows


def _rationales(lead: float, visitors: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"visitor_id": [f"v{number}" for number in range(visitors)]})
    for measure in ("auprc", "token_f1", "iou"):
        rows[f"chance_{measure}"] = 0.3
        rows[measure] = 0.3 + lead + random.normal(0, 0.05, visitors)
    return rows


def _report(predictions: pd.DataFrame, rationales: pd.DataFrame | None = None) -> ExplanationReport:
    empty = pd.DataFrame() if rationales is None else rationales
    return ExplanationReport("m", "integrated_gradients", True, predictions, empty)


@pytest.mark.parametrize(
    ("like", "size_like", "word"),
    [
        (0.0, 0.2, "changes"),
        (0.5, 0.2, "partly"),
        (0.1, 0.5, "partly"),
        (0.9, 0.2, "unchanged"),
        (0, 0.95, "unchanged"),
    ],
)
def test_heatmaps_that_survive_shuffled_weights_are_worthless(like: float, size_like: float, word: str) -> None:
    assert _report(_predictions(20, like, size_like)).sanity == (word, max(like, size_like))


def test_few_visitors_decide_nothing() -> None:
    assert _report(_predictions(9)).sanity[0] == "few"
    assert _report(_predictions(20), _rationales(0.4, 9)).pointing == "few"
    assert _report(_predictions(20)).pointing == "few"


@pytest.mark.parametrize(("lead", "word"), [(0.3, "ahead"), (0.0, "unsure"), (-0.2, "behind")])
def test_pointing_where_people_point_counts_beyond_chance_only(lead: float, word: str) -> None:
    report = _report(_predictions(20), _rationales(lead, 30))
    assert report.pointing == word
    first = report.plausibility().iloc[0]
    assert first["low"] < first["value"] < first["high"]
    assert first["value"] - first["chance"] == pytest.approx(first["lead"])
    assert first["n"] == 30


def test_distributions_are_by_intent_with_their_number() -> None:
    found = _report(_predictions(30)).distribution("comprehensiveness")
    assert found[["intent", "n"]].to_numpy().tolist() == [["deal", 20], ["browse", 10]]
    assert (found["low"] <= found["lower"]).all()
    assert (found["lower"] <= found["median"]).all()
    assert (found["upper"] <= found["high"]).all()


def test_undefined_measures_are_left_out_of_their_distribution() -> None:
    rows = _predictions(30)
    rows.loc[:9, "agreement"] = np.nan
    assert _report(rows).distribution("agreement")["n"].sum() == 20


def test_parts_are_means_over_the_sessions_of_an_intent_and_absent_types_add_nothing() -> None:
    rows = _predictions(30).assign(**{"field:price": 0.02, "field:text": -0.1})
    rows["type:search"] = np.where(np.arange(30) % 2, 0.2, np.nan)
    report = _report(rows)
    fields = report.parts("field", "deal")
    assert fields[["name", "n"]].to_numpy().tolist() == [["text", 20], ["price", 20]]
    assert fields["value"].tolist() == pytest.approx([-0.1, 0.02])
    (search,) = report.parts("type", "deal").to_dict("records")
    assert search["value"] == pytest.approx(0.1)
    assert search["low"] < 0.1 < search["high"]
    assert report.parts("type", "nothing").empty


def test_a_mean_draws_whole_visitors() -> None:
    one_heavy = pd.DataFrame({"visitor_id": ["a"] * 98 + ["b", "c"], "value": [1.0] * 98 + [0.0, 0.0]})
    found = mean_of(one_heavy, "value")
    assert found.value == pytest.approx(0.98)
    assert (found.low, found.n, found.visitors) == (0, 100, 3)
    assert np.isnan(mean_of(one_heavy.head(0), "value").value)


def test_json_has_no_nan_even_without_marked_events() -> None:
    told = to_dict(_report(_predictions(12)))
    assert told["plausibility"]["measures"][0]["value"] is None
    assert told["plausibility"]["verdict"] == "few"
    assert told["reliability"] == {"trust": 9, "careful": 3}


def test_a_folder_without_rows_has_no_report_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert read_report(tmp_path) is None
    about = {"model_id": "m", "method": "integrated_gradients", "unlabelled": False}
    write_rows(tmp_path / EXPLANATIONS_FILE, _predictions(3), about)
    found = read_report(tmp_path)
    assert found is not None
    assert (found.model_id, found.unlabelled, len(found.predictions)) == ("m", False, 3)
    (tmp_path / EXPLANATIONS_FILE).write_bytes(b"no parquet")
    with pytest.raises(UnreadableFileError, match=EXPLANATIONS_FILE):
        read_report(tmp_path)
