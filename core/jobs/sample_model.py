"""Train the sample shop's models by the product's own jobs: `python -m core.jobs.sample_model sample_data`."""

import json
import shutil
import tempfile
from pathlib import Path

import click

from core.errors import JobFailedError
from core.intents.sample_shop import load_sample_shop
from core.jobs.manager import JobManager
from core.settings import Settings
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse

NAMES = {"pretrain": "pretrained", "finetune": "finetuned"}
SEED = 7


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--threads", default=2, show_default=True)
@click.option("--kinds", is_flag=True, help="Only sort its sessions into kinds anew, by the pretrained model there.")
def main(folder: Path, threads: int, kinds: bool) -> None:
    """Pretrain and fine-tune on the sample shop in FOLDER and write both models to FOLDER/model."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), threads=threads)
        warehouse = Warehouse.open(settings)
        jobs = JobManager(warehouse, settings)
        try:
            load_sample_shop(warehouse, folder)
            for kind in () if kinds else NAMES:
                _train(jobs, kind, folder / "model")
            write_snapshot(warehouse, Path(home) / "snapshot")
            _find_kinds(folder / "model" / NAMES["pretrain"], Path(home) / "snapshot", threads)
        finally:
            jobs.close()
            warehouse.close()


def _train(jobs: JobManager, kind: str, models: Path) -> None:
    run = jobs.wait(jobs.start(kind, {}, seed=SEED))
    if run.status != "finished":
        raise JobFailedError(f"The {kind} run ended as '{run.status}': {run.error}")
    target = models / NAMES[kind]
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(jobs.output(run.run_id), target)
    _rename(target / "card.json", kind)
    for weights in sorted(target.rglob("*.safetensors")):  # the model's, and those of its training's earlier moments
        _halve(weights)
    click.echo(f"{target}: {json.dumps(run.metrics)}")


def _find_kinds(model: Path, snapshot: Path, threads: int) -> None:
    """By the weights as they are kept, so that they come out the same with and without training."""
    import torch  # only here, with what loads it: the command's help stays fast

    from core.model.checkpoint import load_checkpoint
    from core.training.kinds_of_sessions import save_kinds
    from core.training.prepared import PreparedEvents
    from core.training.snapshot import read_snapshot

    torch.set_num_threads(threads)
    checkpoint, events = load_checkpoint(model), read_snapshot(snapshot)
    found = save_kinds(model, checkpoint.model, PreparedEvents(checkpoint, events), events, SEED)
    click.echo(f"{model}: {found} sessions sorted into kinds")


def _halve(weights: Path) -> None:
    """Keep weights in 16 bits, which halves the download; a model is read in 32 bits again."""
    import torch  # only here: the command's help stays fast
    from safetensors.torch import load_file, save_file

    halved = {name: value.to(torch.float16) for name, value in load_file(weights).items()}
    save_file(halved, weights, metadata={"format": "pt"})


def _rename(card: Path, kind: str) -> None:
    """Ids that say what the model is, the same in every run."""
    about = json.loads(card.read_text(encoding="utf-8"))
    about["model_id"] = f"sample-{NAMES[kind]}"
    if kind == "finetune":
        about["parent"] = f"sample-{NAMES['pretrain']}"
    card.write_text(json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
