"""The weights laid out for steps answer as the model does, also behind a learned prefix and for ragged groups."""

import numpy as np
import pytest
import torch

from core.model.fused import FusedModel
from core.model.row_batch import RowBatch
from core.model.scorer import SessionScorer
from core.model.stream import VisitorStream
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop

TOLERANCE = 2e-6


@pytest.fixture(params=[0, 3], ids=["plain", "prefix"])
def prefixed(request: pytest.FixtureRequest, shop: Shop) -> SessionScorer:
    """A scorer whose model begins each window with so many learned events."""
    checkpoint = make_checkpoint(shop)
    if request.param:
        checkpoint.model.config.prefix_events = request.param
        checkpoint.model.set_prefix(0.5 * torch.randn(checkpoint.model.config.prefix_shape()))
    return SessionScorer(checkpoint)


def test_event_vectors_are_the_models(scorer: SessionScorer, shop: Shop, media) -> None:
    batch = scorer.batch(shop.events[shop.events["visitor_id"] == "v0001"], shop.items, media)
    with torch.inference_mode():
        expected = scorer.model.event_encoder.combine(scorer.model.encode_fields(batch))
    vectors = FusedModel(scorer.model).encoder.vectors(RowBatch.of(batch))
    np.testing.assert_allclose(vectors, expected[0].numpy(), atol=1e-5)


def test_streams_of_any_length_step_together_as_each_would_alone(prefixed: SessionScorer, shop: Shop) -> None:
    scores = prefixed.score(shop.events, shop.items)
    known = {item["item_id"]: item for item in shop.items.to_dict("records")}
    random = np.random.default_rng(0)
    rows = {str(visitor): list(of_visitor.index) for visitor, of_visitor in shop.events.groupby("visitor_id")}
    records = shop.events.to_dict("records")
    streams = {visitor: prefixed.start() for visitor in rows}
    read = dict.fromkeys(rows, 0)
    while any(read[visitor] < len(rows[visitor]) for visitor in rows):
        going = [visitor for visitor in rows if read[visitor] < len(rows[visitor]) and random.random() < 0.6]
        taken = {visitor: rows[visitor][read[visitor] :][: int(random.integers(1, 25))] for visitor in going}
        featurized = [
            [
                prefixed.read(streams[visitor], records[row], known.get(records[row]["item_id"]))
                for row in taken[visitor]
            ]
            for visitor in going
        ]
        answers = prefixed.advance([streams[visitor] for visitor in going], featurized)
        for visitor, probabilities in zip(going, answers, strict=True):
            np.testing.assert_allclose(probabilities, scores[taken[visitor]], atol=TOLERANCE)
            read[visitor] += len(taken[visitor])


def test_a_step_changes_nothing_but_the_stream_that_takes_it(scorer: SessionScorer, shop: Shop) -> None:
    events = shop.events[shop.events["visitor_id"] == "v0001"].to_dict("records")
    stream = scorer.start()
    for event in events[:3]:
        scorer.step(stream, event)
    cache, fork = stream.window.cache.copy(), stream.fork()
    first = scorer.step(fork, events[3])
    np.testing.assert_array_equal(stream.window.cache, cache)
    np.testing.assert_array_equal(scorer.step(stream, events[3]), first)


def test_an_empty_stream_takes_no_memory_and_a_window_is_counted_whole(scorer: SessionScorer, shop: Shop) -> None:
    assert VisitorStream().window is None
    stream = scorer.start()
    for event in shop.events[shop.events["visitor_id"] == "v0001"].to_dict("records"):
        scorer.step(stream, event)
    window, config = stream.window, scorer.model.config
    own = config.num_hidden_layers * 2 * config.hidden_size * 4 * window.events
    assert window.cache.nbytes == own == _owned(window.cache)
    assert window.nbytes == own + len(window.recent) * config.hidden_size * 4


def _owned(array: np.ndarray) -> int:
    """Bytes that the array keeps alive, itself a view or not."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return int(array.nbytes)
