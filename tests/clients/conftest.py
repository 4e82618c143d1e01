"""The API with its gate on a real socket in this process, so that the test sees the warehouse at once."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.api.application import create_api
from app.api.gate import Gate
from app.api.streams import Streams
from app.context import AppContext, close_context, start_context
from core.settings import Settings
from core.store.frames import read_frame
from core.store.session_queue import settle_sessions

TIMEOUT_S = 20


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
    app_context.starter.wait(20)
    pages = PlainTextResponse("a page")
    api = create_api(app_context)
    app = Gate(pages, api=api, page_urls=["overview"], index="")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Collector(f"http://127.0.0.1:{listening.getsockname()[1]}", app_context, api.state.streams)
    api.state.streams.end()
    server.should_exit = True
    thread.join(20)
    listening.close()
    close_context()
