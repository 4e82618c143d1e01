"""What a query chooses: parts, intents, how many, which model; each refused by its name where it is unusable."""

from collections.abc import Sequence

from starlette.requests import Request

from app.api.errors import ApiError
from app.api.repeated import repeated
from core.errors import NoModelError, NotFoundError
from core.registry.models import ModelRecord, champion, get_intent_model
from core.store.warehouse import Warehouse

MOST_ROWS = 100_000


def chosen(request: Request, name: str) -> list[str]:
    """The distinct values of a repeated parameter; none where it is absent. Raises: ApiError, as `repeated`."""
    return list(dict.fromkeys(repeated(request, name)))


def one_of(request: Request, name: str, choices: Sequence[str]) -> str | None:
    """One of a few words, or None where nothing is said.

    Raises:
        ApiError: 400 for another word.
    """
    text = request.query_params.get(name)
    if text is None or text in choices:
        return text
    raise ApiError(400, "invalid_query", f"{name} is one of {', '.join(choices)}.", field=name, value=text)


def limit_of(request: Request, most: int = MOST_ROWS) -> int | None:
    """How many rows of each list are wanted; None where nothing is said.

    Raises:
        ApiError: 400 for what is no number from 1 to `most`.
    """
    text = request.query_params.get("limit")
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    raise ApiError(400, "invalid_query", f"limit is a number from 1 to {most}.", field="limit", value=text)


def chosen_model(warehouse: Warehouse, field: str, model_id: str) -> ModelRecord:
    """A model that says intents.

    Raises:
        ApiError: 404 where there is none of that id, 400 where it is of another kind.
    """
    try:
        return get_intent_model(warehouse, model_id)
    except NotFoundError as error:
        raise ApiError(404, "not_found", str(error), field=field, value=model_id) from error
    except NoModelError as error:
        raise ApiError(400, "invalid_request", str(error), field=field, value=model_id) from error


def model_or_champion(warehouse: Warehouse, model_id: str | None) -> ModelRecord:
    """The model that `model` names, or the one that serves.

    Raises:
        ApiError: as `chosen_model`. NoModelError: none is named and none serves.
    """
    if model_id is not None:
        return chosen_model(warehouse, "model", model_id)
    if (served := champion(warehouse)) is None:
        raise NoModelError("There is no model yet. Label sessions and train one on the Train page.")
    return served
