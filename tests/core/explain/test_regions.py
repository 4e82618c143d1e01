"""Regions: the patch that alone decides is where hiding hurts."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import NotFoundError
from core.explain.regions import explain_regions, squares_hidden
from core.model.scorer import SessionScorer
from tests.core.explain.planted import SQUARES, items, messages, picture_scorer

Planted = tuple[SessionScorer, list[str], list[int], Path]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    media = tmp_path_factory.mktemp("pictures")
    return *picture_scorer(media), media


def explained(planted: Planted, number: int):
    scorer, names, _, media = planted
    events = messages([""]).assign(item_id=names[number].removesuffix(".png"), text=None)
    return explain_regions(scorer, events, items(names), media, event_id="e00000", intent="support", grid=SQUARES)


def test_hiding_the_patch_that_decides_hurts_most(planted: Planted) -> None:
    patched = [number for number, square in enumerate(planted[2]) if square >= 0][:20]
    found = [int(explained(planted, number).values.argmax()) == planted[2][number] for number in patched]
    assert np.mean(found) >= 0.9
    one = explained(planted, patched[0])
    assert one.value > 0.5 > one.value_hidden
    assert one.values.max() > 0.3


def test_falls_are_what_scoring_the_hidden_picture_says(planted: Planted) -> None:
    scorer, names, squares, media = planted
    number = next(number for number, square in enumerate(squares) if square >= 0)
    told = explained(planted, number)
    events = messages([""]).assign(item_id=names[number].removesuffix(".png"), text=None)
    assert told.value == pytest.approx(float(scorer.score(events, items(names), media)[0, 1]), abs=1e-5)
    frame = told.to_frame()
    assert len(frame) == SQUARES**2
    assert frame.loc[frame["fall"].idxmax(), ["row", "column"]].tolist() == [
        squares[number] // SQUARES + 1,
        squares[number] % SQUARES + 1,
    ]


def test_an_event_without_a_picture_is_refused_in_words(planted: Planted) -> None:
    scorer, names, _, media = planted
    with pytest.raises(NotFoundError, match="has no picture"):
        explain_regions(scorer, messages(["mug"]), items(names), media, event_id="e00000", intent="support")


def test_every_square_is_hidden_once_and_nothing_else() -> None:
    picture, hidden = np.ones((3, 10, 10), np.float32), np.zeros((3, 10, 10), np.float32)
    variants = np.stack(squares_hidden(picture, hidden, 3))
    assert variants.shape == (9, 3, 10, 10)
    assert ((1 - variants).sum(axis=0) == 1).all()
