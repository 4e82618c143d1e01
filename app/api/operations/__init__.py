"""Every operation of the API, as /v1/openapi.json tells it; a test holds this against the routes."""

from app.api.operations.asking import ASKING
from app.api.operations.collecting import COLLECTING
from app.api.operations.labeling import LABELING
from app.api.operations.looking import LOOKING
from app.api.operations.operation import Operation
from app.api.operations.studying import STUDYING
from app.api.operations.telling import TELLING
from app.api.operations.watching import WATCHING

OPERATIONS: tuple[Operation, ...] = (*COLLECTING, *ASKING, *TELLING, *LABELING, *STUDYING, *LOOKING, *WATCHING)
"""In the order the documentation shows them."""
