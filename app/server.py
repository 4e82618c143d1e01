"""The server process: Streamlit pages and the HTTP API on one port."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import click
import streamlit as st
from starlette.middleware import Middleware

from app.api.access import refuse_open_server
from app.api.application import create_api
from app.api.gate import Gate
from app.context import AppContext, close_context, start_context
from app.ending import told_of_the_end
from app.heap import freeze_heap
from app.index_page import index_page
from app.listening import send_at_once
from app.navigation import PAGES
from app.theme import streamlit_config
from core.errors import ServerAddressError
from core.settings import Settings

logger = logging.getLogger(__name__)

MAIN_PAGE = Path(__file__).resolve().parent / "main.py"
SWITCH_S = 0.0005
"""How long a thread may run Python while others wait. A label changes threads and asks DuckDB a dozen times before it
is durable, and beside a page's run it waits for this long each time; the usual 5 ms made it twice as slow."""
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - shown, not listened on


def create_app(app_context: AppContext, address: str = "", port: int | None = None) -> st.App:
    """The ASGI application over a started context; `address` is told to the person once it answers on `port`."""

    api = create_api(app_context)

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
        if port is not None:
            send_at_once(port)
        freeze_heap()
        if address:
            click.echo(f"IntentLens is at {address} (data in {app_context.settings.home}). Stop it by Ctrl+C.")
        with told_of_the_end(api.state.streams.end):
            yield {}
        await asyncio.to_thread(close_context)

    gate = Middleware(Gate, api=api, page_urls=[page.url for page in PAGES], index=index_page())
    return st.App(MAIN_PAGE, lifespan=lifespan, middleware=[gate])


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ServerAddressError: the address is busy, unknown, or reachable by others without an API key.
        WarehouseBusyError: another process owns the data folder.
    """
    refuse_open_server(settings)
    sys.setswitchinterval(SWITCH_S)
    port = _usable_port(settings.host, settings.port)
    app_context = start_context(settings)
    try:
        app = create_app(app_context, address_of(settings.host, port), port)
        with suppress(KeyboardInterrupt):  # raised again by uvicorn after its clean end
            app.run(config=_run_config(settings, port))
    finally:
        close_context()


def address_of(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    shown = _WILDCARDS.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _run_config(settings: Settings, port: int) -> dict[str, object]:
    return {
        "server.port": port,
        "server.address": settings.host,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": settings.max_upload_mb,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "runner.postScriptGC": False,  # Python collects by itself, when there is something to collect
        "logger.hideWelcomeMessage": True,
        **streamlit_config(),
    }


def _usable_port(host: str, port: int) -> int:
    """The port, or a free one for 0, after trying to listen on it.

    Raises:
        ServerAddressError: the port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
            return int(probe.getsockname()[1])
        except socket.gaierror as error:
            raise ServerAddressError(
                f"host is '{host}', expected an address of this machine such as 127.0.0.1."
            ) from error
        except OSError as error:
            raise ServerAddressError(
                f"Cannot listen on '{host}' port {port}: {error.strerror}. "
                "Stop the program that uses it, or choose another with --port or INTENTLENS_PORT."
            ) from error
