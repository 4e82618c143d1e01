"""A small data folder: some visitors of the sample shop, their labels and the sample models."""

import json
import shutil
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from core.events.synthetic import sample_folder
from core.intents.exchange import import_annotations
from core.registry.models import register_models_of
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse

VISITORS = 300


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and only copied afterwards."""
    folder = tmp_path_factory.mktemp("prepared")
    warehouse = Warehouse.open(Settings(home=folder / "home", sample_shop=False))
    events = pq.read_table(sample_folder() / "events.parquet")
    lines = (sample_folder() / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    labelled = {json.loads(line)["session_id"] for line in lines}
    of_labelled = events.filter(pc.field("session_id").isin(sorted(labelled)))
    visitors = pc.unique(of_labelled["visitor_id"]).slice(0, VISITORS)
    events = events.filter(pc.field("visitor_id").isin(visitors.to_pylist()))
    append_events(warehouse, events, items=pq.read_table(sample_folder() / "items.parquet"))
    import_annotations(warehouse, sample_folder() / "annotations.jsonl")
    register_models_of(warehouse, warehouse.settings, sample_folder() / "model")
    warehouse.close()
    return folder / "home"


@pytest.fixture
def shop_home(prepared_home: Path, tmp_path: Path) -> Path:
    """A data folder with events, labels and models of the test's own."""
    return Path(shutil.copytree(prepared_home, tmp_path / "shop"))


@pytest.fixture
def events_csv(tmp_path: Path) -> Path:
    """Three usable rows and one without a visitor."""
    path = tmp_path / "events.csv"
    path.write_text(
        "event_id,occurred_at,visitor_id,session_id,event_type,query\n"
        "e1,2026-05-01T10:00:00,v1,s1,search,手机\n"
        "e2,2026-05-01T10:01:00,v1,s1,view,\n"
        "e3,2026-05-01T10:02:00,,s1,view,\n"
        "e4,2026-05-01T10:03:00,v1,s1,purchase,\n",
        encoding="utf-8",
    )
    return path
