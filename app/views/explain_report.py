"""One click makes the session's story a file for people without the app: HTML, or PDF where there is a Chromium."""

from typing import TYPE_CHECKING

import streamlit as st

from app.context import context
from app.i18n import language, speaking, t
from app.report.page import report_html
from app.report.pdf import browser_path, pdf_of
from app.report.reading import Wanted, read_story
from app.views.explain_choice import Choice
from app.views.explain_method import MethodChoice
from core.errors import OverloadedError

if TYPE_CHECKING:
    from core.explain.lessons.lessons import Lessons
    from core.model.scorer import SessionScorer


LESSONS_WAIT_S = 20.0


def render_report(scorer: "SessionScorer", choice: Choice, method: MethodChoice) -> None:
    """The two buttons; the file is made when one is pressed, of what the page shows."""
    against = choice.against
    wanted = Wanted(choice.session_id, choice.event_id, choice.intent_id, against, method.name, method.thorough)
    spoken, name = language(), f"report-{choice.session_id}-{choice.event_id}"

    def html() -> str:
        with speaking(spoken):
            story = read_story(context().warehouse, scorer, wanted, _lessons(scorer.model_id))
        return report_html(story, spoken)

    st.download_button(
        t("report.download_html"),
        html,
        f"{name}.html",
        "text/html",
        on_click="ignore",
        help=t("report.make_help"),
        icon=":material/article:",
    )
    printable = browser_path() is not None
    st.download_button(
        t("report.download_pdf"),
        lambda: pdf_of(html()),
        f"{name}.pdf",
        "application/pdf",
        on_click="ignore",
        disabled=not printable,
        help=t("report.make_help") if printable else t("report.no_browser"),
        icon=":material/picture_as_pdf:",
    )


def _lessons(model_id: str) -> "Lessons | None":
    """The labelled sessions; None where reading them takes too long, which the report then says."""
    try:
        return context().lessons.lessons(model_id, LESSONS_WAIT_S)
    except OverloadedError:
        return None
