"""The map's points as its component wants them: bytes of places and shades, and the categories they are coloured by."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import language, t
from app.theme import NEUTRAL
from core.active.options import ScoredModel
from core.intents.annotations import journal_end
from core.intents.taxonomy import load_taxonomy
from core.projection.points import inside, session_points

COLORINGS = ("predicted", "said", "mine", "score")
MOST_DRAWN = 20_000
"""Points on the screen; an outline also takes those that are not drawn."""

_BOUNDS = (0.5, 0.7, 0.9)
_SURENESS = (("#B2182B", "#F4A582"), ("#EF8A62", "#FDDBC7"), ("#67A9CF", "#92C5DE"), ("#2166AC", "#4393C3"))
"""Below half, below 70 %, below 90 %, above: diverging, told apart by the colour-blind (ColorBrewer RdBu)."""


@dataclass(frozen=True)
class MapPoints:
    """points: session_id, x, y and `shade`, the place of its category; the rest is of the first MOST_DRAWN of them."""

    points: pd.DataFrame
    categories: list[dict[str, Any]]
    stamp: str

    @property
    def _drawn(self) -> pd.DataFrame:
        return self.points.head(MOST_DRAWN)

    @property
    def places(self) -> str:
        return _base64(self._drawn[["x", "y"]].to_numpy(dtype="<i2"))

    @property
    def shades(self) -> str:
        return _base64(self._drawn["shade"].to_numpy(dtype=np.uint8))

    @property
    def events(self) -> str:
        return _base64(self._drawn["events"].clip(upper=255).to_numpy(dtype=np.uint8))

    @property
    def session_ids(self) -> str:
        return "\n".join(self._drawn["session_id"])

    def within(self, drawn: dict[str, Any]) -> tuple[str, ...]:
        """All sessions, drawn or not, that lie within an outline and whose category is not hidden."""
        chosen = inside(drawn["outline"], self.points["x"].to_numpy(), self.points["y"].to_numpy())
        chosen &= ~np.isin(self.points["shade"].to_numpy(), drawn["hidden"])
        return tuple(self.points["session_id"].to_numpy()[chosen])


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")


def map_points(model: ScoredModel, version: int, coloring: str, annotator: str) -> MapPoints:
    """The points in the colours asked for; made anew when the map, the labels or the taxonomy change."""
    place = journal_end(context().warehouse)
    points = _points(model.model_id, version, place, annotator, model)
    intents = load_taxonomy(context().warehouse, inactive=True)
    records = intent_records(intents)
    if coloring == "score":
        categories, shade = _by_score(points["score"])
    else:
        categories, shade = _by_intent(points[coloring], records, coloring)
    stamp = f"{model.model_id}.{version}.{language()}"
    return MapPoints(points.assign(shade=shade), categories, stamp)


@st.cache_data(max_entries=8, show_spinner=False)  # type: ignore[untyped-decorator]
def _points(model_id: str, version: int, journal: int, annotator: str, _model: ScoredModel) -> pd.DataFrame:
    return session_points(context().warehouse, _model, context().maps.read(model_id), annotator)


def _by_intent(
    said: "pd.Series[Any]", records: list[dict[str, Any]], coloring: str
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Only intents that occur; what has none comes first, so that it is drawn below."""
    codes = said.map({record["id"]: place for place, record in enumerate(records)}).fillna(-1).to_numpy(dtype=np.int64)
    present = [place for place in range(len(records)) if (codes == place).any()]
    categories = [{name: records[place][name] for name in ("id", "name", "color", "color_dark")} for place in present]
    shades = {place: number for number, place in enumerate(present)}
    if (codes == -1).any():
        none = {"id": "", "name": t(f"bulk.none_{coloring}"), "color": "#C3C8D2", "color_dark": "#4A5162"}
        categories = [none, *categories]
        shades = {place: number + 1 for place, number in shades.items()} | {-1: 0}
    return categories, np.array([shades[code] for code in codes], dtype=np.uint8)


def _by_score(score: "pd.Series[Any]") -> tuple[list[dict[str, Any]], np.ndarray]:
    names = [t("bulk.score_below", share="50%"), "50–70%", "70–90%", t("bulk.score_above", share="90%")]
    categories = [
        {"id": name, "name": name, "color": light, "color_dark": dark}
        for name, (light, dark) in zip(names, _SURENESS, strict=True)
    ]
    shade = np.digitize(score.fillna(0).to_numpy(), _BOUNDS).astype(np.uint8)
    if score.isna().any():
        none = {"id": "", "name": t("bulk.none_predicted"), "color": NEUTRAL, "color_dark": NEUTRAL}
        return [*categories, none], np.where(score.isna(), len(categories), shade).astype(np.uint8)
    return categories, shade
