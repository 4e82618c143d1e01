"""The server process: one port for pages and API, clear words when it cannot start, a clean end."""

import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.navigation import PAGES
from app.server import address_of, serve
from core.errors import ServerAddressError, WarehouseBusyError
from core.settings import Settings
from core.store.overview_queries import totals
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed
from tests.app.api.process import ServerProcess
from tests.browser.server import free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("server") / "home").start()
    yield server
    server.end()


def fetch(url: str, body: object = None) -> tuple[int, str, str]:
    """Status, content type and text of an answer, errors included."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=60) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read().decode(errors="replace")


def test_every_page_and_what_it_loads_is_there(server: ServerProcess) -> None:
    status, kind, index = fetch(server.url)
    assert (status, kind) == (200, "text/html")
    assert {fetch(f"{server.url}/{page.url}")[0] for page in PAGES} == {200}
    files = re.findall(r'(?:src|href)="\./((?:static|favicon)[^"]*)"', index)
    assert files
    assert {fetch(f"{server.url}/{file}")[0] for file in files} == {200}
    assert {fetch(f"{server.url}/_stcore/{name}")[0] for name in ("health", "host-config")} == {200}


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/v1/typo", "/overview/more", "/healthz/x", "/v1/track/1", "/.env"]
)
def test_an_unknown_path_is_a_404_in_json_and_no_page(path: str, server: ServerProcess) -> None:
    status, kind, text = fetch(server.url + path)
    assert (status, kind) == (404, "application/json")
    assert json.loads(text)["error"]["code"] == "not_found"


def test_a_page_knows_its_server_so_that_deep_links_do_not_search_for_it(server: ServerProcess) -> None:
    _, _, index = fetch(f"{server.url}/label")
    assert index.count("<head><script>window.__streamlit={BACKEND_BASE_URL:location.origin}</script>") == 1


def test_the_default_page_has_one_address_and_keeps_its_question(server: ServerProcess) -> None:
    with urllib.request.urlopen(f"{server.url}/{PAGES[0].url}?start=2026-05-04", timeout=60) as answer:
        assert answer.url == f"{server.url}/?start=2026-05-04"


def test_an_event_over_the_socket_is_stored_and_without_a_model_intent_is_a_clear_503(server: ServerProcess) -> None:
    assert fetch(f"{server.url}/v1/track", viewed(1))[0] == 200
    status, _, text = fetch(f"{server.url}/v1/visitors/v-1/intent")
    assert (status, json.loads(text)["error"]["code"]) == (503, "no_model")
    assert fetch(f"{server.url}/v1/visitors/nobody/intent")[0] == 404
    assert fetch(f"{server.url}/readyz")[0] == 200


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_a_signal_ends_it_cleanly_and_gives_the_data_folder_back(number, code, tmp_path) -> None:
    server = ServerProcess(tmp_path / "home").start()
    assert fetch(f"{server.url}/v1/track", viewed(1))[0] == 200
    assert server.end(number) == code
    assert server.url in server.log()
    assert "Traceback" not in server.log()
    assert not (server.home / "warehouse.owner.json").exists()
    warehouse = Warehouse.open(Settings(home=server.home))
    assert totals(warehouse).events == 1
    warehouse.close()


def test_the_first_answer_comes_before_any_heavy_library_is_loaded(server: ServerProcess) -> None:
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("no /proc here")
    assert "libtorch" not in maps.read_text(encoding="utf-8")


def test_a_busy_port_is_named_with_the_cure(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerAddressError, match=rf"port {port}.*--port"):
            serve(Settings(home=settings.home, port=port))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_a_host_that_is_not_ours_is_named(host: str, settings: Settings) -> None:
    with pytest.raises(ServerAddressError, match=host):
        serve(Settings(home=settings.home, host=host, port=free_port(), api_key="key"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_a_server_open_to_others_needs_a_key(host: str, settings: Settings) -> None:
    with pytest.raises(ServerAddressError, match="INTENTLENS_API_KEY"):
        serve(Settings(home=settings.home, host=host, port=0))
    assert not settings.home.exists()


def test_a_data_folder_in_use_is_named(server: ServerProcess) -> None:
    with pytest.raises(WarehouseBusyError, match=str(server.process.pid)):
        serve(Settings(home=server.home, port=free_port()))


def test_the_address_shown_is_one_to_open_here() -> None:
    assert address_of("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert address_of("::1", 80) == "http://[::1]:80"
    assert address_of("localhost", 80) == "http://localhost:80"


@pytest.mark.alone
def test_the_first_answer_comes_soon(tmp_path) -> None:
    server = ServerProcess(tmp_path / "home").start()
    seconds = time.monotonic() - server.started_at
    server.end()
    assert seconds < 15  # about 2 s on an idle machine; this only catches what hangs
