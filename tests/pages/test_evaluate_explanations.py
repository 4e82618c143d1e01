"""What the Evaluate page decides about explanations before it draws."""

import pandas as pd
import pytest

from app.i18n import LANGUAGES, catalogue, speaking
from app.views.evaluate_explanations import LEAST_SESSIONS, MOST_SESSIONS, SESSIONS, plausibility_frame, share_look
from app.views.evaluate_parts_beside import MANY, sentences
from app.views.evaluate_speaking import sides
from app.views.part_names import MOST_NAMED
from core.explain.study import job
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
    wanted += [f"evaluate_beside.words_{kind}" for kind in (*PART_KINDS, *OCCURRENCE_KINDS)]
    wanted += [f"evaluate_beside.turned_{way}" for way in ("for", "against")]
    for language in LANGUAGES:
        assert set(wanted) <= set(catalogue(language))


def _differing(rows: list[tuple[str, float, float, float]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["name", "first", "second", "adjusted_p"])
    return found.assign(value=found["first"] - found["second"])


def test_only_what_is_beyond_chance_is_named_and_what_turned_round_is_said() -> None:
    models = {"first": "new", "second": "old"}
    found = _differing([("sale*", 0.1, -0.1, 0.01), ("oak", 0.1, 0.3, 0.01), ("elm", -0.1, 0.1, 0.5)])
    with speaking("en"):
        told, turned = sentences(found, "word", "Deal", models).splitlines()
        assert "sale\\*, oak" in told, "a shopper's words are no Markdown"
        assert "elm" not in told + turned
        assert "sale\\* speak **for** Deal in new and **against** it in old" in turned
        assert sentences(found.tail(1), "word", "Deal", models) == "**No difference beyond chance.**"
        many = _differing([(f"w{n}", 0.2, 0.1, 0.01) for n in range(MOST_NAMED + 3)])
        assert sentences(many, "word", "Deal", models).endswith("w5 and 3 more.")
    with speaking("zh"):
        assert "另有 3 项" in sentences(many, "word", "特价", models)


def test_what_speaks_for_an_intent_is_said_in_words_where_it_is_sure() -> None:
    rows = [("sale", 0.1, 0.2), ("oak", -0.1, 0.1), ("elm", -0.2, -0.1)]
    found = pd.DataFrame(rows, columns=["name", "low", "high"])
    with speaking("en"):
        assert sides(found, "word", "Deal").splitlines() == [
            "**For Deal speak most:** sale.  ",
            "**Against Deal speak most:** elm.",
        ]
        assert "Nothing speaks for or against Deal" in sides(found.iloc[1:2], "word", "Deal")


def test_the_page_offers_as_many_sessions_as_the_job_takes() -> None:
    assert (SESSIONS, MOST_SESSIONS) == (job.SESSIONS, job.MOST_SESSIONS)
    assert LEAST_SESSIONS >= 1


def test_words_that_all_lean_one_way_are_said_to_be_the_text_as_a_whole() -> None:
    models = {"first": "new", "second": "old"}
    rows = [(f"w{n}", 0.1, 0.3, 0.01) for n in range(MANY)]
    one_way = _differing(rows)
    with speaking("en"):
        assert "the text as a whole counts less for Deal in new" in sentences(one_way, "word", "Deal", models)
        assert "as a whole" not in sentences(one_way, "transition", "Deal", models)
        both_ways = one_way.assign(value=[0.2, -0.2] * (MANY // 2))
        assert "as a whole" not in sentences(both_ways, "word", "Deal", models)
