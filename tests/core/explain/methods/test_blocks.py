"""Events of a long session taken together."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explain.methods.method import blocks_of, shared_out


@settings(deadline=None)
@given(st.integers(1, 600), st.integers(2, 80))
def test_blocks_part_the_events_in_order_and_end_in_single_ones(events: int, most: int) -> None:
    blocks = blocks_of(events, most)
    assert len(blocks) == min(events, most)
    assert (blocks.sum(dim=0) == 1).all()
    owner = blocks.int().argmax(dim=0)
    assert (owner.diff() >= 0).all()
    sizes = blocks.sum(dim=1)
    assert (sizes >= 1).all()
    assert (sizes[len(sizes) - len(sizes) // 2 :] == 1).all()
    early = sizes[: len(sizes) - len(sizes) // 2]
    assert early.max() - early.min() <= 1 or events <= most


@settings(deadline=None)
@given(st.integers(3, 300))
def test_shares_of_a_block_add_up_to_it(events: int) -> None:
    blocks = blocks_of(events, 10)
    values = torch.arange(1.0, len(blocks) + 1)[:, None]
    shared = torch.from_numpy(shared_out(values, blocks))
    torch.testing.assert_close(blocks.float() @ shared, values, rtol=1e-4, atol=1e-4)
