"""Scoring by theory: the cache changes nothing, padding changes nothing, the future changes nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.errors import BrokenCheckpointError
from core.model.checkpoint import save_checkpoint
from core.model.scorer import SessionScorer
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop

TOLERANCE = 1e-5


def _longest_visitor(shop: Shop) -> pd.DataFrame:
    visitor = shop.events["visitor_id"].value_counts().idxmax()
    return shop.events[shop.events["visitor_id"] == visitor]


def test_probabilities_sum_to_one_in_the_order_of_rows(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    probabilities = scorer.score(shop.events, shop.items, media)
    assert probabilities.shape == (len(shop.events), len(scorer.intents))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)


def test_rows_may_come_in_any_order(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    shuffled = shop.events.sample(frac=1.0, random_state=1)
    expected = scorer.score(shop.events, shop.items, media)[shuffled.index]
    np.testing.assert_allclose(scorer.score(shuffled, shop.items, media), expected, atol=TOLERANCE)


def test_incremental_steps_equal_the_full_pass_over_several_windows(
    scorer: SessionScorer, shop: Shop, media: Path
) -> None:
    events = _longest_visitor(shop)
    events = pd.concat([events, events.assign(occurred_at=events["occurred_at"] + pd.Timedelta(days=30))])
    events = events.assign(event_id=[f"n{row:05}" for row in range(len(events))])
    assert len(events) > 2 * scorer.model.config.max_events, "the stream must outgrow a window twice"
    steps = scorer.follow(scorer.start(), events, shop.items, media)
    np.testing.assert_allclose(steps, scorer.score(events, shop.items, media), atol=TOLERANCE)


def test_neighbours_in_the_batch_change_nothing(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    together = scorer.score(shop.events, shop.items, media)
    for _, alone in list(shop.events.groupby("visitor_id"))[:5]:
        np.testing.assert_allclose(scorer.score(alone, shop.items, media), together[alone.index], atol=TOLERANCE)


def test_later_events_never_change_earlier_outputs(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    events = _longest_visitor(shop)
    whole = scorer.score(events, shop.items, media)
    for length in (1, 3, len(events) // 2, len(events) - 1):
        part = scorer.score(events.iloc[:length], shop.items, media)
        np.testing.assert_allclose(part, whole[:length], atol=TOLERANCE)


def test_the_states_asked_for_belong_to_their_events(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    wanted = (~shop.events["session_id"].duplicated(keep="last")).to_numpy()
    probabilities, states = scorer.score_and_embed(shop.events, shop.items, wanted, media)
    assert states.shape == (wanted.sum(), scorer.model.config.hidden_size)
    with torch.inference_mode():
        forecast = scorer.model.next_event.forecast(torch.from_numpy(states))
        read = scorer.probabilities(scorer.model.intent_head(forecast)).numpy()
    np.testing.assert_allclose(read, probabilities[wanted], atol=TOLERANCE)
    shuffled = shop.events.assign(wanted=wanted).sample(frac=1.0, random_state=1)
    _, again = scorer.score_and_embed(shuffled, shop.items, shuffled["wanted"].to_numpy(), media)
    place = pd.Series(range(int(wanted.sum())), index=shop.events.index[wanted])
    np.testing.assert_allclose(again, states[place[shuffled.index[shuffled["wanted"]]]], atol=TOLERANCE)


def test_unknown_values_are_answered(scorer: SessionScorer, shop: Shop) -> None:
    strange = _longest_visitor(shop).assign(
        event_type="teleport", item_id="never-seen", category="未知 > x", brand="?", price=np.nan, query="\x07🛸" * 90
    )
    assert np.isfinite(scorer.score(strange, shop.items, Path("/nowhere"))).all()


def test_a_shop_without_items_is_answered(scorer: SessionScorer, shop: Shop) -> None:
    probabilities = scorer.score(shop.events, shop.items.iloc[:0])
    assert np.isfinite(probabilities).all()


def test_no_events_give_no_rows(scorer: SessionScorer, shop: Shop) -> None:
    assert scorer.score(shop.events.iloc[:0], shop.items).shape == (0, 3)


def test_progress_reaches_the_total(scorer: SessionScorer, shop: Shop) -> None:
    seen: list[tuple[int, int]] = []
    scorer.score(shop.events, shop.items, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(shop.events), len(shop.events))


def test_the_explained_batch_gives_the_scored_probabilities(scorer: SessionScorer, shop: Shop, media: Path) -> None:
    events = _longest_visitor(shop).iloc[:10]
    batch = scorer.batch(events, shop.items, media)
    fields = scorer.model.encode_fields(batch).requires_grad_(True)
    logits = scorer.model(field_embeddings=fields, attention_mask=batch.attention_mask).intent_logits
    logits[0, -1, 0].backward()
    expected = scorer.score(events, shop.items, media)
    np.testing.assert_allclose(scorer.probabilities(logits)[0].detach().numpy(), expected, atol=TOLERANCE)
    assert fields.grad is not None
    assert fields.grad.abs().sum() > 0


def test_a_saved_model_scores_the_same(shop: Shop, media: Path, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(shop)
    expected = SessionScorer(checkpoint).score(shop.events, shop.items, media)
    save_checkpoint(checkpoint, tmp_path)
    scorer = SessionScorer.load(tmp_path)
    assert scorer.model_id == "test-model"
    np.testing.assert_array_equal(scorer.score(shop.events, shop.items, media), expected)


def test_a_pretrained_model_is_refused(shop: Shop, tmp_path: Path) -> None:
    save_checkpoint(make_checkpoint(shop, intents=()), tmp_path)
    with pytest.raises(BrokenCheckpointError, match="only pretrained"):
        SessionScorer.load(tmp_path)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json", "vocabulary.json", "card.json"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_folder_is_named(shop: Shop, tmp_path: Path, file: str, damage: str) -> None:
    save_checkpoint(make_checkpoint(shop), tmp_path)
    path = tmp_path / file
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BrokenCheckpointError, match=r"(again|choose another)"):
        SessionScorer.load(tmp_path)
