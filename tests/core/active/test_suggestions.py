"""Suggestions: the model's own, some hidden, some planted wrong, and the same at every look."""

from core.active.suggestions import SuggestionSettings, suggest
from core.intents.acceptance import suggestion_acceptance
from core.store.warehouse import Warehouse
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


def test_acceptance_tells_those_who_look_from_those_who_agree(warehouse: Warehouse) -> None:
    fill(warehouse, 6)
    shown = {"value": "search", "score": 0.7, "agent": "m1", "latency_ms": 400, "blind": False, "planted": False}
    label(warehouse, "s0", "mei", "search", suggestion=shown)
    label(warehouse, "s1", "mei", "deal", suggestion=shown | {"latency_ms": 2000})
    label(warehouse, "s2", "mei", "search", suggestion=shown | {"planted": True})
    label(warehouse, "s3", "mei", "browse", suggestion=shown | {"blind": True, "latency_ms": None})
    label(warehouse, "s4", "mei", "search")
    label(warehouse, "s5", "jonas", None, suggestion=shown)
    table = suggestion_acceptance(warehouse)
    assert table.to_dict("records") == [
        {
            "annotator": "mei",
            "shown": 2,
            "followed": 1,
            "planted": 1,
            "planted_followed": 1,
            "blind": 1,
            "blind_followed": 0,
            "median_latency_ms": 400.0,
            "median_followed_latency_ms": 400.0,
        }
    ]
