"""Pictures of items: kept once, refused ones told, everything else about the item as it was."""

import zipfile
from pathlib import Path

import pytest

from core.errors import UnreadableFileError
from core.events.cleaning import clean_rows
from core.store.import_pipeline import ImportProgress, import_file
from core.store.import_queries import list_imports
from core.store.ingest_queries import append_events
from core.store.item_queries import items
from core.store.rejected_queries import rejected_reasons
from core.store.warehouse import Warehouse
from tests.core.importers.test_pictures import bomb, encoded, packed


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    members = {"i1.png": encoded(), "i2.jpg": encoded("JPEG", (50, 90)), "bomb.png": bomb(30_000, 30_000)}
    return packed(tmp_path / "pictures.zip", members)


def test_pictures_arrive_and_a_bomb_is_kept_as_rejected(warehouse: Warehouse, archive: Path) -> None:
    told: list[ImportProgress] = []
    result = import_file(warehouse, archive, progress=told.append)
    assert (result.rows_read, result.added, result.duplicates, result.rejected) == (3, 2, 0, 1)
    known = items(warehouse)
    assert set(known["item_id"]) == {"i1", "i2"}
    kept = {path.name for path in warehouse.settings.media_folder.iterdir()}
    assert kept == set(known["image"])
    reasons = rejected_reasons(warehouse, result.import_id)
    assert reasons["reason"].tolist() == ["unreadable_picture"]
    assert "bomb.png" in reasons["example"].iloc[0]
    assert told[-1] == ImportProgress("finished", 3, 3, 2, 0, 1)
    assert list_imports(warehouse)["status"].tolist() == ["finished"]


def test_the_same_pictures_again_add_nothing(warehouse: Warehouse, archive: Path) -> None:
    import_file(warehouse, archive)
    again = import_file(warehouse, archive)
    assert (again.added, again.duplicates, again.rejected) == (0, 2, 1)


def test_a_picture_changes_nothing_else_about_its_item(warehouse: Warehouse, archive: Path) -> None:
    row = {"visitor_id": "v", "occurred_at": "2026-05-04", "event_type": "view", "item_id": "i1", "title": "Lamp"}
    batch = clean_rows([row | {"price": 3}], source="test", received_at=warehouse.clock())
    append_events(warehouse, batch.events, items=batch.items)
    before = items(warehouse).drop(columns="image").iloc[0].to_dict()
    import_file(warehouse, archive)
    after = items(warehouse, ["i1"]).iloc[0].to_dict()
    assert after.pop("image").endswith(".png")
    assert after == before


def test_an_archive_without_pictures_is_refused_and_leaves_no_record(warehouse: Warehouse, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "events.zip", "w") as packed_table:
        packed_table.writestr("events.csv", "a,b\n1,2\n")
    with pytest.raises(UnreadableFileError, match="without pictures"):
        import_file(warehouse, tmp_path / "events.zip")
    assert list_imports(warehouse).empty


def test_an_import_of_pictures_can_be_stopped(warehouse: Warehouse, archive: Path) -> None:
    assert import_file(warehouse, archive, should_stop=lambda: True).stopped
    assert list_imports(warehouse)["status"].tolist() == ["stopped"]
