"""Fixtures shared by all tests."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser

from core.clock import Clock, utc_now
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.browser.chromium import chromium_path, running_browser

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")  # an example of 200 ms takes longer beside another test


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a process: Playwright allows one at a time in a thread."""
    if chromium_path() is None:
        pytest.skip("no Chromium here; run: sh tests/browser/install_chromium.sh .venv/bin")
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session", autouse=True)
def new_folders_are_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new data folder begins as a copy of an empty one of this run: making one waits for the disk 20 times."""
    empty = Settings(home=tmp_path_factory.mktemp("new") / "home", sample_shop=False)
    Warehouse.open(empty).close()
    open_as_it_is = Warehouse.open

    def open_copy(settings: Settings, *, clock: Clock = utc_now) -> Warehouse:
        if not settings.warehouse_path.exists():
            with suppress(OSError):  # where nothing can be written, opening says so
                settings.home.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(empty.warehouse_path, settings.warehouse_path)
        return open_as_it_is(settings, clock=clock)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Warehouse, "open", staticmethod(open_copy))
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own and no sample shop."""
    return Settings(home=tmp_path / "home", sample_shop=False)


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    """An empty, open warehouse."""
    warehouse = Warehouse.open(settings)
    yield warehouse
    warehouse.close()
