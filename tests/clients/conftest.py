"""The API with its gate on a real socket in this process, so that the test sees the warehouse at once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
import pytest

from app.api.streams import Streams
from app.context import AppContext, close_context, start_context
from core.settings import Settings
from core.store.frames import read_frame
from core.store.session_queue import settle_sessions
from tests.app.api.serving import serving

TIMEOUT_S = 60


def _sleep_ms(milliseconds: float) -> None:
    time.sleep(milliseconds / 1000)


@dataclass(frozen=True)
class Collector:
    """A listening collector; `url` is what is given to a client as its host."""

    url: str
    app_context: AppContext
    streams: Streams

    def events(self) -> pd.DataFrame:
        """All events in their order, with their sessions."""
        settle_sessions(self.app_context.warehouse)
        return read_frame(self.app_context.warehouse, "SELECT * FROM events ORDER BY occurred_at, event_id")

    def wait_for_events(self, number: int, *, pause: Callable[[float], None] = _sleep_ms) -> pd.DataFrame:
        """All events, once there are so many; a moment later there are still no more."""
        deadline = time.monotonic() + TIMEOUT_S
        while len(found := self.events()) < number and time.monotonic() < deadline:
            pause(50)
        pause(200)
        assert len(found) == len(self.events()) == number
        return found


@pytest.fixture
def collector(settings: Settings) -> Iterator[Collector]:
    app_context = start_context(settings)
    app_context.starter.wait(60)
    with serving(app_context) as server:
        yield Collector(server.url, app_context, server.streams)
    close_context()
