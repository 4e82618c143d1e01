"""The API over a real warehouse, without pages around it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from core.settings import Settings


@pytest.fixture
def app_context(settings: Settings) -> Iterator[AppContext]:
    started = start_context(settings)
    started.starter.wait(60)
    yield started
    close_context()


@pytest.fixture
def client(app_context: AppContext) -> Iterator[TestClient]:
    with TestClient(create_api(app_context), raise_server_exceptions=False) as client:
        yield client
