"""Yesterday's model with room for today's intents: old answers stay in place, new ones begin unlikely."""

from dataclasses import replace

import torch

from core.model.checkpoint import Checkpoint
from core.model.config import SessionModelConfig
from core.model.heads import IntentHead
from core.model.session_model import SessionModel


def union(taxonomy: tuple[str, ...], known: tuple[str, ...], labelled: tuple[str, ...]) -> tuple[str, ...]:
    """The intents a model knows and those that are labelled, in the taxonomy's order; retired ones come last."""
    wanted = {*known, *labelled}
    return (*(intent for intent in taxonomy if intent in wanted), *(name for name in known if name not in taxonomy))


def widened(base: Checkpoint, intents: tuple[str, ...]) -> Checkpoint:
    """A copy of a finetuned model that answers for `intents`, all of the model's own among them.

    The logits of the intents it knows are as before; those of new intents are the least of these, less one.
    """
    config = SessionModelConfig.from_dict(base.model.config.to_dict() | {"intents": list(intents)})
    model = SessionModel(config)
    weights = {name: value for name, value in base.model.state_dict().items() if not name.startswith("intent_head.")}
    model.load_state_dict(weights, strict=False)
    if model.intent_head is None or base.model.intent_head is None:
        raise ValueError("both models need an intent head, expected finetuned ones.")
    _copy_head(base.model.intent_head, model.intent_head, [intents.index(intent) for intent in base.intents])
    return replace(base, model=model.eval(), card=dict(base.card))


@torch.no_grad()
def _copy_head(old: IntentHead, new: IntentHead, place: list[int]) -> None:
    new.center.copy_(old.center)
    new.spread.copy_(old.spread)
    new.output.weight.zero_()
    new.output.bias.fill_(float(old.output.bias.min()) - 1.0)
    new.output.weight[place] = old.output.weight
    new.output.bias[place] = old.output.bias
