"""The rivals on real sessions: boosted trees on strong prefix features, and a GRU trained as carefully as the model."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from core.training.purchase.averaging import MovingAverage
from core.training.purchase.trees import PurchaseTrees
from tests.benchmarks.clickstream_dmm import PAGE_TYPES, RealSessions

LENGTH_POWER = 0.5


def features(data: RealSessions) -> np.ndarray:
    """[N, P] float32 of each page and those before it: counts, shares, recent types, bigrams, times by type."""
    task, pages = data.task, data.pages
    starts = np.flatnonzero(task.place == 1)[task.session]
    gap = np.where(task.place == 1, np.nan, np.diff(data.seconds, prepend=np.nan))
    place = task.place[:, None].astype(np.float64)
    types = np.eye(PAGE_TYPES)[pages]
    counts = _running(types, starts)
    pair = np.where(task.place == 1, PAGE_TYPES**2, _back(pages, 1) * PAGE_TYPES + pages)
    bigrams = _running(np.eye(PAGE_TYPES**2 + 1)[pair][:, :-1], starts)
    known = np.nan_to_num(gap)[:, None]
    spent = _running(np.eye(PAGE_TYPES)[_back(pages, 1)] * known, starts)  # a gap is time on the page before it
    recent = [_shifted(pages.astype(np.float64), task.place, back) for back in range(1, 6)]
    gaps = [_shifted(gap, task.place, back) for back in range(1, 4)]
    mean_log = _running(np.log1p(known), starts) / np.maximum(place - 1, 1)
    square = _running(np.log1p(known) ** 2, starts) / np.maximum(place - 1, 1)
    last_seen = [_since(types[:, page] > 0, starts) for page in range(PAGE_TYPES)]
    flat = [pages, task.place, gap, data.seconds, (counts > 0).sum(axis=1), _run_length(pages, task.place)]
    slow = _running((known > 60).astype(float), starts)
    parts = [np.stack([*flat, *recent, *gaps, *last_seen], axis=1), counts, counts / place, bigrams, spent]
    parts += [mean_log, np.sqrt(np.maximum(square - mean_log**2, 0)), _longest(gap, task.place)[:, None], slow]
    return np.concatenate(parts, axis=1).astype(np.float32)


def trees(data: RealSessions, seeds: int) -> np.ndarray:
    """[R] probabilities at the test rows, averaged over seeds."""
    table, weights, split = features(data), data.task.weights(LENGTH_POWER), data.split
    validation = (table[split.validation], data.task.answer[split.validation], weights[split.validation])
    answers = data.task.answer[split.training]
    fitted = [
        PurchaseTrees(seed).fit(table[split.training], answers, weights[split.training], validation)
        for seed in range(seeds)
    ]
    return np.mean([one.predict(table[split.test]) for one in fitted], axis=0)


def _running(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    total = np.cumsum(values, axis=0)
    return total - total[starts] + values[starts]


def _back(values: np.ndarray, steps: int) -> np.ndarray:
    return np.concatenate([values[:1].repeat(steps), values[:-steps]])


def _shifted(values: np.ndarray, place: np.ndarray, steps: int) -> np.ndarray:
    return np.where(place > steps, _back(values, steps), np.nan)


def _since(seen: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Events since a type was last seen in the session, NaN before it was."""
    rows = np.arange(len(seen))
    last = np.maximum.accumulate(np.where(seen, rows, -1))
    return np.where(last >= starts, rows - last, np.nan)


def _run_length(pages: np.ndarray, place: np.ndarray) -> np.ndarray:
    rows = np.arange(len(pages))
    change = (place == 1) | (pages != _back(pages, 1))
    return rows - np.maximum.accumulate(np.where(change, rows, 0)) + 1


def _longest(gap: np.ndarray, place: np.ndarray) -> np.ndarray:
    longest = np.empty(len(gap))
    for row, value in enumerate(gap):
        longest[row] = np.nan if place[row] == 1 else np.fmax(longest[row - 1], value)
    return longest


class Gru(nn.Module):
    """Page type, soft bins and raw logs of gap and elapsed time, place -> GRU -> a logit at every page."""

    def __init__(self, width: int = 64, layers: int = 2, dropout: float = 0.2) -> None:
        super().__init__()
        self.page = nn.Embedding(PAGE_TYPES + 1, width)
        self.numbers = nn.Sequential(nn.Linear(3, width), nn.GELU(), nn.Linear(width, width))
        self.gru = nn.GRU(width, width, layers, batch_first=True, dropout=dropout)
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Dropout(dropout), nn.Linear(width, width), nn.GELU())
        self.output = nn.Linear(width, 1)

    def forward(self, pages: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """pages [B, T] int64; numbers [B, T, 3] float32 -> logits [B, T]."""
        states, _ = self.gru(self.page(pages) + self.numbers(numbers))
        logits: torch.Tensor = self.output(self.read(states)).squeeze(-1)
        return logits


class _Padded:
    """Sessions as padded arrays, shortest first."""

    def __init__(self, data: RealSessions, rows: np.ndarray) -> None:
        task = data.task
        gap = np.where(task.place == 1, 0.0, np.diff(data.seconds, prepend=0.0))
        numbers = np.stack([np.log1p(gap), np.log1p(data.seconds), np.log(task.place)], axis=1) / 4.0
        begin = np.flatnonzero((task.place == 1) & rows)
        self.begin = begin[np.argsort(task.length[begin], kind="stable")]
        self.length = task.length[self.begin]
        self._pages, self._numbers = data.pages, numbers.astype(np.float32)
        self._answer, self._weight = task.answer, task.weights(LENGTH_POWER)

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, np.ndarray]:
        """pages, numbers, mask [B, T] and the rows of the masked positions."""
        offset = np.arange(self.length[chosen].max())[None, :]
        real = offset < self.length[chosen][:, None]
        rows = np.where(real, self.begin[chosen][:, None] + offset, 0)
        pages = torch.from_numpy(np.where(real, self._pages[rows], PAGE_TYPES))
        return pages, torch.from_numpy(self._numbers[rows]), torch.from_numpy(real), rows[real]

    def loss(self, model: Gru, chosen: np.ndarray, generator: torch.Generator | None = None) -> torch.Tensor:
        """Weighted log loss over all prefixes; with a generator some pages are hidden, as the model's fields are."""
        pages, numbers, real, rows = self.batch(chosen)
        if generator is not None:
            pages = pages.masked_fill(torch.rand(pages.shape, generator=generator) < 0.1, PAGE_TYPES)
            hidden = torch.rand(pages.shape, generator=generator) < 0.1
            numbers = numbers.masked_fill(hidden[..., None], 0.0)
        logits = model(pages, numbers)[real]
        answer = torch.from_numpy(self._answer[rows].astype(np.float32))
        weight = torch.from_numpy(self._weight[rows])
        losses = F.binary_cross_entropy_with_logits(logits, answer, reduction="none")
        return (losses * weight).sum() / weight.sum()


def gru(data: RealSessions, seeds: int, epochs: int = 12, patience: int = 3) -> np.ndarray:
    """[R] probabilities at the test rows, averaged over seeds."""
    return np.mean([_one_gru(data, seed, epochs, patience) for seed in range(seeds)], axis=0)


def _one_gru(data: RealSessions, seed: int, epochs: int, patience: int, rate: float = 3e-3) -> np.ndarray:
    torch.manual_seed(seed)
    random, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    model = Gru()
    training, validation = _Padded(data, data.split.training), _Padded(data, data.split.validation)
    groups = np.array_split(np.arange(len(training.begin)), len(training.begin) // 128)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.05)
    average, best, best_epoch = MovingAverage(model, 0.98), math.inf, 0
    answered = np.zeros(0)
    for epoch in range(epochs):
        model.train()
        for number, group in enumerate(random.permutation(len(groups))):
            done = (epoch + number / len(groups)) / epochs
            for options in optimizer.param_groups:
                options["lr"] = rate * min(1.0, 20 * done + 0.01) * (0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)
            loss = training.loss(model, groups[group], generator)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            average.update()
        model.eval()
        with average.applied(), torch.no_grad():
            parts = np.array_split(np.arange(len(validation.begin)), 20)
            held_out = float(np.mean([float(validation.loss(model, part)) for part in parts]))
            if held_out < best:
                best, best_epoch, answered = held_out, epoch, _answer(model, data)
        if epoch - best_epoch >= patience:
            break
    return answered


def _answer(model: Gru, data: RealSessions) -> np.ndarray:
    every = np.full(len(data.task), np.nan)
    test = _Padded(data, data.split.test)
    for part in np.array_split(np.arange(len(test.begin)), 20):
        pages, numbers, real, rows = test.batch(part)
        every[rows] = torch.sigmoid(model(pages, numbers)[real]).numpy()
    return every[data.split.test]
