"""What pictures add: a product's category read from its picture, from its title, from both.

Run: .venv/bin/python -m tests.benchmarks.bench_pictures
Data: fashion_small, a seeded sample of its 44,072 real products, half to train and half to test. The product's own
encoders are trained in the run without labels, on the training half: masked words on the titles, autoencoding on at
most 4,000 of the pictures (as in pretraining). A linear head (logistic regression) reads the category off the frozen
vectors; the TF-IDF row is the same head on words and pairs of words. Titles of this set often name the category
outright, so the title rows are easy; the picture rows are not.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from core.model.config import config_of_size
from core.model.image_encoder import ImageEncoder
from core.model.text_encoder import TextEncoder, train_tokenizer
from core.training.loop import Phase, train_phase
from core.training.picture_pretraining import RebuiltPictures
from core.training.text_pretraining import MaskedWords
from tests.benchmarks.bench_model import Context, Spec

FILE = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "fashion_small" / "fashion_products_with_images.parquet"
)
TARGETS = ("master_category", "sub_category")
LEAST_OF_A_CATEGORY = 20
TEXT_EPOCHS, PICTURE_EPOCHS = 6, 10
"""As in pretraining."""


def read_products(path: Path, count: int, seed: int, media: Path) -> pd.DataFrame:
    """A sample of the products, their pictures written to the media folder as ID.jpg; rare categories left out."""
    products = pd.read_parquet(path).dropna(subset=["title", "image_jpeg"])
    size = products.groupby("sub_category")["title"].transform("size")
    products = products[size >= LEAST_OF_A_CATEGORY * len(products) / count]
    products = products.sample(min(count, len(products)), random_state=seed, ignore_index=True)
    for row in products.itertuples():
        (media / f"{row.product_id}.jpg").write_bytes(row.image_jpeg)
    return products.drop(columns="image_jpeg")


def own_vectors(products: pd.DataFrame, media: Path, training: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Vectors of titles and pictures by the product's own encoders, which saw the training half without labels."""
    torch.manual_seed(seed)
    context, config = Context(Spec(media, media)), config_of_size("small")
    titles = products["title"].tolist()
    known = [titles[row] for row in training]
    tokenizer = train_tokenizer(known, config.text_vocabulary_size)
    text = TextEncoder(config)
    words = MaskedWords(text, tokenizer, known, seed)
    train_phase(Phase("texts", 0, words.steps(TEXT_EPOCHS), 1e-3), text, words, context)
    paths = [media / f"{product}.jpg" for product in products["product_id"]]
    image = ImageEncoder(config)
    rebuilt = RebuiltPictures(image, [paths[row] for row in training], seed)
    train_phase(Phase("pictures", 1, rebuilt.steps(PICTURE_EPOCHS), 2e-3), image, rebuilt, context)
    return {
        "title": text.eval().encode(tokenizer, titles).numpy(),
        "picture": image.eval().encode(paths)[0].numpy(),
    }


def read_off(vectors: Any, answers: np.ndarray, training: np.ndarray, test: np.ndarray) -> tuple[float, float]:
    """Accuracy and macro-F1 of a linear head."""
    head = make_pipeline(MaxAbsScaler(), LogisticRegression(C=30.0, max_iter=2000))
    guessed = head.fit(vectors[training], answers[training]).predict(vectors[test])
    return float(accuracy_score(answers[test], guessed)), float(f1_score(answers[test], guessed, average="macro"))


@click.command()
@click.option("--products", "count", default=8000, show_default=True, help="Sampled, half of them to test.")
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--file", "path", type=click.Path(path_type=Path), default=FILE)
def main(count: int, seed: int, threads: int, path: Path) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        products = read_products(path, count, seed, Path(folder))
        training, test = np.array_split(np.random.default_rng(seed).permutation(len(products)), 2)
        vectors = own_vectors(products, Path(folder), training, seed)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    words.fit(products["title"].iloc[training])
    grams = words.transform(products["title"])
    rows = {
        "picture, own encoder": vectors["picture"],
        "title, own encoder": vectors["title"],
        "both, own encoders": np.hstack([vectors["title"], vectors["picture"]]),
        "title, TF-IDF": grams,
        "title, TF-IDF, and picture": hstack([grams, csr_matrix(vectors["picture"])]).tocsr(),
    }
    print(f"{len(products)} products, {len(training)} to train, {len(test)} to test")
    for target in TARGETS:
        answers = products[target].to_numpy(dtype=str)
        kinds, share = len(np.unique(answers)), pd.Series(answers[test]).value_counts(normalize=True).max()
        print(f"\n| {target} ({kinds}; commonest {share:.3f}) | accuracy | macro-F1 |\n|---|---|---|")
        for name, values in rows.items():
            accuracy, f1 = read_off(values, answers, training, test)
            print(f"| {name} | {accuracy:.3f} | {f1:.3f} |", flush=True)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
