"""`intentlens report`: a session's story as one file for people without the app."""

from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.models import chosen_model
from app.cli.output import OutputFile, say


@click.command()
@click.option("--session", "session_id", required=True, help="The session's id.")
@click.option("--out", required=True, type=OutputFile(), help="The file to write, .html or .pdf (by Chromium).")
@click.option("--event", "event_id", help="The event that is explained; the last one without.")
@click.option("--intent", help="The intent to explain; the likeliest one without.")
@click.option("--against", help="Explain why rather the intent than this one.")
@click.option("--method", default="integrated_gradients", show_default=True, help="As `intentlens explain` takes it.")
@click.option("--model", "model_id", help="A model's id; the champion without.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="The reader's language.")
@common_options
def report(
    session_id: str,
    out: Path,
    event_id: str | None,
    intent: str | None,
    against: str | None,
    method: str,
    model_id: str | None,
    lang: str,
    home: str | None,
    as_json: bool,
) -> None:
    """Tell a session in one file: events, probabilities, heatmap, words, and whether to trust them.

    The file needs no network and runs no script. It holds what the visitor did: share it as you would the log.
    """
    from app.i18n import Language, speaking  # streamlit and torch, which other commands do without
    from app.report.page import report_html
    from app.report.pdf import pdf_of
    from app.report.reading import Wanted, read_story
    from core.explain.lessons.lessons import learn_lessons
    from core.explain.lessons.taught import find_taught
    from core.model.scorer import SessionScorer

    if out.suffix.lower() not in (".html", ".pdf"):
        raise click.BadParameter(f"'{out.name}' ends in neither .html nor .pdf.", param_hint="--out")
    language: Language = "zh" if lang == "zh" else "en"
    wanted = Wanted(session_id, event_id, intent, against, method)
    with opened(home) as warehouse, speaking(language):
        record = chosen_model(warehouse, model_id)
        scorer, media = SessionScorer.load(record.folder), warehouse.settings.media_folder
        lessons = learn_lessons(scorer, record.folder, find_taught(warehouse, record), media)
        story = read_story(warehouse, scorer, wanted, lessons)
    html = report_html(story, language)
    content = pdf_of(html) if out.suffix.lower() == ".pdf" else html.encode()
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(content)
    part.replace(out)
    told = {"file": str(out), "session_id": session_id, "model": record.model_id, "bytes": len(content)}
    say(told, f"The story of {session_id} by {record.model_id} is in {out}", as_json=as_json)
