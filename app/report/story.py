"""All that a report tells, as plain values; `read_story` in reading.py finds it, page.py writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.intents.change_points import ChangePoint

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.explain.regions import PictureRegions
    from core.explain.words import EventWords

Record = Mapping[str, Any]


@dataclass(frozen=True)
class ToldIntent:
    """An intent as the reader knows it; `color` for light paper, `color_dark` for dark screens."""

    id: str
    name: str
    color: str
    color_dark: str


@dataclass(frozen=True)
class ToldPicture:
    """The picture of one event and its squares. `jpeg`: the picture itself; `title`: of its item, "" if none."""

    regions: "PictureRegions"
    jpeg: bytes
    title: str


@dataclass(frozen=True)
class Neighbours:
    """The labelled sessions beside the prediction: `lists` by kind (similar, for, against), and what they rest on.

    Each record: session_id, story (its events in words), intent (of its label now, None where that was taken back),
    annotators, taught (what the model learned), guess, probability, value (in words).
    """

    lists: Mapping[str, Sequence[Record]]
    basis: str


@dataclass(frozen=True)
class Story:
    """A session, what the model made of it, and why.

    events: records of the session's events in order (visitor_records.event_records)
    probabilities: [T][K], an event each, the intents in the order of `intents`; empty lists where not scored
    heatmap, rows: of the explained event, rows as heatmap_rows makes them, which may begin in earlier sessions
    words: of events with a text, the strongest first
    pictures: of events with a picture, the strongest first
    labels: as timeline_queries.current_labels
    card: the model's card
    neighbours: None where the labelled sessions were not read yet
    """

    session_id: str
    visitor_id: str
    events: Sequence[Record]
    intents: Sequence[ToldIntent]
    probabilities: Sequence[Sequence[float]]
    changes: Sequence[ChangePoint]
    heatmap: "Heatmap"
    rows: Sequence[Record]
    words: Sequence["EventWords"]
    labels: Sequence[Record]
    card: Record
    made_at: datetime
    against: str | None = None
    pictures: Sequence[ToldPicture] = ()
    neighbours: Neighbours | None = None

    def intent(self, intent_id: str) -> ToldIntent:
        """One by its id; one nobody knows by the id alone."""
        found = next((intent for intent in self.intents if intent.id == intent_id), None)
        return found or ToldIntent(intent_id, intent_id, "#8A94A6", "#8A94A6")
