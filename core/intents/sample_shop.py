"""Fill an empty warehouse with the committed sample shop: events, items, pictures, annotations."""

from pathlib import Path

import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.events.synthetic import sample_folder
from core.intents.exchange import import_annotations
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse

NEEDED_FILES = ("events.parquet", "items.parquet", "pictures.parquet", "annotations.jsonl")


def load_sample_shop(warehouse: Warehouse, folder: Path | None = None) -> bool:
    """Load the sample shop from its folder; loading it again adds nothing. False where there is none.

    Raises:
        UnreadableFileError: a file of it is damaged; WarehouseWriteError: it could not be stored.
    """
    source = folder or sample_folder()
    if not all((source / name).is_file() for name in NEEDED_FILES):
        return False
    try:
        events, items, pictures = (
            pq.read_table(source / f"{name}.parquet") for name in ("events", "items", "pictures")
        )
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"The sample shop in '{source}' cannot be read ({error}); fetch a fresh copy of the product."
        ) from error
    for picture in pictures.to_pylist():
        path = warehouse.settings.media_folder / picture["name"]
        if not path.exists():
            path.write_bytes(picture["png"])
    append_events(warehouse, events, items=items)
    import_annotations(warehouse, source / "annotations.jsonl")
    return True
