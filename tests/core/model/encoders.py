"""Tiny encoders in the shape that Hugging Face models have on disk, made by the tests themselves."""

import json
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, ViTConfig, ViTModel

from core.model.text_encoder import train_tokenizer

TEXT_WIDTH = 24
IMAGE_WIDTH = 16


def save_text_encoder(folder: Path, texts: list[str]) -> Path:
    """An untrained BERT of 24 numbers with a tokenizer of these texts."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer(texts, 300)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]"
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=TEXT_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        initializer_range=0.3,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def save_image_encoder(folder: Path) -> Path:
    """An untrained vision transformer of 16 numbers over 32 pixels."""
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=IMAGE_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
    )
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    about = {"image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.2, 0.2]}
    (folder / "preprocessor_config.json").write_text(json.dumps(about))
    return folder
