"""How good rules by meaning are without any label: each intent of the sample shop, by definition and by sentences.

Run: .venv/bin/python -m tests.benchmarks.bench_zero_shot [--sessions N]
A rule fires on a session; it is right where its intent is the session's true one at its end (tests/data). The baseline
beside it is what a rule that fires anywhere would reach: the intent's share of all sessions. Threshold and margin are
what the editor begins with: the closest 5 % of queries and messages speak.
`--sessions N` prints instead what one such rule costs on N sessions of bench_rules, whose queries are made to be 50,000
different ones; the baseline is a rule of one condition.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from core.events.synthetic import sample_folder
from core.intents.sample_shop import load_sample_shop
from core.intents.taxonomy import load_taxonomy
from core.registry.models import register_models_of
from core.registry.text_encoders import OF_MODEL, offered_encoders, text_encoder
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.analysis import wilson_interval
from core.weak.labeling_function import LabelingFunction
from core.weak.prototypes import read_text_rule
from core.weak.starter import starter_rules
from core.weak.text_similarities import read_texts, unread_texts, usual_threshold
from core.weak.text_vectors import distinct_texts
from core.weak.voting import votes_of
from tests.benchmarks.bench_model import TRUTH
from tests.benchmarks.bench_rules import make_log

DIFFERENT_QUERIES = 50_000
SENTENCES = {
    "browse": ["just looking around", "new arrivals", "gift ideas", "随便看看", "新品"],
    "search": ["black running shoes size 42", "wireless headphones", "黑色跑鞋", "无线耳机"],
    "compare": ["which one is better", "a compared with b", "reviews", "哪个好", "对比"],
    "purchase": ["pay now", "how can I pay", "立即购买", "怎么付款"],
    "deal": ["cheap", "discount code", "sale", "便宜", "优惠券", "打折"],
    "support": ["where is my order", "I want to return this", "it arrived broken", "我的快递到哪了", "我要退货"],
}


def main(sessions: int | None) -> None:
    """Print a Markdown table."""
    with tempfile.TemporaryDirectory(prefix="intentlens-zero-shot-") as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home"))
        if sessions is None:
            load_sample_shop(warehouse)
        register_models_of(warehouse, warehouse.settings, sample_folder() / "model")
        if sessions is None:
            _quality(warehouse)
        else:
            _cost(warehouse, sessions)
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


def _cost(warehouse: Warehouse, sessions: int) -> None:
    make_log(warehouse, sessions)
    vary = f"UPDATE events SET query = query || ' ' || hash(event_id) % {DIFFERENT_QUERIES} WHERE query IS NOT NULL"
    warehouse.write(lambda cursor: cursor.execute(vary).fetchall())
    encoder = next(name for name in offered_encoders(warehouse) if name.startswith(OF_MODEL))
    definition = {"encoder": encoder, "sentences": SENTENCES["support"], "threshold": 0.5}
    rule = read_text_rule(warehouse, definition, "support")
    encode = text_encoder(warehouse, encoder)
    encode(["warm"])
    made = LabelingFunction("r", "r", "support", "texts", definition)
    other = starter_rules(("purchase",))[0]
    baseline = _seconds(lambda: votes_of(warehouse, [other]))
    rows = {
        "one condition: the votes of every session (baseline)": baseline,
        "texts read the first time": _seconds(lambda: read_texts(warehouse, rule, encode)),
        "read again with other sentences": _seconds(lambda: read_texts(warehouse, rule, encode)),
        "is there a text to read": _seconds(lambda: unread_texts(warehouse, rule)),
        "one rule by meaning: the votes of every session": _seconds(lambda: votes_of(warehouse, [made])),
    }
    print(f"{sessions:,} sessions, {len(distinct_texts(warehouse)):,} distinct texts, own encoder\n")
    print("| | seconds | of the baseline |\n|---|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds:.2f} | {seconds / baseline:.1f} |")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int)
    main(parser.parse_args().sessions)
