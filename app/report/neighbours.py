"""The labelled sessions beside the prediction: those like it, and those that spoke for and against it."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from app.i18n import t
from app.report.story import Neighbours, Record, Story
from app.views.explain_lesson_card import basis, story_words
from core.intents.labels_now import LabelNow, labels_now
from core.intents.taxonomy import merged_intents
from core.store.evaluation_queries import session_traits
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.explain.lessons.lessons import Evidence, Lesson

MOST_NEIGHBOURS = 5
_COLUMNS = ("session", "story", "label", "annotators", "guess")


def tell_neighbours(warehouse: Warehouse, evidence: "Evidence") -> Neighbours:
    """The lists with the labels as they are now, in the language that is spoken."""
    found = {
        "similar": evidence.similar,
        "for": evidence.speaking_for,
        "against": evidence.speaking_against,
    }
    every = [lesson for lessons in found.values() for lesson in lessons]
    labels = labels_now(warehouse, [(lesson.session_id, lesson.event_id) for lesson in every])
    traits = session_traits(warehouse, list({lesson.session_id for lesson in every}))
    trails = dict(zip(traits["session_id"], traits["trail"], strict=True))
    merged = merged_intents(warehouse)

    def told(kind: str, lesson: "Lesson") -> Record:
        label: LabelNow = labels[(lesson.session_id, lesson.event_id)]
        trail = trails.get(lesson.session_id)
        return {
            "session_id": lesson.session_id,
            "story": t("lessons.gone") if trail is None else story_words(list(trail)),
            "intent": label.intent,
            "annotators": ", ".join(label.annotators),
            "taught": merged.get(lesson.taught, lesson.taught),
            "guess": merged.get(lesson.guess, lesson.guess),
            "probability": lesson.probability,
            "value": f"{lesson.similarity:.0%}" if kind == "similar" else _signed(lesson.influence),
        }

    lists = {kind: [told(kind, lesson) for lesson in lessons] for kind, lessons in found.items()}
    return Neighbours(lists, basis(evidence))


def neighbours_html(story: Story) -> str:
    """Three tables and what they rest on."""
    if story.neighbours is None:
        return f"<p>{escape(t('report.neighbours_unread'))}</p>"
    if not any(story.neighbours.lists.values()):
        return f"<p>{escape(t('report.no_neighbours'))}</p>"
    name = story.intent(story.heatmap.intent).name
    if story.against is not None:
        name = t("explain_more.against_name", name=name, other=story.intent(story.against).name)
    tables = "".join(_list(story, kind, name, rows) for kind, rows in story.neighbours.lists.items() if rows)
    return f"<p>{escape(t('report.neighbours_help'))}</p>{tables}<p><small>{escape(story.neighbours.basis)}</small></p>"


def _list(story: Story, kind: str, name: str, rows: Sequence[Record]) -> str:
    names = (*_COLUMNS, "similarity" if kind == "similar" else "influence")
    head = "".join(f"<th scope=col>{escape(t(f'report.column_{column}'))}</th>" for column in names)
    body = "".join(_row(story, row) for row in rows)
    return (
        f"<h3>{escape(t(f'lessons.{kind}', intent=name))}</h3>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(story: Story, row: Record) -> str:
    label = t("lessons.no_label_now") if row["intent"] is None else story.intent(row["intent"]).name
    if row["intent"] is not None and row["intent"] != row["taught"]:
        label = f"{label} ({t('lessons.taught_as', intent=story.intent(row['taught']).name)})"
    guess = f"{story.intent(row['guess']).name} {row['probability']:.0%}"
    cells = (row["session_id"], row["story"], label, row["annotators"], guess)
    told = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr>{told}<td class="number">{escape(row["value"])}</td></tr>'


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}%".replace("-", "−")
