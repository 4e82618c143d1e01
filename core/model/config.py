"""The session model's configuration: three sizes, saved as config.json beside the weights."""

from typing import Any

from transformers import LlamaConfig, PreTrainedConfig

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128},
    "small": {"hidden_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 256},
    "base": {"hidden_size": 256, "num_hidden_layers": 6, "num_attention_heads": 8, "intermediate_size": 704},
}
"""Tiny for tests and very small logs, small (about 1 M weights) for one machine, base for large logs."""


class SessionModelConfig(PreTrainedConfig):
    """Everything that fixes the weights' shapes; `intents` is empty for a model that is only pretrained."""

    model_type = "intentlens-session"

    hidden_size: int = 128
    num_hidden_layers: int = 3
    num_attention_heads: int = 4
    intermediate_size: int = 256
    max_events: int = 128
    number_bins: int = 16
    text_vocabulary_size: int = 3000
    text_width: int = 64
    text_layers: int = 2
    max_tokens: int = 24
    image_width: int = 32
    image_pixels: int = 32
    text_encoder: str = "own"
    foreign_text_size: int | None = None
    image_encoder: str = "own"
    foreign_image_size: int | None = None
    initializer_range: float = 0.02
    intents: list[str] | None = None
    prefix_events: int = 0
    bos_token_id: int | None = None
    eos_token_id: int | None = None
    pad_token_id: int | None = None

    @property
    def text_vector_size(self) -> int:
        """A foreign encoder's size; of the own one the mean token embedding beside the mean last state."""
        return self.foreign_text_size or 2 * self.text_width

    @property
    def image_vector_size(self) -> int:
        """Numbers of a picture's vector: a foreign encoder's, or the own one's."""
        return self.foreign_image_size or self.image_width

    def prefix_shape(self) -> tuple[int, int, int, int, int]:
        """Keys and values of `prefix_events` learned events a layer: [layers, 2, heads, P, d / heads]."""
        heads = self.num_attention_heads
        return self.num_hidden_layers, 2, heads, self.prefix_events, self.hidden_size // heads

    def backbone(self) -> LlamaConfig:
        """The causal transformer over event vectors; it embeds nothing itself, so its vocabulary is one entry."""
        return LlamaConfig(
            vocab_size=1,
            hidden_size=self.hidden_size,
            intermediate_size=self.intermediate_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            max_position_embeddings=self.max_events,
            initializer_range=self.initializer_range,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=None,
        )


def config_of_size(size: str, **overrides: Any) -> SessionModelConfig:
    """The configuration of a named size.

    Raises:
        ValueError: an unknown size.
    """
    if size not in SIZES:
        raise ValueError(f"model size is '{size}', expected one of {sorted(SIZES)}.")
    return SessionModelConfig(**(SIZES[size] | overrides))
