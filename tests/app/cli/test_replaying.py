"""`intentlens replay` asks a running server, in its words and ours."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from core.settings import Settings
from core.store.replay_queries import replayed
from tests.app.cli.calling import call, error_of, told
from tests.browser.server import free_port


@pytest.fixture
def running(settings: Settings) -> Iterator[tuple[AppContext, str]]:
    """A started context behind a real socket, and its address."""
    started = start_context(replace(settings, home=settings.home / "served"))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_api(started), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield started, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
    close_context()


def test_a_replay_is_started_and_removed(running: tuple[AppContext, str], settings: Settings) -> None:
    app_context, url = running
    begun = told(call(settings.home, "replay", "--speed", "0", "--end", "2026-08-25T00:00:00", "--url", url, "--json"))
    assert begun["state"] in {"running", "finished"}
    app_context.replays.wait(60)
    assert replayed(app_context.warehouse).events == begun["total"] > 0
    assert "were removed" in call(settings.home, "replay", "--remove", "--url", url).stdout
    assert replayed(app_context.warehouse).events == 0
    refused = error_of(call(settings.home, "replay", "--source", "stored", "--url", url, "--json"))
    assert "no events to replay" in refused["message"]


def test_no_server_is_said_with_the_address_and_the_cure(settings: Settings) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    message = error_of(call(settings.home, "replay", "--url", address, "--json"))["message"]
    assert address in message
    assert "intentlens serve" in message
