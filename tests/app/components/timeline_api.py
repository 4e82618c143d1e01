"""The API that the timeline asks, in the place of a server: hand-made events and probabilities."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

import app.components.timeline
from tests.app.components.conftest import ADDRESS, Stage
from tests.app.components.records import INTENTS, TYPES, event, texts

FOLDER = Path(app.components.timeline.__file__).parent
DAY_S = 86_400
ROW = [0.6, 0.3, 0.1]


class TimelineApi:
    """Answers for one visitor's `events`; `asked` has every question. `rows` by model: [K] an event, None unscored."""

    def __init__(self, page: Page, events: list[dict[str, Any]], **given: Any) -> None:
        self.events = events
        self.rows: dict[str, Sequence[Sequence[float] | None]] = given.get("rows", {})
        self.annotations: list[dict[str, Any]] = given.get("annotations", [])
        self.changes: list[list[str]] = given.get("changes", [])
        self.most: int = given.get("most", 10_000)
        self.broken = False
        self.asked: list[dict[str, Any]] = []
        page.route(ADDRESS + "v1/timeline/*", self._answer)

    def _answer(self, route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        self.asked.append(body)
        if self.broken:
            route.fulfill(status=503, json={"error": {"code": "no_model", "message": "The disk is full."}})
        else:
            route.fulfill(json=self._scores(body) if "model_id" in body else self._window(body))

    def _window(self, body: dict[str, Any]) -> dict[str, Any]:
        start, end = self._range(body)
        found = self.events[start:end]
        columns = {name: [one.get(name) for one in found] for name in (found[0] if found else ())}
        more = {"earlier": start > 0, "later": end < len(self.events)}
        return {"events": columns, "count": len(found), "annotations": self.annotations} | more

    def _range(self, body: dict[str, Any]) -> tuple[int, int]:
        places = {one["event_id"]: at for at, one in enumerate(self.events)}
        if body.get("before"):
            end = places[body["before"]]
            return max(0, end - self.most), end
        if body.get("after"):
            start = places[body["after"]] + 1
            return start, min(len(self.events), start + self.most)
        if body.get("at_ms"):
            middle = sum(one["t"] < body["at_ms"] for one in self.events)
            start = max(0, min(middle - self.most // 2, len(self.events) - self.most))
            return start, min(len(self.events), start + self.most)
        return max(0, len(self.events) - self.most), len(self.events)

    def _scores(self, body: dict[str, Any]) -> dict[str, Any]:
        rows = self.rows.get(body["model_id"]) or [ROW] * len(self.events)
        found = [
            (one["event_id"], row)
            for one, row in zip(self.events, rows, strict=True)
            if row is not None and body["from_ms"] <= one["t"] <= body["to_ms"]
        ]
        values = [round(10_000 * value) for _, row in found for value in row]
        ids = [event_id for event_id, _ in found]
        return {"event_ids": ids, "values": values, "changes": self.changes, "scored_now": False}


def timeline_data(events: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    """What the Visitor page gives the timeline; `view` fills in what the address says."""
    view = dict.fromkeys(("session", "event", "until", "scale", "model", "model2", "lit"), "") | {
        "from": None,
        "to": None,
    }
    known = {
        "visitor": "v1",
        "person": False,
        "marks": {},
        "language": "en",
        "texts": texts("timeline"),
        "types": TYPES,
        "intents": INTENTS,
        "retired": [],
        "models": [{"id": "m1", "name": "m1"}, {"id": "m2", "name": "m2"}],
        "champion": "m1",
        "days": [],
        "total": len(events),
        "post": {"events": "/v1/timeline/events", "scores": "/v1/timeline/scores", "token": "token"},
        "links": {"explain": "/explain", "label": "/label"},
        "stamp": "1",
    }
    return known | values | {"view": view | values.get("view", {})}


def three_sessions() -> list[dict[str, Any]]:
    """Sessions s0, s1, s2 of four events, a minute between events and a day between sessions."""
    return [
        event(f"{day}.{number}", f"s{day}", day * DAY_S + number * 60, title=f"Mug {day}.{number}", cart_value=0)
        for day in range(3)
        for number in range(4)
    ]


def settled(stage: Stage) -> None:
    """Wait until everything asked for has been answered and the view rests."""
    stage.page.locator(".timeline:not([data-busy])[data-rested]").wait_for()


@contextmanager
def resting(stage: Stage) -> Iterator[None]:
    """Do what changes the view, then wait until it has come to rest anew."""
    rested = stage.page.locator(".timeline").get_attribute("data-rested")
    yield
    stage.page.locator(f".timeline:not([data-busy]):not([data-rested='{rested}'])").wait_for()
