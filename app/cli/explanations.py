"""`intentlens explanations`: whether a model's explanations may be believed, measured over many predictions."""

from typing import TYPE_CHECKING, Any

import click

from app.cli.home import common_options, opened
from app.cli.jobs import Order, run_job
from app.cli.models import chosen_model
from app.cli.output import say, table

if TYPE_CHECKING:
    from core.explain.study.report import ExplanationReport

MOST_PRINTED = 8
"""Words, or transitions, of one intent; `--json` has all."""


@click.command()
@click.option("--model", "model_id", help="A model's id; the champion without.")
@click.option("--sessions", default=150, show_default=True, help="Sessions to explain, drawn among unlabelled ones.")
@click.option("--method", default="integrated_gradients", show_default=True, help="As `intentlens explain` takes it.")
@click.option(
    "--prefixes", default=500, show_default=True, help="Sessions in which price and pause are swept; 0: none."
)
@click.option("--seed", default=0, show_default=True, help="Of the draw.")
@common_options
def explanations(
    model_id: str | None, sessions: int, method: str, prefixes: int, seed: int, home: str | None, as_json: bool
) -> None:
    """Measure a model's explanations: faithful, about the model, where people point, what speaks for each intent.

    And what the model would say at other prices and after other pauses (partial dependence).

    The Evaluate page then shows the same figures.
    """
    from core.explain.study.report import read_report  # scipy and torch, which other commands do without
    from core.explain.study.told import to_dict

    with opened(home) as warehouse:
        record = chosen_model(warehouse, model_id)
        arguments = {"sessions": sessions, "method": method, "prefixes": prefixes}
        run_job(warehouse, Order("explain", arguments, seed=seed, base_model=record.folder), as_json=as_json)
        report = read_report(record.folder)
    if report is None:
        raise RuntimeError(f"the run of '{record.model_id}' left no rows, expected some.")
    say(to_dict(report), words_of(report), as_json=as_json)


def words_of(report: "ExplanationReport") -> str:
    """The report for people."""
    from core.explain.study.occurrences import OCCURRENCE_KINDS
    from core.explain.study.report import MEASURES

    counts = ", ".join(f"{count} {name}" for name, count in report.reliabilities.items())
    origin = "nobody labelled" if report.unlabelled else "some of them labelled"
    heading = f"{report.model_id} by {report.method}: {counts} of {len(report.predictions)} sessions, {origin}"
    rows = [["", "intent", "n", "25 %", "median", "75 %"]]
    for measure in (*MEASURES, "chance"):
        for row in report.distribution(measure).to_dict("records"):
            rows.append([measure, str(row["intent"]), str(row["n"]), *_figures(row, "lower", "median", "upper")])
    likeness = [["shuffled down to the", "", "25 %", "median", "75 %"]]
    for row in report.likeness().to_dict("records"):
        likeness.append([str(row["stage"]), str(row["what"]), *_figures(row, "lower", "median", "upper")])
    sanity, largest = report.sanity
    pointed = [["", "mean", "95 % interval", "chance", "sessions"]]
    for row in report.plausibility().to_dict("records"):
        value, low, high, chance = _figures(row, "value", "low", "high", "chance")
        pointed.append([str(row["measure"]), value, f"{low} to {high}", chance, str(row["n"])])
    spoken = [["", "intent", "adds where it occurs", "95 % interval", "sessions"]]
    for kind in OCCURRENCE_KINDS:
        for intent in report.predictions["intent"].unique():
            for row in report.speaking(kind, intent).head(MOST_PRINTED).to_dict("records"):
                value, low, high = _figures(row, "value", "low", "high")
                spoken.append([f"{kind} {row['name']}", str(intent), value, f"{low} to {high}", str(row["n"])])
    return "\n\n".join(
        [
            heading,
            table(rows, "<<>>>>"),
            f"against shuffled weights: {sanity} (largest median rho {_figure(largest)})",
            table(likeness, "<<>>>"),
            f"where people point: {report.pointing}",
            table(pointed, "<>>>>"),
            *([table(spoken, "<<>>>")] if len(spoken) > 1 else []),
            *([table(_dependence(report), "<<>>>>>")] if report.dependence.features else []),
        ]
    )


def _dependence(report: "ExplanationReport") -> list[list[str]]:
    """Where each intent's mean probability begins and ends as a number is swept; `--json` has the whole curves."""
    from app.units import signed  # streamlit, which other commands do without

    rows = [["swept", "intent", "from", "to", "mean goes from", "to", "95 % interval of the change"]]
    for feature in report.dependence.features:
        for intent in report.dependence.intents:
            swing, curve = report.dependence.swing(feature, intent), report.dependence.curve(feature, intent)
            ends = [_value(feature, float(curve["value"].iloc[at]), report.dependence.currency) for at in (0, -1)]
            means = [_figure(swing.first), _figure(swing.last)]
            rows.append([feature, intent, *ends, *means, f"{signed(swing.low, 2)} to {signed(swing.high, 2)}"])
    return rows


def _value(feature: str, value: float, currency: str | None) -> str:
    from app.units import human_gap

    if feature == "price":
        return f"{value:,.2f} {currency or ''}".strip()
    return human_gap(round(1000 * value))


def _figures(row: dict[Any, Any], *names: str) -> list[str]:
    return [_figure(row[name]) for name in names]


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"
