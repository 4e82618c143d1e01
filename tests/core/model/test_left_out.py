"""Fields that a model must not read change nothing, in batch and live alike."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidSettingError
from core.model.checkpoint import load_checkpoint, save_checkpoint
from core.model.featurizer import Featurizer
from core.model.fields import CODE_INDEX, MISSING_ID, NUMBER_INDEX
from core.model.left_out import NAMES, names_in
from core.model.scorer import SessionScorer
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop


def _scorer_without(shop: Shop, *names: str) -> SessionScorer:
    checkpoint = make_checkpoint(shop)
    checkpoint.featurizer = Featurizer.fit(shop.events, shop.items, names)
    return SessionScorer(checkpoint)


def test_what_is_left_out_cannot_change_the_answer(shop: Shop, media: Path) -> None:
    scorer = _scorer_without(shop, "text", "image", "price", "country")
    other_words = shop.events["query"].where(shop.events["query"].isna(), "else " + shop.events["query"].astype(str))
    changed = shop.events.assign(query=other_words, price=7.0, country="XX")
    items = shop.items.assign(title="other words", image=None, price=1.0)
    np.testing.assert_array_equal(scorer.score(shop.events, shop.items, media), scorer.score(changed, items, media))
    read = _scorer_without(shop)
    assert not np.allclose(read.score(shop.events, shop.items, media), read.score(changed, items, media))


def test_live_steps_leave_out_the_same(shop: Shop, media: Path) -> None:
    scorer = _scorer_without(shop, "text", "image", "gap", "device")
    events = shop.events[shop.events["visitor_id"] == "v0001"]
    steps = scorer.follow(scorer.start(), events, shop.items, media)
    np.testing.assert_allclose(steps, scorer.score(events, shop.items, media), atol=1e-5)


def test_a_field_takes_its_columns_along_and_a_column_only_itself(shop: Shop) -> None:
    field = Featurizer.fit(shop.events, shop.items, ("device",)).transform(shop.events, shop.items)
    column = Featurizer.fit(shop.events, shop.items, ("country", "relative_price")).transform(shop.events, shop.items)
    assert (field.codes[:, CODE_INDEX["device"]] == MISSING_ID).all()
    assert (column.codes[:, CODE_INDEX["device"]] != MISSING_ID).any()
    assert np.isnan(column.numbers[:, NUMBER_INDEX["relative_price"]]).all()
    assert not np.isnan(column.numbers[:, NUMBER_INDEX["price"]]).all()


def test_a_saved_model_goes_on_leaving_out(shop: Shop, media: Path, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(shop)
    checkpoint.featurizer = Featurizer.fit(shop.events, shop.items, ("text",))
    save_checkpoint(checkpoint, tmp_path)
    loaded = load_checkpoint(tmp_path)
    assert loaded.featurizer.vocabulary.left_out == ("text",)
    assert loaded.featurizer.transform(shop.events, shop.items).texts == ("",)


def test_names_are_checked(shop: Shop) -> None:
    assert names_in(" country,text ,, country") == ("country", "text")
    assert "event_type" not in NAMES
    for name in ("event_type", "shoe_size"):
        with pytest.raises(InvalidSettingError, match=f"'{name}'"):
            Featurizer.fit(shop.events, shop.items, (name,))
