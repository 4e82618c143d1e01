"""Suggestions: the model's own, some hidden, some planted wrong, and the same at every look."""

from dataclasses import replace

from core.active.suggestions import SuggestionSettings, suggest
from core.store.warehouse import Warehouse
from core.weak.journal import save_rules
from core.weak.labeling_function import LabelingFunction
from tests.core.active.shop import INTENTS, fill, label, store_states


def _suggest(warehouse: Warehouse, session_ids: list[str], annotator: str = "mei", **settings: float):
    states = {key: [0.2, 0.7, 0.1] for key in session_ids}
    model = store_states(warehouse, states)
    return suggest(
        warehouse,
        session_ids,
        annotator=annotator,
        model=model,
        intents=INTENTS,
        settings=SuggestionSettings(**settings),
    )


def test_the_model_suggests_its_likeliest_intent(warehouse: Warehouse) -> None:
    found = _suggest(warehouse, fill(warehouse, 2), blind_share=0, planted_share=0)
    assert found["s0"] == {"intent": "search", "score": 0.7, "agent": "m1", "blind": False, "planted": False}


def test_merged_intents_of_an_older_model_are_suggested_as_one(warehouse: Warehouse) -> None:
    session_ids = fill(warehouse, 1)
    model = replace(store_states(warehouse, {"s0": [0.3, 0.3, 0.4]}), counts_as=("browse", "browse", "purchase"))
    settings = SuggestionSettings(blind_share=0, planted_share=0)
    found = suggest(warehouse, session_ids, annotator="mei", model=model, intents=INTENTS, settings=settings)
    assert (found["s0"]["intent"], found["s0"]["score"]) == ("browse", 0.6)


def test_nobody_suggests_where_no_model_has_scored(warehouse: Warehouse) -> None:
    assert suggest(warehouse, fill(warehouse, 2), annotator="mei", model=None, intents=INTENTS) == {}


def test_shares_are_kept_never_both_and_the_same_for_everybody_who_looks_again(warehouse: Warehouse) -> None:
    session_ids = [f"s{n}" for n in range(2000)]
    found = _suggest(warehouse, session_ids)
    blind = {one for one, made in found.items() if made["blind"]}
    planted = {one for one, made in found.items() if made["planted"]}
    assert 0.17 < len(blind) / 2000 < 0.23
    assert 0.02 < len(planted) / 2000 < 0.06
    assert not blind & planted
    assert all((found[one]["intent"] != "search") is (one in planted) for one in session_ids)
    model_again = _suggest(warehouse, [], "mei")
    assert model_again == {}


def test_a_planted_suggestion_is_not_planted_again_once_it_was_answered(warehouse: Warehouse) -> None:
    fill(warehouse, 1)
    assert _suggest(warehouse, ["s0"], blind_share=0, planted_share=1)["s0"]["planted"]
    label(warehouse, "s0", "mei", suggestion={"value": "browse", "planted": True})
    again = suggest(
        warehouse,
        ["s0"],
        annotator="jonas",
        model=store_states(warehouse, {}),
        intents=INTENTS,
        settings=SuggestionSettings(blind_share=0, planted_share=1),
    )
    assert not again["s0"]["planted"]


def test_of_the_model_and_the_rules_the_surer_one_suggests(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 3)
    sql = {"sql": "session_id <> 's2'"}
    save_rules(warehouse, [LabelingFunction("r1", "Not the last", "purchase", "sql", sql)])
    made = suggest(warehouse, sessions, annotator="mei", model=None, intents=INTENTS, settings=SuggestionSettings(0, 0))
    assert {one: (found["intent"], found["agent"]) for one, found in made.items()} == {
        "s0": ("purchase", "rules"),
        "s1": ("purchase", "rules"),
    }
    model = store_states(warehouse, {"s0": [0.0, 1.0, 0.0], "s1": [made["s1"]["score"] / 2, 0.0, 0.0]})
    both = suggest(
        warehouse, sessions, annotator="mei", model=model, intents=INTENTS, settings=SuggestionSettings(0, 0)
    )
    assert {one: found["agent"] for one, found in both.items()} == {"s0": "m1", "s1": "rules"}
