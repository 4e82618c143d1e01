"""What the Evaluate page decides about explanations before it draws."""

import pandas as pd
import pytest

from app.i18n import LANGUAGES, catalogue
from app.views.evaluate_explanations import plausibility_frame, share_look
from core.explain.study.occurrences import OCCURRENCE_KINDS
from core.explain.study.randomized import STAGES
from core.explain.study.report import MEASURES, PART_KINDS, ExplanationReport


@pytest.mark.parametrize(
    ("counts", "look"),
    [
        ({"trust": 80, "careful": 20}, "good"),
        ({"trust": 79, "careful": 21}, "mixed"),
        ({"trust": 75, "unreliable": 25}, "bad"),
        ({"trust": 80, "unreliable": 20}, "good"),
        ({"curiosity": 9}, "mixed"),
    ],
)
def test_many_heatmaps_are_judged_by_their_shares(counts: dict[str, int], look: str) -> None:
    assert share_look(counts) == look


def _report(model_id: str, sessions: int) -> ExplanationReport:
    rows = pd.DataFrame({"visitor_id": [f"v{number}" for number in range(sessions)]})
    for measure in ("auprc", "token_f1", "iou"):
        rows[measure], rows[f"chance_{measure}"] = 0.5, 0.25
    return ExplanationReport(model_id, "integrated_gradients", True, pd.DataFrame(), rows if sessions else rows.head(0))


def test_models_stand_beside_each_other_with_what_chance_reaches() -> None:
    frame = plausibility_frame([_report("one", 3), _report("none", 0), _report("two", 5)])
    assert frame[["model", "n", "auprc", "auprc_chance"]].to_numpy().tolist() == [
        ["one", 3, 0.5, 0.25],
        ["two", 5, 0.5, 0.25],
    ]
    assert frame["auprc_interval"].iloc[0] == "0.50 – 0.50"
    assert all(f"evaluate.plausibility_{name}" in catalogue(language) for name in frame for language in LANGUAGES)


def test_every_verdict_measure_and_stage_has_its_words() -> None:
    wanted = [f"evaluate.sanity_{word}" for word in ("changes", "partly", "unchanged", "few")]
    wanted += [f"evaluate.pointing_{word}" for word in ("ahead", "unsure", "behind", "few")]
    wanted += [f"evaluate.stage_{stage}" for stage in STAGES]
    wanted += [f"explain.{measure}" for measure in MEASURES] + [f"explain.{measure}_help" for measure in MEASURES]
    wanted += [f"evaluate.explanations_phase_{phase}" for phase in ("starting", "faithfulness", "plausibility")]
    for language in LANGUAGES:
        assert set(wanted) <= set(catalogue(language))


def test_every_kind_of_part_has_its_words_in_both_languages() -> None:
    wanted = [f"evaluate.parts_{kind}" for kind in (*PART_KINDS, *OCCURRENCE_KINDS)]
    wanted += [f"evaluate.parts_words_{kind}" for kind in OCCURRENCE_KINDS] + ["evaluate.parts_few"]
    for language in LANGUAGES:
        assert set(wanted) <= set(catalogue(language))
