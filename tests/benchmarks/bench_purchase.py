"""Will this session buy, on real sessions: the session model beside boosted trees and a GRU, page by page.

Run: .venv/bin/python -m tests.benchmarks.bench_purchase --cache FOLDER
One split at a time: --split 0; one contender at a time: --contender model; the table merges what the cache holds.

Data: clickstream_dmm (26,279 sessions of a real shop, 22.6 % buy, five fixed splits), page type and times only; the
static features are used by nobody (none correlates with buying by more than 0.006). All contenders learn from the same
prefixes of the same training sessions (those whose page types were released) with the same weights, stop on the same
validation sessions, and are never tuned on the test ones. The session model is pretrained, without labels, on the
training sessions only. `first k of all`: every test session cut at its first k pages; a session that ends sooner is
taken whole, so that its length speaks too. `whole` reads all pages, checkout included: no early score.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from core.model.checkpoint import load_checkpoint
from core.training import pretrain
from core.training.prefix_features import prefix_features
from core.training.purchase.arguments import PurchaseArguments
from core.training.purchase.supervision import PurchaseSupervision
from core.training.purchase.teacher import taught_answers
from core.training.snapshot import TrainingSnapshot
from tests.benchmarks.bench_model import Context, Spec
from tests.benchmarks.clickstream_dmm import FOLDER, RealSessions, no_items, read_split
from tests.benchmarks.purchase_contenders import gru, trees

SPLITS = 5
SEEN = (1, 3, 5, 10, 20)
CUT = (3, 5, 10)
PRETRAINING = {"size": "tiny", "epochs": 3, "learning_rate": 4e-3, "batch_events": 2048}
SUPERVISION = PurchaseArguments(epochs=5, learning_rate=1.5e-3)


def session_model(data: RealSessions, seeds: int, folder: Path) -> np.ndarray:
    """[R] probabilities at the test rows, averaged over seeds: pretrained, then taught by every prefix."""
    answered = []
    for seed in range(seeds):
        checkpoint = load_checkpoint(_pretrained(data, seed, folder / f"pretrained-{seed}"))
        snapshot = TrainingSnapshot("bench", data.task.events, no_items(), pd.DataFrame(), (), None)
        features = prefix_features(data.task.events, no_items())[1]
        targets = taught_answers(data.task, features, data.split, SUPERVISION, seed)
        supervision = PurchaseSupervision(checkpoint, snapshot, data.task, data.split, SUPERVISION, seed, targets)
        supervision.fit(Context(Spec(folder, folder)))
        answered.append(supervision.probabilities(data.split.test))
    return np.mean(answered, axis=0)


def _pretrained(data: RealSessions, seed: int, folder: Path) -> Path:
    """The folder of a model that saw the training sessions without their answers; made once."""
    if not (folder / "model" / "card.json").is_file():
        snapshot = folder / "snapshot"
        snapshot.mkdir(parents=True, exist_ok=True)
        data.task.events[data.split.training].to_parquet(snapshot / "events.parquet")
        no_items().to_parquet(snapshot / "items.parquet")
        pd.DataFrame({"target_kind": []}).to_parquet(snapshot / "annotations.parquet")
        (snapshot / "taxonomy.json").write_text("[]")
        (snapshot / "snapshot.json").write_text(json.dumps({"snapshot_id": "bench", "media": None}))
        pretrain.run(Context(Spec(snapshot, folder / "model", dict(PRETRAINING), seed=seed)))
    return folder / "model"


def figures(data: RealSessions, probabilities: np.ndarray) -> dict[str, tuple[float, float]]:
    """AUROC and average precision by row of the table."""
    test = data.split.test
    place, length, answers = data.task.place[test], data.task.length[test], data.task.answer[test]
    rows = {f"{k} seen": place == k for k in SEEN}
    rows |= {f"first {k} of all": place == np.minimum(k, length) for k in CUT}
    rows["whole"] = place == length
    return {
        name: (
            float(roc_auc_score(answers[chosen], probabilities[chosen])),
            float(average_precision_score(answers[chosen], probabilities[chosen])),
        )
        for name, chosen in rows.items()
    }


def merged(results: list[dict[str, dict[str, tuple[float, float]]]]) -> str:
    """The table over splits: mean ± sd of each contender, and the least lead of the model over each rival."""
    names = [name for name in ("model", "trees", "gru") if all(name in result for result in results)]
    rivals = [name for name in names if name != "model"]
    lines = []
    for figure, title in enumerate(("AUROC", "PR-AUC")):
        heads = [f"{title}, pages", *names, *(f"lead over {rival}, least to most" for rival in rivals)]
        lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for row in results[0][names[0]]:
            values = {name: np.array([result[name][row][figure] for result in results]) for name in names}
            cells = [f"{value.mean():.4f} ± {value.std(ddof=min(1, len(value) - 1)):.4f}" for value in values.values()]
            for rival in rivals:
                lead = values["model"] - values[rival]
                cells.append(f"{lead.min():+.4f} to {lead.max():+.4f}")
            lines.append(f"| {row} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


@click.command()
@click.option("--split", "chosen", type=click.IntRange(0, SPLITS - 1), multiple=True, help="Which; all without.")
@click.option("--contender", "asked", type=click.Choice(["model", "trees", "gru"]), multiple=True)
@click.option("--seeds", default=1, show_default=True, help="Members of every contender, averaged.")
@click.option("--cache", type=click.Path(path_type=Path), required=True, help="Where results and pretraining stay.")
@click.option("--data", type=click.Path(path_type=Path), default=FOLDER, help="The folder clickstream_dmm.")
@click.option("--threads", default=1, show_default=True)
def main(chosen: tuple[int, ...], asked: tuple[str, ...], seeds: int, cache: Path, data: Path, threads: int) -> None:
    """Measure what is asked for, then print the table of all splits that are complete."""
    torch.set_num_threads(threads)
    for number in chosen or range(SPLITS):
        sessions = read_split(number, data)
        home = cache / f"split-{number}"
        home.mkdir(parents=True, exist_ok=True)
        contenders: dict[str, Callable[[], np.ndarray]] = {
            "model": lambda sessions=sessions, home=home: session_model(sessions, seeds, home),
            "trees": lambda sessions=sessions: trees(sessions, seeds),
            "gru": lambda sessions=sessions: gru(sessions, seeds),
        }
        for name in asked or contenders:
            path = home / f"{name}-{seeds}.json"
            if not path.is_file():
                path.write_text(json.dumps(figures(sessions, contenders[name]())))
    found = [_read(cache / f"split-{number}", seeds) for number in range(SPLITS)]
    complete = [result for result in found if len(result) == 3]
    print(f"{len(complete)} split(s), {seeds} member(s) a contender; mean ± sd over the splits\n")
    if complete:
        print(merged(complete))


def _read(folder: Path, seeds: int) -> dict[str, Any]:
    paths = {name: folder / f"{name}-{seeds}.json" for name in ("model", "trees", "gru")}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.is_file()}


if __name__ == "__main__":
    main()
