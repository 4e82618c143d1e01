"""A session's story read from the warehouse and explained by the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from app.components.shared.payload import event_type_names
from app.intent_names import intent_name
from app.report.neighbours import MOST_NEIGHBOURS, tell_neighbours
from app.report.pictures import SIDE_PX, jpeg_of
from app.report.story import Neighbours, Story, ToldIntent, ToldPicture
from app.theme import NEUTRAL
from app.views.explain_fields import heatmap_rows
from app.views.visitor_records import event_records, with_items
from core.errors import NotFoundError
from core.events.schema import EVENT_COLUMNS
from core.intents.change_points import change_points
from core.intents.taxonomy import load_taxonomy
from core.registry.models import get_model
from core.store.event_queries import session_events, visitor_context
from core.store.item_queries import items as read_items
from core.store.timeline_queries import current_labels
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.explain.lessons.lessons import Lessons
    from core.explain.words import EventWords
    from core.model.scorer import SessionScorer

MOST_PICTURES = 3
LEAST_MOVED = 0.0005
"""A picture that moves the answer by less, hidden as a whole or by squares, is not shown."""
MOST_WORDS = 3
"""Texts told word by word: those whose text cell counts most."""
_NAMED = 5


@dataclass(frozen=True)
class Wanted:
    """What a report is of; without event the session's last, without intent the likeliest there."""

    session_id: str
    event_id: str | None = None
    intent: str | None = None
    against: str | None = None
    method: str = "integrated_gradients"
    thorough: bool = False


def read_story(
    warehouse: Warehouse, scorer: "SessionScorer", wanted: Wanted, lessons: "Lessons | None" = None
) -> Story:
    """Everything a report tells, in the language that is spoken.

    Args:
        lessons: the labelled sessions that taught the model, where they were read.

    Raises:
        NotFoundError: there is no such session, event of it, or method.
        UnknownIntentError: the model does not know an intent.
    """
    from core.explain.contrast import explain  # torch and captum, only once someone asks why

    session = session_events(warehouse, wanted.session_id)
    event_id = _event_of(session, wanted)
    visitor_id = str(session["visitor_id"].iloc[0])
    media = warehouse.settings.media_folder
    whole = visitor_context(warehouse, visitor_id, str(session["event_id"].iloc[-1]))
    scores = pd.DataFrame(scorer.score(whole[list(EVENT_COLUMNS)], _items(warehouse, whole), media))
    scores.index = whole["event_id"]
    of_session = scores.reindex(session["event_id"])
    past = visitor_context(warehouse, visitor_id, event_id)[list(EVENT_COLUMNS)]
    items = _items(warehouse, past)
    intent = wanted.intent or scorer.intents[int(scores.loc[event_id].to_numpy().argmax())]
    heatmap = explain(
        scorer,
        past,
        items,
        media,
        event_id=event_id,
        intent=intent,
        against=wanted.against,
        method=wanted.method,
        thorough=wanted.thorough,
    )
    count = len(heatmap.event_ids)
    readings = pd.DataFrame(scorer.featurizer.readings(past, items)).tail(count)
    told = [{str(name): float(value) for name, value in row.items()} for row in readings.to_dict("records")]
    return Story(
        session_id=wanted.session_id,
        visitor_id=visitor_id,
        events=event_records(session),
        intents=_intents(warehouse, scorer.intents),
        probabilities=[[] if row.isna().any() else row.tolist() for _, row in of_session.iterrows()],
        changes=change_points(of_session.to_numpy(), session["session_id"].tolist()),
        heatmap=heatmap,
        rows=heatmap_rows(with_items(past.tail(count), items), heatmap.fields, event_type_names(), told),
        words=_words(scorer, past, items, media, heatmap, wanted.against),
        pictures=pictures_of(scorer, past, items, media, heatmap, wanted.against),
        labels=current_labels(warehouse, [wanted.session_id]),
        card=get_model(warehouse, scorer.model_id).card,
        made_at=warehouse.clock(),
        against=wanted.against,
        neighbours=_neighbours(warehouse, lessons, (past, items, media), intent, wanted),
    )


def _neighbours(
    warehouse: Warehouse,
    lessons: "Lessons | None",
    inputs: tuple[pd.DataFrame, pd.DataFrame, Path],
    intent: str,
    wanted: Wanted,
) -> Neighbours | None:
    if lessons is None:
        return None
    evidence = lessons.ask(
        *inputs,
        intent=intent,
        against=wanted.against,
        most=MOST_NEIGHBOURS,
        without_session=wanted.session_id,
    )
    return tell_neighbours(warehouse, evidence)


def _event_of(session: pd.DataFrame, wanted: Wanted) -> str:
    if session.empty:
        raise NotFoundError(f"There is no session '{wanted.session_id}'; the Sessions page lists those there are.")
    event_ids = session["event_id"].tolist()
    if wanted.event_id is not None and wanted.event_id not in event_ids:
        named = ", ".join(event_ids[-_NAMED:])
        raise NotFoundError(
            f"The session '{wanted.session_id}' has no event '{wanted.event_id}'; its last ones are {named}."
        )
    return str(wanted.event_id or event_ids[-1])


def _words(
    scorer: "SessionScorer",
    past: pd.DataFrame,
    items: pd.DataFrame,
    media: Path,
    heatmap: "Heatmap",
    against: str | None,
) -> "list[EventWords]":
    """Of the events whose text counts most; none where the method tells no fields apart or the model reads no text."""
    from core.explain.words import explain_words

    if "text" not in heatmap.fields or heatmap.kind == "curiosity":
        return []
    text = heatmap.values[:, heatmap.fields.index("text")]
    found: list[EventWords] = []
    for place in sorted(range(len(text)), key=lambda place: -abs(float(text[place]))):
        if len(found) == MOST_WORDS or not text[place]:
            break
        event_id = heatmap.event_ids[place]
        try:
            asked = (scorer, past, items, media)
            found.append(explain_words(*asked, event_id=event_id, intent=heatmap.intent, against=against))
        except NotFoundError:  # an event without a text counts too: that there is none
            continue
    return found


def pictures_of(
    scorer: "SessionScorer",
    past: pd.DataFrame,
    items: pd.DataFrame,
    media: Path,
    heatmap: "Heatmap",
    against: str | None,
) -> list[ToldPicture]:
    """Of the events whose picture counts most, each picture once; none where the model reads none."""
    from core.explain.regions import explain_regions
    from core.model.image_encoder import read_picture

    if "image" not in heatmap.fields or heatmap.kind == "curiosity":
        return []
    image = heatmap.values[:, heatmap.fields.index("image")]
    found: dict[str, ToldPicture] = {}
    known = items.drop_duplicates("item_id").set_index("item_id")
    item_of = past.set_index("event_id")["item_id"]
    seen: set[str] = set()
    for place in sorted(range(len(image)), key=lambda place: -abs(float(image[place]))):
        event_id = heatmap.event_ids[place]
        item_id = item_of[event_id]
        if len(found) == MOST_PICTURES or not image[place]:
            break
        if pd.isna(item_id) or item_id not in known.index or item_id in seen:
            continue
        seen.add(item_id)
        try:
            asked = (scorer, past, items, media)
            regions = explain_regions(*asked, event_id=event_id, intent=heatmap.intent, against=against)
        except NotFoundError:  # the item has no picture, or none that can be read
            continue
        moved = max(float(abs(regions.values).max()), abs(regions.value - regions.value_hidden))
        picture = read_picture(media / regions.image, SIDE_PX)
        if picture is not None and moved >= LEAST_MOVED:
            title = known.loc[item_id, "title"]
            found[item_id] = ToldPicture(regions, jpeg_of(picture), "" if pd.isna(title) else str(title))
    return list(found.values())


def _intents(warehouse: Warehouse, known: Sequence[str]) -> list[ToldIntent]:
    told = {
        intent.id: ToldIntent(intent.id, intent_name(intent), intent.color, intent.color_dark)
        for intent in load_taxonomy(warehouse, inactive=True)
    }
    others = {intent: ToldIntent(intent, intent, NEUTRAL, NEUTRAL) for intent in known if intent not in told}
    return [*((told | others)[intent] for intent in known), *(told[name] for name in told if name not in known)]


def _items(warehouse: Warehouse, events: pd.DataFrame) -> pd.DataFrame:
    return read_items(warehouse, events["item_id"].dropna().unique().tolist())
