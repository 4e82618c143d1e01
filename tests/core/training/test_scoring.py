"""What a scoring job writes: a row an event, and the model's state at the last event of each session."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from core.model.scorer import SessionScorer
from core.training.scoring import is_last_of_session, write_predictions


def test_states_stand_at_the_last_event_of_their_session(tmp_path: Path) -> None:
    sessions = ["s1", "s1", "s2", None, "s3", "s3"]
    events = pd.DataFrame({"event_id": [f"e{n}" for n in range(6)], "session_id": sessions, "visitor_id": ["v"] * 6})
    last = is_last_of_session(events)
    assert last.tolist() == [False, True, True, False, False, True]
    states = np.arange(6, dtype=np.float32).reshape(3, 2)
    scorer = cast("SessionScorer", SimpleNamespace(model_id="m1", intents=("browse", "search")))
    write_predictions(tmp_path / "p.parquet", events, np.full((6, 2), 0.5, np.float32), scorer, (last, states))
    written = pq.read_table(tmp_path / "p.parquet").to_pydict()
    assert written["embedding"] == [None, [0.0, 1.0], [2.0, 3.0], None, None, [4.0, 5.0]]
    assert written["probabilities"] == [[0.5, 0.5]] * 6
    assert (written["model"][0], written["p_search"][0]) == ("m1", 0.5)
