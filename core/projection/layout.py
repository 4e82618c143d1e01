"""Two-dimensional layout of embeddings by t-SNE (van der Maaten and Hinton 2008), interpolated (Linderman et al. 2019).

openTSNE is deterministic for a seed, needs no compiler at run time, and its FFT gradient makes the time grow with the
number of points, not with its square. Beyond FITTED points the rest is placed among its nearest fitted neighbours.
"""

from collections.abc import Callable

import numpy as np

FITTED = 20_000
PERPLEXITY = 30
EXAGGERATED, ITERATIONS = 125, 375
NEIGHBOURS = 5
_PLACED_AT_ONCE = 2000
_EVERY = 25

Progress = Callable[[int, int], None]


def fit_layout(points: np.ndarray, *, seed: int, threads: int, progress: Progress) -> np.ndarray:
    """[N, 2] float32 for points [N, d] of length one each; the same for the same points and seed.

    Args:
        progress: called with how many steps are done, of how many; what it raises ends the fit.
    """
    from openTSNE import TSNE  # a second of loading, in the job's process alone

    if len(points) < 2:
        return np.zeros((len(points), 2), dtype=np.float32)
    total = EXAGGERATED + ITERATIONS
    done = 0

    def stepped(iteration: int, error: float, embedding: np.ndarray) -> None:
        nonlocal done
        done += _EVERY
        progress(min(done, total), total)

    layout = TSNE(
        n_components=2,
        perplexity=min(PERPLEXITY, max(1.0, (len(points) - 1) / 3)),
        metric="euclidean",  # of points of length one it orders as the cosine does
        neighbors="exact",
        initialization="pca",
        negative_gradient_method="fft" if len(points) > 1000 else "bh",
        early_exaggeration_iter=EXAGGERATED,
        n_iter=ITERATIONS,
        callbacks=stepped,
        callbacks_every_iters=_EVERY,
        n_jobs=threads,
        random_state=seed,
    ).fit(points)
    return np.asarray(layout, dtype=np.float32)


def place(points: np.ndarray, known: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """[N, 2] float32: each new point [N, d] amid its nearest known ones [M, d], the nearer weighing more.

    All points have length one, so that their dot product is the cosine.
    """
    wanted = min(NEIGHBOURS, len(known))
    result = np.zeros((len(points), 2), dtype=np.float32)
    for start in range(0, len(points), _PLACED_AT_ONCE):
        cosine = points[start : start + _PLACED_AT_ONCE] @ known.T
        nearest = np.argpartition(-cosine, wanted - 1, axis=1)[:, :wanted]
        distance = 1.0 - np.take_along_axis(cosine, nearest, axis=1)
        weight = 1.0 / (distance + 1e-4)
        weight /= weight.sum(axis=1, keepdims=True)
        result[start : start + _PLACED_AT_ONCE] = np.einsum("nk,nkc->nc", weight, layout[nearest])
    return result


def of_length_one(points: np.ndarray) -> np.ndarray:
    """Rows [N, d] scaled to length one; t-SNE of them keeps the order of cosines."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    scaled: np.ndarray = (points / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled
