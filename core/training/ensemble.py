"""One model from several seeds: fine-tuned apart from the same start, then their weights averaged (model soup).

Wortsman et al. (2022): models fine-tuned from one pretrained model lie in one basin, so that the mean of their
weights does about what the mean of their answers would, at the cost of one. Where it does not, as told by the
held-out labels, the first seed alone is kept.
"""

import copy
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from core.model.checkpoint import Checkpoint
from core.training.arguments import FinetuneArguments
from core.training.context import TrainingContext
from core.training.encoder_tuning import EncoderTuning
from core.training.labels import Labels
from core.training.prepared import PreparedEvents
from core.training.semisupervised.named_kinds import SessionKinds
from core.training.semisupervised.teacher import Teacher
from core.training.supervision import Supervision, read_out
from core.training.trace import Trace

Weights = dict[str, torch.Tensor]


REFIT_EPOCHS = 1
"""Epochs that a taught model is trained on when the held-out labels join: it goes on from where it was measured."""


@dataclass(frozen=True)
class SeedsFit:
    """Epochs that each seed's weights have seen, and those weights; one of each where one seed is kept."""

    epochs: tuple[int, ...]
    weights: tuple[Weights, ...] = ()


class SeedEnsemble:
    """Fits the checkpoint's model, always from the weights that it had at first, and leaves the result in it.

    Args:
        kinds: of sessions, which a teacher of few labels begins at.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        prepared: PreparedEvents,
        arguments: FinetuneArguments,
        seed: int,
        kinds: SessionKinds | None = None,
    ) -> None:
        self._checkpoint = checkpoint
        self._prepared = prepared
        self._arguments = arguments
        self._seed = seed
        self._start = copy.deepcopy(checkpoint.model)
        self._encoders = copy.deepcopy(checkpoint.foreign) if arguments.tunes else checkpoint.foreign
        self._teacher = Teacher(prepared, seed, kinds) if arguments.teacher else None

    def fit(
        self,
        context: TrainingContext,
        phase: str,
        labels: Labels,
        *,
        held_out: Labels | None = None,
        like: SeedsFit | None = None,
        trace: Trace | None = None,
    ) -> SeedsFit:
        """Fine-tune one seed after another on the labels.

        Args:
            held_out: tells when to stop and whether averaging helps.
            like: how long to train each seed when nothing is held out; a taught one goes on from its weights.
            trace: keeps the weights on the way, of a single seed.
        """
        count = len(like.epochs) if like else self._arguments.seeds
        found: list[tuple[int, Weights]] = []
        for number in range(count):
            self._checkpoint.model = copy.deepcopy(self._start)
            epochs, arguments = like.epochs[number] if like else self._arguments.epochs, self._arguments
            goes_on = bool(like and like.weights and epochs and self._taught_whole)
            if like and goes_on:
                self._checkpoint.model.load_state_dict(like.weights[number])
                epochs = min(epochs, REFIT_EPOCHS)
                arguments = replace(arguments, epochs=epochs)  # the learning rate falls within these
            supervision = Supervision(
                self._checkpoint.model,
                self._prepared,
                labels,
                arguments,
                self._seed + number,
                self._teacher,
                self._tuning(goes_on),
            )
            seen = supervision.fit(context, phase, epochs, held_out, goes_on=goes_on, trace=trace)
            weights = {name: value.clone() for name, value in self._checkpoint.model.state_dict().items()}
            found.append((seen, weights))
        together = count > 1 and self._average([weights for _, weights in found], held_out)
        kept = found if together else found[:1]
        return SeedsFit(tuple(seen for seen, _ in kept), tuple(weights for _, weights in kept))

    def _tuning(self, goes_on: bool) -> EncoderTuning | None:
        """Of encoders as they were at first, unless training goes on."""
        if not self._arguments.tunes:
            return None
        if not goes_on:
            self._checkpoint.foreign = copy.deepcopy(self._encoders)
            self._prepared.encode_again(self._checkpoint)
        arguments = self._arguments
        return EncoderTuning(self._checkpoint, self._prepared, arguments.text_tuning, arguments.image_tuning)

    @property
    def _taught_whole(self) -> bool:
        """Whether refitting may go on from measured weights: those of a recipe that adds none, with much to learn."""
        return self._teacher is not None and self._arguments.recipe == "full"

    def _average(self, weights: list[Weights], held_out: Labels | None) -> bool:
        """Load the mean of the weights, or the first where the held-out labels say that it is better alone."""
        model = self._checkpoint.model
        mean = {
            name: torch.stack([part[name] for part in weights]).mean(dim=0) if value.is_floating_point() else value
            for name, value in weights[0].items()
        }
        if held_out is not None:
            losses = [self._loss(candidate, held_out) for candidate in (mean, weights[0])]
            if losses[1] < losses[0]:
                return False
        model.load_state_dict(mean)
        return True

    def _loss(self, weights: Weights, held_out: Labels) -> float:
        model = self._checkpoint.model
        model.load_state_dict(weights)
        _, logits = read_out(model, self._prepared, held_out)
        return float(F.cross_entropy(logits, torch.from_numpy(held_out.targets)))
