"""`intentlens rules`: list them with their figures; let their votes teach."""

from functools import partial

import click

from app.cli.home import common_options, opened
from app.cli.jobs import ACTOR
from app.cli.output import OutputFile, say, table
from app.cli.progress import Progress
from core.registry.text_encoders import text_encoder
from core.store.warehouse import Warehouse
from core.weak.analysis import RuleFigures, rule_figures
from core.weak.fitting import active_rules, rule_patterns
from core.weak.journal import list_rules
from core.weak.labeling_function import LabelingFunction
from core.weak.text_similarities import read_texts, saved_text_rules, unread_texts
from core.weak.votes_table import votes_table
from core.weak.weak_labels import use_as_training_labels


@click.group()
def rules() -> None:
    """Rules that vote for intents: list, apply."""


@rules.command("list")
@common_options
def list_command(home: str | None, as_json: bool) -> None:
    """List all rules: how often each fires, contradicts others, and is right where people labelled."""
    with opened(home) as warehouse:
        _read_texts(warehouse, as_json)
        found = list_rules(warehouse)
        figures = rule_figures(rule_patterns(warehouse, active_rules(warehouse).usable))
    by_id = {row.rule.rule_id: row for row in figures}
    head = ["rule", "name", "votes for", "state", "coverage", "conflict", "right", "labels"]
    rows = [_row(rule, by_id.get(rule.rule_id)) for rule in found]
    words = table([head, *rows], "<<<<>>>>") if rows else "No rule yet; build some on the Rules page."
    say({"rules": [_about(rule, by_id.get(rule.rule_id)) for rule in found]}, words, as_json=as_json)


@rules.command("apply")
@click.option("--votes", type=OutputFile(), help="A CSV file for the votes of every session.")
@click.option("--train", is_flag=True, help="Let the label model's probabilities teach the next fine-tuning.")
@common_options
def apply_command(votes: OutputFile | None, train: bool, home: str | None, as_json: bool) -> None:
    """Let the active rules vote on all sessions, and weigh their votes by the label model."""
    with opened(home) as warehouse:
        _read_texts(warehouse, as_json)
        frame = votes_table(warehouse)
        if votes is not None:
            frame.to_csv(str(votes), index=False)
        written = use_as_training_labels(warehouse, author=ACTOR) if train else None
    about: dict[str, object] = {"sessions": len(frame), "votes": None if votes is None else str(votes)}
    about["training"] = None if written is None else {"version": written.version, "sessions": written.sessions}
    words = f"{len(frame)} sessions have a vote"
    words += f"; votes in {votes}" if votes is not None else ""
    words += f"; {written.sessions} are weak training labels (version {written.version})" if written else ""
    say(about, words, as_json=as_json)


def _read_texts(warehouse: Warehouse, as_json: bool) -> None:
    """Let the active rules by meaning read the texts that are new to them."""
    asked = {rule.key: rule for rule in saved_text_rules(warehouse, active_only=True).values()}
    for rule in asked.values():
        if unread_texts(warehouse, rule):
            with Progress("Rules", as_json=as_json) as bar:
                told = partial(bar.show, "reading texts")
                read_texts(warehouse, rule, text_encoder(warehouse, rule.encoder), told)


def _row(rule: LabelingFunction, figures: RuleFigures | None) -> list[str]:
    head = [rule.rule_id, rule.name, rule.intent, "active" if rule.active else "off"]
    if figures is None:
        return [*head, "-", "-", "-", "-"]
    right = "-" if figures.accuracy is None else f"{figures.accuracy:.0%}"
    return [*head, f"{figures.coverage:.1%}", f"{figures.conflict:.1%}", right, str(figures.labeled)]


def _about(rule: LabelingFunction, figures: RuleFigures | None) -> dict[str, object]:
    names = ("coverage", "overlap", "conflict", "accuracy", "labeled", "correct", "low", "high", "chance")
    about = {name: None if figures is None else getattr(figures, name) for name in names}
    known = {name: getattr(rule, name) for name in ("rule_id", "name", "intent", "kind", "definition", "active")}
    return known | about
