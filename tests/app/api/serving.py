"""The API with its gate on a real socket in this process, so that a test sees the warehouse at once."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.responses import PlainTextResponse

from app.api.application import create_api
from app.api.gate import Gate
from app.api.streams import Streams
from app.context import AppContext


@dataclass(frozen=True)
class Listening:
    """A server that listens at `url`."""

    url: str
    streams: Streams


@contextmanager
def serving(app_context: AppContext) -> Iterator[Listening]:
    """Serve until the end of the block; open streams end with it."""
    pages = PlainTextResponse("a page")
    api = create_api(app_context)
    app = Gate(pages, api=api, page_urls=["overview"], index="")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Listening(f"http://127.0.0.1:{listening.getsockname()[1]}", api.state.streams)
    api.state.streams.end()
    server.should_exit = True
    thread.join(20)
    listening.close()
