"""Questions to the live tracker that nobody answers in time."""

import pytest

from core.errors import NoModelError
from core.realtime import live_tracker
from core.realtime.live_tracker import LiveTracker
from core.realtime.updates import Updates
from core.store.warehouse import Warehouse


def test_a_tracker_that_is_far_behind_is_no_model_and_no_failure(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_tracker, "ANSWER_WITHIN_S", 0.05)
    behind = LiveTracker(warehouse, Updates(), lambda: None, media=None)  # not started: it takes no question
    with pytest.raises(NoModelError, match="behind"):
        behind.intent_of("v-1")
