"""Which model a command speaks of."""

from core.errors import NoModelError
from core.registry.models import ModelRecord, champion, get_intent_model
from core.store.warehouse import Warehouse


def chosen_model(warehouse: Warehouse, model_id: str | None) -> ModelRecord:
    """The model of that id, or the champion.

    Raises:
        NotFoundError: there is no such model.
        NoModelError: there is no champion yet, or the model is of a kind that says no intents.
    """
    record = get_intent_model(warehouse, model_id) if model_id else champion(warehouse)
    if record is None:
        raise NoModelError("No model can say intents yet; label some sessions and run `intentlens finetune`.")
    return record
