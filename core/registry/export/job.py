"""Export job: a model's folder or graphs in the run's output; tracing ONNX graphs takes seconds of one core."""

from typing import TYPE_CHECKING, Any

from core.errors import InvalidSettingError, NoModelError
from core.registry.export.folders import export_model
from core.registry.export.readme import FORMATS
from core.registry.models import read_card

if TYPE_CHECKING:
    from core.training.context import TrainingContext  # torch's package, for types only

EXPORT_FOLDER = "export"


def run(context: "TrainingContext") -> dict[str, Any]:
    """Write the run's base model as its argument `format` says; the result names model_id, format and folder.

    Raises:
        NoModelError: the run names no model; InvalidSettingError: an unknown format; others: see export_model.
    """
    spec = context.spec
    if spec.base_model is None:
        raise NoModelError("No model is chosen for export; fine-tune one first.")
    kind = spec.arguments.get("format", FORMATS[0])
    if kind not in FORMATS:
        raise InvalidSettingError(f"The format is '{kind}', expected one of {', '.join(FORMATS)}.")
    model_id = str(read_card(spec.base_model)["model_id"])
    context.report(0, 1, f"writing {kind}")
    folder = export_model(spec.base_model, kind, spec.output / EXPORT_FOLDER / model_id)
    context.report(1, 1, f"writing {kind}")
    return {"model_id": model_id, "format": kind, "folder": str(folder)}
