"""A fine-tuning run keeps how it measured, and what the delivered model says of the watched sessions."""

import json
from pathlib import Path

import pandas as pd

from core.active.stopping import WATCHED_FILE
from core.model.scorer import SessionScorer
from core.training import finetune
from core.training.watched import watched_rows
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot


def test_the_delivered_model_says_it_and_the_card_tells_what_measured(tmp_path: Path) -> None:
    shop = make_shop(visitors=60)
    annotations = session_annotations(shop, 60).assign(drawn="random")
    snapshot = write_snapshot(tmp_path / "snapshot", shop, annotations)
    context = Context(Spec(snapshot, tmp_path / "model", {"size": "tiny", "recipe": "head"}))
    finetune.run(context)
    card = json.loads((tmp_path / "model" / "card.json").read_text())
    assert card["held_out"] == {"how": "random", "drawn": 60}
    assert any("drawn at random (60 are labelled)" in message for message in context.messages)
    watched = pd.read_parquet(tmp_path / "model" / WATCHED_FILE).set_index("session_id")["intent"]
    scorer = SessionScorer.load(tmp_path / "model")
    said = scorer.score(shop.events, shop.items)
    last = ~shop.events["session_id"].duplicated(keep="last").to_numpy()
    guessed = [scorer.intents[place] for place in said[last].argmax(axis=1)]
    assert watched.to_dict() == dict(zip(shop.events["session_id"][last], guessed, strict=True))


def test_the_sample_does_not_depend_on_what_else_is_there() -> None:
    shop: Shop = make_shop(visitors=80)
    some = shop.events[shop.events["visitor_id"] < "v0040"].reset_index(drop=True)
    whole = set(shop.events["session_id"].iloc[watched_rows(shop.events)])
    assert set(some["session_id"].iloc[watched_rows(some)]) == whole & set(some["session_id"])
