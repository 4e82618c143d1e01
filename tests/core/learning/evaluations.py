"""What a model said of held-out sessions, as fine-tuning writes it; made up, so that the gate's word is known."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.training.held_out import EVALUATION_FILE, write_answers
from tests.core.store.rows import START

SESSIONS = 40


def write_evaluation(folder: Path, sure: float) -> Path:
    """The file, of two intents; `sure`: the probability of the right one."""
    names = ["browse", "search"]
    right = np.arange(SESSIONS) % 2
    said = np.where(np.arange(2)[None] == right[:, None], sure, 1 - sure).astype(np.float32)
    frame = pd.DataFrame(
        {
            "event_id": [f"held-{n}" for n in range(SESSIONS)],
            "session_id": [f"session-{n}" for n in range(SESSIONS)],
            "visitor_id": [f"visitor-{n}" for n in range(SESSIONS)],
            "occurred_at": START,
            "place": 1,
            "session_events": 1,
            "answer": [names[n] for n in right],
            "answer_kind": "session",
            "session_answer": [names[n] for n in right],
        }
    )
    write_answers(folder, frame, dict.fromkeys(("model", "base_rate", "kgram", "trees"), said), ("browse", "search"))
    return folder / EVALUATION_FILE
