"""How good rules by meaning are without any label: each intent of the sample shop, by definition and by sentences.

Run: .venv/bin/python -m tests.benchmarks.bench_zero_shot [--texts N]
A rule fires on a session; it is right where its intent is the session's true one at its end (tests/data). The baseline
beside it is what a rule that fires anywhere would reach: the intent's share of all sessions. Threshold and margin are
what the editor begins with: the closest 5 % of queries and messages speak. `--texts N` times reading N made-up distinct
texts instead.
"""

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd

from core.events.synthetic import sample_folder
from core.intents.sample_shop import load_sample_shop
from core.intents.taxonomy import load_taxonomy
from core.registry.models import champion, register_models_of
from core.registry.text_encoders import OF_MODEL, offered_encoders, text_encoder
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.analysis import wilson_interval
from core.weak.labeling_function import LabelingFunction
from core.weak.prototypes import read_text_rule
from core.weak.text_similarities import read_texts, usual_threshold
from core.weak.voting import votes_of
from tests.benchmarks.bench_model import TRUTH

SENTENCES = {
    "browse": ["just looking around", "new arrivals", "gift ideas", "随便看看", "新品"],
    "search": ["black running shoes size 42", "wireless headphones", "黑色跑鞋", "无线耳机"],
    "compare": ["which one is better", "a compared with b", "reviews", "哪个好", "对比"],
    "purchase": ["pay now", "how can I pay", "立即购买", "怎么付款"],
    "deal": ["cheap", "discount code", "sale", "便宜", "优惠券", "打折"],
    "support": ["where is my order", "I want to return this", "it arrived broken", "我的快递到哪了", "我要退货"],
}


def main(made_up: int | None) -> None:
    """Print a Markdown table."""
    with tempfile.TemporaryDirectory(prefix="intentlens-zero-shot-") as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home"))
        load_sample_shop(warehouse)
        register_models_of(warehouse, warehouse.settings, sample_folder() / "model")
        if made_up is None:
            _quality(warehouse)
        else:
            _cost(warehouse, made_up)
        warehouse.close()


def _quality(warehouse: Warehouse) -> None:
    truth = pd.read_parquet(TRUTH).drop_duplicates("session_id", keep="last").set_index("session_id")["intent"]
    bots = read_rows(warehouse, "SELECT session_id FROM sessions WHERE is_bot")
    truth = truth.drop([session_id for (session_id,) in bots], errors="ignore")
    print("| encoder | sentences | intent | coverage | right | 95 % interval | by chance |")
    print("|---|---|---|---|---|---|---|")
    for encoder in offered_encoders(warehouse):
        for kind in ("definition", "written"):
            for intent in load_taxonomy(warehouse):
                if intent.id in SENTENCES:
                    _row(warehouse, encoder, kind, intent.id, truth)


def _row(warehouse: Warehouse, encoder: str, kind: str, intent: str, truth: pd.Series) -> None:
    sentences = SENTENCES[intent] if kind == "written" else []
    definition = {"encoder": encoder, "sentences": sentences, "threshold": 0.0}
    rule = read_text_rule(warehouse, definition, intent)
    read_texts(warehouse, rule, text_encoder(warehouse, encoder))
    threshold = usual_threshold(warehouse, rule)
    made = LabelingFunction("r", "r", intent, "texts", definition | {"threshold": threshold})
    fired = truth.reindex(votes_of(warehouse, [made])["session_id"]).dropna()
    right, chance = int((fired == intent).sum()), float((truth == intent).mean())
    low, high = wilson_interval(right, len(fired)) if len(fired) else (0.0, 1.0)
    share = right / max(1, len(fired))
    head = f"| {'own' if encoder.startswith(OF_MODEL) else encoder} | {kind} | {intent} | {len(fired) / len(truth):.3f}"
    print(f"{head} | {share:.3f} | {low:.3f} – {high:.3f} | {chance:.3f} |", flush=True)


def _cost(warehouse: Warehouse, texts: int) -> None:
    print("| encoder | texts | s | texts/s |\n|---|---|---|---|")
    made = [f"{word} {number} 蓝色 size {number % 50}" for number, word in enumerate(["shoes", "mug"] * (texts // 2))]
    assert champion(warehouse) is not None
    for encoder in offered_encoders(warehouse):
        encode = text_encoder(warehouse, encoder)
        encode(made[:10])
        started = time.perf_counter()
        for begin in range(0, len(made), 2000):
            encode(made[begin : begin + 2000])
        took = time.perf_counter() - started
        name = "own" if encoder.startswith(OF_MODEL) else encoder
        print(f"| {name} | {len(made):,} | {took:.1f} | {len(made) / took:,.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int)
    main(parser.parse_args().texts)
