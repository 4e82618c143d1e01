"""Two models are compared on what both held out, and the whole report holds together."""

import pytest

from core.evaluation.comparison import compare, on_common_rows
from core.evaluation.report import make_report
from tests.core.evaluation.records import Played, records


def test_only_what_both_held_out_counts() -> None:
    first = records(Played("a", "bs", "s"), Played("b", "d", "d"), Played("only first", "b", "s"))
    second = records(Played("only second", "b", "b"), Played("b", "b", "d"), Played("a", "ss", "s"))
    found = compare(first, second)
    assert found is not None
    assert (found.n, found.visitors, found.relabelled) == (2, 2, 0)
    assert found.scores["first"].value == 1.0
    assert found.scores["second"].value == pytest.approx(0.5)
    assert found.difference.value == pytest.approx(0.5)
    assert found.disagreements[["session_id", "first", "second"]].to_numpy().tolist() == [["b", "deal", "browse"]]
    figures = found.figures.set_index("figure")
    assert figures.loc["flips"].tolist() == [0.5, 0.0]
    assert found.per_intent.set_index("intent")["support"].to_dict() == {"search": 1, "deal": 1}
    assert set(found.seen["name"]) == {"first", "second"}


def test_rows_are_matched_by_event_not_by_order() -> None:
    first, second = records(Played("a", "bsd", "d")), records(Played("z", "b", "b"), Played("a", "sdb", "d"))
    one, other = on_common_rows(first, second)
    assert one.frame["event_id"].tolist() == other.frame["event_id"].tolist() == ["a.1", "a.2", "a.3"]
    assert other.guesses().tolist() == [1, 2, 0]


def test_an_intent_one_model_does_not_know_has_no_probability_there() -> None:
    first = records(Played("a", "s", "s"), intents=("browse", "search"))
    second = records(Played("a", "d", "s"))
    one, other = on_common_rows(first, second)
    assert one.intents == other.intents == ("browse", "search", "deal")
    assert one.answers["model"][0, 2] == 0.0
    assert other.intents[other.guesses()[0]] == "deal"


def test_a_changed_label_is_counted_and_the_firsts_is_used() -> None:
    found = compare(records(Played("a", "b", "s")), records(Played("a", "b", "b")))
    assert found is not None
    assert found.relabelled == 1
    assert found.scores["second"].value == 0.0


def test_without_a_common_label_there_is_nothing_to_compare() -> None:
    assert compare(records(Played("a", "b", "b")), records(Played("b", "b", "b"))) is None
    assert compare(records(Played("a", "b", None)), records(Played("a", "b", None))) is None


def test_the_report_sets_the_model_beside_the_best_baseline() -> None:
    report = make_report(records(Played("a", "bs", "s"), Played("b", "d", "d"), Played("c", "bb", "b")))
    assert report.scores["model"].value == 1.0
    assert report.best_baseline == "trees"
    assert report.lead.value == pytest.approx(1.0 - report.scores["trees"].value)
    assert report.metrics["model"]["ece"] == pytest.approx(0.2)
    intents = report.per_intent.set_index("intent")
    assert intents["support"].to_dict() == {"browse": 1, "search": 1, "deal": 1}
    assert intents["base_rate"].tolist() == pytest.approx([1 / 3] * 3)
    assert intents.loc["deal", "trees_f1"] == 0.0
