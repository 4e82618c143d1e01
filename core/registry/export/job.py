"""Export job: a model as a zip in the run's output; tracing ONNX graphs takes seconds of one core."""

from typing import TYPE_CHECKING, Any

from core.errors import InvalidSettingError, NoModelError
from core.registry.export.folders import export_archive
from core.registry.export.readme import FORMATS

if TYPE_CHECKING:
    from core.training.context import TrainingContext  # torch's package, for types only


def run(context: "TrainingContext") -> dict[str, Any]:
    """Write the run's base model as its argument `format` says; the result names format and archive.

    Raises:
        NoModelError: the run names no model; InvalidSettingError: an unknown format; others: see export_archive.
    """
    spec = context.spec
    if spec.base_model is None:
        raise NoModelError("No model is chosen for export; fine-tune one first.")
    kind = spec.arguments.get("format", FORMATS[0])
    if kind not in FORMATS:
        raise InvalidSettingError(f"The format is '{kind}', expected one of {', '.join(FORMATS)}.")
    context.report(0, 1, f"writing {kind}")
    archive = export_archive(spec.base_model, kind, spec.output)
    context.report(1, 1, f"writing {kind}")
    return {"format": kind, "archive": str(archive)}
