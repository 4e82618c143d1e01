"""By which method to explain, what it is good for, and whether to measure its steadiness too; all in the address."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.address import in_address, keep, kept_choice
from app.components.parts import plain
from app.i18n import t

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap


@dataclass(frozen=True)
class MethodChoice:
    """The method's name, whether its steadiness is measured as well, and whether it is shown as a curiosity only."""

    name: str
    thorough: bool
    is_curiosity: bool = False


def choose_method(place: DeltaGenerator, told: DeltaGenerator) -> MethodChoice:
    """The method of the address, or Integrated Gradients; chosen in `place`, and what it is good for said in `told`."""
    from core.explain.methods.registry import METHODS  # with torch, which the model has loaded by now

    asked = st.query_params.get("method")
    if asked and asked not in METHODS:
        st.info(t("explain.unknown_method", method=plain(asked)))
    name = kept_choice("method", t("explain.method"), list(METHODS), method_name, place=place)
    told.caption(t(f"explain.method.{name}_when"))
    if METHODS[name].kind == "curiosity":
        return MethodChoice(name, thorough=False, is_curiosity=True)
    key = in_address("steady", lambda said: said == "1")
    thorough = place.toggle(t("explain.thorough"), help=t("explain.thorough_help"), key=key)
    keep("steady", "1" if thorough else "")
    return MethodChoice(name, thorough)


def method_name(name: str) -> str:
    """A method in the reader's language."""
    return t(f"explain.method.{name}")


def unit_texts(heatmap: "Heatmap") -> dict[str, str]:
    """The words of the heatmap's legend, where its numbers are no probability."""
    if heatmap.kind != "curiosity":
        return {}
    return {name: t(f"explain.attention.{name}") for name in ("unit", "points", "for", "against", "cell", "table")}


def render_block(heatmap: "Heatmap") -> None:
    """Says that events of a long session were taken together, where they were."""
    if heatmap.block > 1:
        st.caption(t("explain.block", n=len(heatmap.event_ids), most=heatmap.block))
