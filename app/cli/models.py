"""Which model a command speaks of."""

from core.errors import NoModelError
from core.registry.models import ModelRecord, champion, get_model
from core.store.warehouse import Warehouse


def chosen_model(warehouse: Warehouse, model_id: str | None) -> ModelRecord:
    """The model of that id, or the champion.

    Raises:
        NotFoundError: there is no such model.
        NoModelError: there is no champion yet, or the model is only pretrained.
    """
    record = get_model(warehouse, model_id) if model_id else champion(warehouse)
    if record is None:
        raise NoModelError("No model can say intents yet; label some sessions and run `intentlens finetune`.")
    if record.kind != "finetuned":
        raise NoModelError(
            f"The model '{record.model_id}' is only pretrained and knows no intents; fine-tune it first."
        )
    return record
