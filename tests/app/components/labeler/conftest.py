"""The labeler on its stage, and the API that it posts to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.components.labeler import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.labeler.api import FOLDER, Api


@pytest.fixture
def api(page: Page) -> Api:
    return Api(page)


@pytest.fixture
def stage(make_stage: Callable[..., Stage], api: Api) -> Stage:
    return make_stage(FOLDER, SCRIPTS)
