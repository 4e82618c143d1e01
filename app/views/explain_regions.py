"""The picture of one event, and which part of it the prediction hangs on."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.regions import regions_figure
from app.components.parts import download_table
from app.context import context
from app.i18n import t
from app.units import points, signed
from app.views.explain_choice import Choice
from app.views.explain_parts import explained_part
from app.views.stream_digest import stream_digest
from core.errors import NotFoundError

if TYPE_CHECKING:
    from core.explain.regions import PictureRegions
    from core.model.scorer import SessionScorer


def render_regions(
    scorer: "SessionScorer", past: pd.DataFrame, items: pd.DataFrame, choice: Choice, event_id: str
) -> None:
    """The picture under its squares, and the strongest square in words."""
    st.markdown(f"**{t('explain_more.regions')}**")
    try:
        digest = stream_digest(scorer.model_id, past, items)
        told: PictureRegions = explained_part("regions", digest, choice, event_id, scorer, past, items)
    except NotFoundError:
        st.caption(t("explain_more.regions_none"))
        return
    falls = 100 * told.values
    picture = context().settings.media_folder / told.image
    figure = regions_figure(picture, falls, t("explain_more.regions_legend"), t("explain_more.regions_hover"))
    st.plotly_chart(figure, key="regions")
    row, column = np.unravel_index(int(falls.argmax()), falls.shape)
    if choice.against is None:
        st.caption(t("explain_more.regions_sum", hidden=f"{told.value_hidden:.1%}", value=f"{told.value:.1%}"))
    else:
        st.caption(t("explain_numbers.regions_sum_lead", hidden=points(told.value_hidden), value=points(told.value)))
    st.caption(t("explain_more.regions_most", row=row + 1, column=column + 1, points=signed(float(falls.max()), 2)))
    download_table(told.to_frame(), f"regions-{event_id}", label=t("explain_more.regions_csv"))
