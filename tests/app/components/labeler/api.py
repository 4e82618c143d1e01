"""The server's side of the labeler, as its tests stand in for it."""

import json
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

import app.components.labeler

FOLDER = Path(app.components.labeler.__file__).parent


class Api:
    """The server's side of POST /v1/labels and its cards: keeps what came, and answers as the test says."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status: int | None = 200  # None: nobody answers
        self.refused: dict[str, str] = {}
        self.posts: list[list[dict[str, Any]]] = []
        self.cards: list[dict[str, Any]] | None = None  # None: the desk is not known
        self.asked: list[dict[str, Any]] = []
        page.route("**/v1/labels", self._answer)
        page.route("**/v1/labels/cards", self._bring)

    def _bring(self, route: Route) -> None:
        self.asked.append(json.loads(route.request.post_data or "{}"))
        if self.cards is None:
            route.fulfill(status=404, json={"error": {"code": "not_found", "message": "There is no open desk."}})
        else:
            route.fulfill(json={"cards": self.cards, "exhausted": not self.cards})

    def _answer(self, route: Route) -> None:
        operations = json.loads(route.request.post_data or "{}")["operations"]
        self.posts.append(operations)
        if self.status is None:
            route.abort()
        elif self.status != 200:
            route.fulfill(status=self.status, json={"error": {"code": "no", "message": "The disk is full."}})
        else:
            acknowledged = [operation["client_id"] for operation in operations]
            route.fulfill(json={"acknowledged": acknowledged, "refused": self.refused, "progress": {}})

    def operations(self, count: int) -> list[dict[str, Any]]:
        """Every operation that ever came, once each and in its order, once `count` of them are here."""
        deadline = time.monotonic() + 30
        while len(self._distinct()) < count and time.monotonic() < deadline:
            self.page.wait_for_timeout(10)
        assert len(self._distinct()) == count
        return sorted(self._distinct().values(), key=lambda operation: operation["sequence"])

    def _distinct(self) -> dict[str, dict[str, Any]]:
        return {operation["client_id"]: operation for post in self.posts for operation in post}


def kinds(api: Api, count: int) -> list[tuple[str, str, str | None]]:
    return [(each["kind"], each["session_id"], each.get("intent")) for each in api.operations(count)]
