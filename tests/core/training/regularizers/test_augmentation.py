"""Augmented events stay the same kind of events, and what is labeled stays in place."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.model.fields import CODE_INDEX, FIRST_ID, MISSING_ID
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.regularizers.augmentation import Augmentation, hide, reorder
from core.training.regularizers.synonyms import Synonyms
from core.training.snapshot import read_snapshot
from tests.core.model.shop import make_shop
from tests.core.training.support import session_annotations, write_snapshot


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedEvents:
    shop = make_shop(visitors=40)
    folder: Path = tmp_path_factory.mktemp("augmentation") / "snapshot"
    snapshot = read_snapshot(write_snapshot(folder, shop, session_annotations(shop, 10)))
    return PreparedEvents(new_checkpoint(snapshot, "tiny", seed=0), snapshot)


def test_reordering_moves_free_neighbours_and_loses_none(prepared: PreparedEvents) -> None:
    batch = prepared.batch(prepared.windows)
    fixed = torch.zeros(batch.shape, dtype=torch.bool)
    fixed[:, ::5] = True
    moved = reorder(batch, ~fixed, torch.Generator().manual_seed(0))
    starts = CODE_INDEX["session_start"]
    assert not torch.equal(moved.codes, batch.codes)
    assert torch.equal(moved.codes[..., starts] > FIRST_ID, batch.codes[..., starts] > FIRST_ID)
    for before, after in zip(batch.codes, moved.codes, strict=True):
        assert sorted(map(tuple, before.tolist())) == sorted(map(tuple, after.tolist()))


def test_hidden_events_have_no_values(prepared: PreparedEvents) -> None:
    batch = prepared.batch(prepared.windows)
    chosen = batch.attention_mask & (torch.arange(batch.shape[1]) % 3 == 0)
    hidden = hide(batch, chosen)
    assert (hidden.codes[chosen] == MISSING_ID).all()
    assert torch.isnan(hidden.numbers[chosen]).all()
    assert torch.equal(hidden.codes[~chosen], batch.codes[~chosen])


def test_a_crop_never_takes_a_label_away(prepared: PreparedEvents) -> None:
    augmentation = Augmentation(0.9)
    first = np.minimum(prepared.windows.length - 1, 3)
    cropped = augmentation.crop(prepared.windows, first, np.random.default_rng(0))
    cut = cropped.start - prepared.windows.start
    assert (cut <= first).all()
    assert cut.any()
    np.testing.assert_array_equal(cropped.start + cropped.length, prepared.windows.start + prepared.windows.length)


def test_synonyms_led_to_the_same_item(prepared: PreparedEvents) -> None:
    table = prepared.table
    query, title = table.own_text, table.title
    synonyms = Synonyms(table)
    found = [text for text in range(len(table.texts)) if synonyms.of(text)]
    items = {int(text): set(title[np.flatnonzero(query[:-1] == text) + 1].tolist()) - {0} for text in set(query)}
    for text in found:
        assert all(items[text] & items[other] for other in synonyms.of(text))
