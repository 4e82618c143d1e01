"""A data folder with a small shop, session labels and two really fine-tuned models that keep their evaluation."""

import json
import shutil
from pathlib import Path

import pyarrow as pa

from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.intents.annotations import Annotation, submit_annotations
from core.intents.taxonomy import load_taxonomy
from core.jobs.progress import RunStatus, write_status
from core.registry.models import register_model
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from core.training import finetune
from core.training.held_out import EVALUATION_FILE
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec

SESSIONS = 60
RECIPE = {"size": "tiny", "recipe": "head"}


def make_evaluated_home(home: Path, models: int = 2, seed: int = 4) -> list[str]:
    """Fill the data folder; returns the models' ids, the first of which serves, and the last has no evaluation."""
    settings = Settings(home=home, sample_shop=False, threads=1)
    warehouse = Warehouse.open(settings)
    try:
        shop = make_shop(seed=seed, visitors=50)
        events = pa.Table.from_pandas(shop.events, schema=EVENT_SCHEMA, preserve_index=False)
        items = pa.Table.from_pandas(shop.items, schema=ITEM_SCHEMA, preserve_index=False)
        append_events(warehouse, events, items=items)
        load_taxonomy(warehouse)
        submit_annotations(warehouse, _annotations(shop, warehouse))
        trained = [_finetune(warehouse, settings, number) for number in range(1, models + 1)]
        return [*trained, _imported(warehouse, settings)]
    finally:
        warehouse.close()


def _annotations(shop: Shop, warehouse: Warehouse) -> list[Annotation]:
    last = shop.events.assign(truth=shop.truth).groupby("session_id", sort=True).tail(1).head(SESSIONS)
    return [
        Annotation(
            annotation_id=f"a-{row.session_id}",
            client_id=f"c-{row.session_id}",
            target_kind="session",
            session_id=row.session_id,
            event_id=None,
            intent=row.truth,
            annotator="ana",
            created_at=warehouse.clock(),
        )
        for row in last.itertuples()
    ]


def _finetune(warehouse: Warehouse, settings: Settings, number: int) -> str:
    """A run on the warehouse's own snapshot, in this process; then registered and noted as the server would."""
    run_id = f"model-{number}"
    folder = settings.runs_folder / run_id
    write_snapshot(warehouse, folder / "snapshot")
    finetune.run(Context(Spec(folder / "snapshot", folder / "model", RECIPE, seed=number, run_id=run_id)))
    model_id = register_model(warehouse, settings, folder / "model").model_id
    write_status(folder, RunStatus(run_id, "finetune", "finished", created_at=warehouse.clock(), model_id=model_id))
    (folder / "taken_in").touch()
    return model_id


def _imported(warehouse: Warehouse, settings: Settings) -> str:
    """The first model as if trained elsewhere, without its evaluation."""
    folder = settings.runs_folder / "imported"
    shutil.copytree(settings.runs_folder / "model-1" / "model", folder)
    (folder / EVALUATION_FILE).unlink()
    card = json.loads((folder / "card.json").read_text(encoding="utf-8")) | {"model_id": "imported"}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return register_model(warehouse, settings, folder).model_id
