"""The session model: events to the intent at every event, M(x1 ... xn) = (y1 ... yn), by a causal transformer."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, LlamaModel, PreTrainedModel
from transformers.cache_utils import DynamicCache
from transformers.utils.generic import ModelOutput

from core.model.batch import EventBatch
from core.model.config import SessionModelConfig
from core.model.event_encoder import EventEncoder
from core.model.fields import FIELDS
from core.model.heads import IntentHead, NextEventHeads
from core.model.image_encoder import ImageEncoder
from core.model.text_encoder import TextEncoder


@dataclass
class SessionModelOutput(ModelOutput):
    """intent_logits [B, T, K] (None while only pretrained), last_hidden_state [B, T, d], past_key_values."""

    intent_logits: torch.Tensor | None = None
    last_hidden_state: torch.Tensor | None = None
    past_key_values: Any = None


class SessionModel(PreTrainedModel):
    """Event encoder, Llama-type backbone, heads; text and picture encoders of its own, None where foreign ones read."""

    config_class = SessionModelConfig
    base_model_prefix = "session_model"
    _supports_sdpa: ClassVar[bool] = True

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__(config)
        self.text_encoder = TextEncoder(config) if config.foreign_text_size is None else None
        self.image_encoder = ImageEncoder(config) if config.foreign_image_size is None else None
        self.event_encoder = EventEncoder(config)
        self.backbone = LlamaModel(config.backbone())
        self.next_event = NextEventHeads(config)
        self.intent_head = IntentHead(len(config.intents)) if config.intents else None
        self.register_buffer("mean_event", torch.zeros(len(FIELDS), config.hidden_size))
        self.prefix: nn.Parameter | None = None
        if config.prefix_events:
            self.set_prefix(torch.zeros(config.prefix_shape()))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Transformer initialisation; modules with an initialisation of their own keep it."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def set_prefix(self, prefix: torch.Tensor) -> None:
        """Keys and values that every visitor's stream begins with: [layers, 2, heads, P, d / heads]."""
        self.config.prefix_events = prefix.shape[3]
        self.prefix = nn.Parameter(prefix)

    def encode_fields(self, batch: EventBatch) -> torch.Tensor:
        """One embedding a field and event: [B, T, F, d], fields as FIELDS; explanations start here."""
        return self.event_encoder(batch)

    def forward(
        self,
        batch: EventBatch | None = None,
        *,
        field_embeddings: torch.Tensor | None = None,
        event_vectors: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: DynamicCache | None = None,
        use_cache: bool = False,
        only_last: bool = False,
    ) -> SessionModelOutput:
        """States and intents at every event, from a batch, its field embeddings or its event vectors.

        Args:
            batch: windows; or instead
            field_embeddings: [B, T, F, d] float32; or instead
            event_vectors: [B, T, d] float32, as `event_encoder.combine` makes them.
            attention_mask: [B, T (+ cached)] bool or int, True = real event. Needed only for left-padded caches:
                batches are right-padded, and a causal model never reads the padding after an event. Leaving the
                mask away keeps attention on its fast path.
            position_ids: [B, T] int64, needed only when cached windows are left-padded.
            past_key_values: the cache of earlier events, extended in place.
            only_last: intent_logits of the last event alone, [B, 1, K]; spares the heads all others.
        """
        if batch is not None:
            field_embeddings = self.encode_fields(batch)
        if field_embeddings is not None:
            event_vectors = self.event_encoder.combine(field_embeddings)
        past_key_values = self._begun(past_key_values, event_vectors)
        output = self.backbone(
            inputs_embeds=event_vectors,
            attention_mask=attention_mask.long()
            if attention_mask is not None and past_key_values is not None
            else None,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
        )
        states = output.last_hidden_state
        return SessionModelOutput(
            intent_logits=self._intent_logits(states[:, -1:] if only_last else states),
            last_hidden_state=states,
            past_key_values=output.past_key_values,
        )

    def _intent_logits(self, states: torch.Tensor) -> torch.Tensor | None:
        """[B, T, d] -> [B, T, K]; None while only pretrained."""
        return None if self.intent_head is None else self.intent_head(self.next_event.forecast(states))

    def _begun(self, cache: DynamicCache | None, event_vectors: torch.Tensor | None) -> DynamicCache | None:
        """The cache, with the prefix in it where it holds nothing yet."""
        if self.prefix is None or event_vectors is None or (cache is not None and cache.get_seq_length()):
            return cache
        cache = DynamicCache(config=self.backbone.config) if cache is None else cache
        shape = (len(event_vectors), *self.prefix.shape[2:])
        for layer, (keys, values) in enumerate(self.prefix):
            cache.update(keys.expand(shape), values.expand(shape), layer)
        return cache


AutoConfig.register(SessionModelConfig.model_type, SessionModelConfig)
AutoModel.register(SessionModelConfig, SessionModel)
