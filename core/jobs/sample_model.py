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
from core.store.warehouse import Warehouse

NAMES = {"pretrain": "pretrained", "finetune": "finetuned"}
SEED = 7


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--threads", default=2, show_default=True)
def main(folder: Path, threads: int) -> None:
    """Pretrain and fine-tune on the sample shop in FOLDER and write both models to FOLDER/model."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), threads=threads)
        warehouse = Warehouse.open(settings)
        jobs = JobManager(warehouse, settings)
        try:
            load_sample_shop(warehouse, folder)
            for kind in NAMES:
                _train(jobs, kind, folder / "model")
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
