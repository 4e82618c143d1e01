"""What the pages' tests share: the app's own context, on a folder of its own."""

from collections.abc import Iterator

import pytest

from app.context import AppContext, close_context, start_context
from core.settings import Settings


@pytest.fixture
def app_context(settings: Settings) -> Iterator[AppContext]:
    """Started before the page is, and closed after the test."""
    yield start_context(settings)
    close_context()
