"""A stage for components: each runs in Chromium as Streamlit would run it, without Streamlit.

The stage mounts the component's html in a shadow root, calls its exported function as a rerun does, and records what
it sends to Python.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.components.shared import component_sources
from tests.browser.chromium import PATIENCE_MS, collect_errors

ADDRESS = "http://components.test/"
STAGE = """
async ({html, css, js, theme}) => {
  document.body.style.cssText = theme;
  const host = document.createElement('div');
  document.body.replaceChildren(host);
  const root = host.attachShadow({mode: 'open'});
  root.innerHTML = '<style>' + css + '</style>' + html;
  const module = await import(URL.createObjectURL(new Blob([js], {type: 'text/javascript'})));
  window.sent = [];
  window.root = root;
  window.rerun = (data) => {
    const record = (name, value) => window.sent.push({name, value: JSON.parse(JSON.stringify(value))});
    window.cleanup = module.default({
      data, key: 'stage', parentElement: root, setTriggerValue: record, setStateValue: record,
    });
  };
}
"""
UNANSWERED = "Failed to load resource"  # what tests of a failing server provoke
LIGHT = "--st-background-color:#ffffff;--st-text-color:#1f2430;--st-primary-color:#2f6fde;--st-border-color:#d5d8de"
DARK = "--st-background-color:#101418;--st-text-color:#f0f2f5;--st-primary-color:#7aa7ff;--st-border-color:#3a3f47"


class Stage:
    """One component on one page."""

    def __init__(self, page: Page, folder: Path, scripts: tuple[str, ...], theme: str = LIGHT) -> None:
        self.page = page
        sources = component_sources(folder, scripts)
        page.evaluate(STAGE, {**sources, "theme": theme})

    def rerun(self, data: Mapping[str, Any]) -> None:
        """Call the component as Streamlit does after every run of the script."""
        self.page.evaluate("(data) => window.rerun(data)", dict(data))

    def sent(self, name: str) -> list[Any]:
        """Everything sent to Python under `name` so far."""
        return [each["value"] for each in self.page.evaluate("window.sent") if each["name"] == name]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with storage of its own; the test fails if its console showed an error."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.route(ADDRESS + "**", lambda route: route.fulfill(body="<!doctype html><body>", content_type="text/html"))
    page.set_default_timeout(PATIENCE_MS)
    errors = collect_errors(page)
    page.goto(ADDRESS)
    yield page
    context.close()
    assert [error for error in errors if not error.startswith(UNANSWERED)] == []


@pytest.fixture
def make_stage(page: Page) -> Callable[..., Stage]:
    def make(folder: Path, scripts: tuple[str, ...], theme: str = LIGHT) -> Stage:
        return Stage(page, folder, scripts, theme)

    return make
