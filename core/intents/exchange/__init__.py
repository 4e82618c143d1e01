"""Annotations in and out: our own line as JSONL, CSV and Parquet, and the files of other labeling tools."""

from core.intents.exchange.exporting import export_annotations
from core.intents.exchange.importing import check_annotations, import_annotations
from core.intents.exchange.registry import FORMATS

__all__ = ["FORMATS", "check_annotations", "export_annotations", "import_annotations"]
