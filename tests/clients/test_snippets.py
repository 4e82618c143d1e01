"""The Collect page's snippets, run as they are printed."""

import subprocess
import sys
import time
from pathlib import Path

from app.collect_snippets import snippets
from core.clock import utc_now
from core.collect.write_keys import LOOK_EVERY_S, create_write_key
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.app.api.process import ServerProcess

RUNNERS = {"bash": ["bash", "-c"], "python": [sys.executable, "-c"]}


def test_snippets_in_shell_and_python_send_an_event_under_their_key(tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = ServerProcess(home).start()
    names, programs = [], []
    for tracker, of_it in snippets(server.url, "@SECRET@").items():
        for snippet in (snippet for snippet in of_it if snippet.language in RUNNERS):
            names.append(f"{tracker} {snippet.name}")
            _, secret = create_write_key(home, names[-1], now=utc_now())
            programs.append([*RUNNERS[snippet.language], snippet.code.replace("@SECRET@", secret)])
    time.sleep(LOOK_EVERY_S)  # until the server looks at its file of keys again
    try:
        for running in [subprocess.Popen(program, stdout=subprocess.DEVNULL) for program in programs]:
            assert running.wait(60) == 0
    finally:
        server.end()
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    rows = read_rows(warehouse, "SELECT source, event_type, item_id, price FROM events ORDER BY source")
    warehouse.close()
    assert rows == [(name, "view", "sku-7", 59.9) for name in sorted(names)]


def test_no_name_is_left_to_fill_in() -> None:
    found = snippets("https://shop.example:8501", "a-key", "nats://broker:4222", "intentlens.events")
    assert [s.name for of_it in found.values() for s in of_it if "@" in s.code.replace("@segment/", "")] == []
    assert 'apiHost: "shop.example:8501/v1", protocol: "https"' in found["Segment"][0].code
    assert "nats://broker:4222 pub intentlens.events" in found["NATS"][0].code
