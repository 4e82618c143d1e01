"""What some sessions and events are labelled as by now, and by whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.intents.adjudication import Target
from core.store.timeline_queries import Record, current_labels
from core.store.warehouse import Warehouse

_DECIDING = ("submitted", "gold")


@dataclass(frozen=True)
class LabelNow:
    """The deciding label of a target.

    intent: gold where there is any, else what most annotators say, the earliest where they tie; None where the label
    was taken back. annotators: who say so. target: what was labelled, the event where it has a label of its own.
    """

    target: Target
    intent: str | None
    annotators: tuple[str, ...]
    is_gold: bool = False


def labels_now(warehouse: Warehouse, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], LabelNow]:
    """The label of each (session_id, event_id): the event's own, else its session's."""
    rows = [
        row
        for row in current_labels(warehouse, [session_id for session_id, _ in places])
        if row["status"] in _DECIDING and row["intent"] is not None
    ]
    return {place: _label(place, rows) for place in places}


def _label(place: tuple[str, str], rows: Sequence[Record]) -> LabelNow:
    session_id, event_id = place
    of_session = [row for row in rows if row["session_id"] == session_id]
    own = [row for row in of_session if row["event_id"] == event_id]
    target = Target("event", session_id, event_id) if own else Target("session", session_id, None)
    said = own or [row for row in of_session if row["event_id"] is None]
    gold = [row for row in said if row["status"] == "gold"]
    if not said:
        return LabelNow(target, None, ())
    intent = gold[-1]["intent"] if gold else Counter(row["intent"] for row in said).most_common(1)[0][0]
    by = dict.fromkeys(str(row["annotator"]) for row in (gold or said) if row["intent"] == intent)
    return LabelNow(target, str(intent), tuple(by), bool(gold))
