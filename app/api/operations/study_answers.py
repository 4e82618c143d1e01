"""What the routes of studies and of the divergence of two models answer; held by the fuzz test as those of answers.py.

All that a part adds is in units of probability; intervals are 95 %, over drawn visitors.
"""

from typing import Literal

from pydantic import Field

from app.api.operations.answers import AnswerBody


class MeasuredCounts(AnswerBody):
    """Over how much a finished study measured."""

    sessions: int = Field(ge=0)
    rationales: int = Field(ge=0, description="Sessions in which people marked events.")
    prefixes: int = Field(ge=0, description="Sessions in which price and pause were swept.")


class StudyBody(AnswerBody):
    """A study: what was ordered, and where it is."""

    study_id: str
    model: str | None
    method: str | None
    sessions: int | None = Field(description="Sessions to explain.")
    prefixes: int | None = Field(description="Sessions in which to sweep price and pause.")
    seed: int
    status: Literal["queued", "running", "finished", "failed", "stopped"]
    phase: str = Field(description="faithfulness, plausibility or dependence; empty before.")
    step: int = Field(ge=0)
    total: int = Field(ge=0, description="Steps of this phase.")
    progress: float = Field(ge=0, le=1, description="Share of this phase that is done.")
    eta_s: float | None = Field(description="Seconds left of this phase; null while unknown.")
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    error: str | None
    measured: MeasuredCounts | None = Field(description="Null until it is finished.")


class StudyList(AnswerBody):
    """Studies, the newest first."""

    studies: list[StudyBody]


class Quantiles(AnswerBody):
    """A distribution over heatmaps: its 5, 25, 50, 75 and 95 % points."""

    low: float | None
    lower: float | None
    median: float | None
    upper: float | None
    high: float | None


class OfIntent(Quantiles):
    """That of one intent's heatmaps."""

    intent: str
    n: int = Field(ge=0)


class OfStage(Quantiles):
    """Likeness (Spearman) to heatmaps of weights that are shuffled down to a stage."""

    stage: str
    what: Literal["cells", "sizes"]
    n: float | None = Field(description="Null where no heatmap could be compared.")


class Sanity(AnswerBody):
    """Whether heatmaps change once all weights are shuffled."""

    verdict: Literal["changes", "partly", "unchanged", "few"]
    largest_median: float | None


class Speaking(AnswerBody):
    """What a field, event type, transition or word adds to an intent where the model says it."""

    name: str
    value: float
    low: float
    high: float
    n: int = Field(ge=1, description="Sessions.")
    visitors: int = Field(ge=1)


class Parts(AnswerBody):
    """By intent; the largest first."""

    field: dict[str, list[Speaking]] = Field({})
    type: dict[str, list[Speaking]] = Field({})


class Occurring(AnswerBody):
    """By intent; the largest first. Those of fewer than ten visitors are left out."""

    transition: dict[str, list[Speaking]] = Field({})
    word: dict[str, list[Speaking]] = Field({})


class CurvePoint(AnswerBody):
    """The intent's probability where a number takes one value."""

    value: float = Field(description="In the prices' currency, or in seconds.")
    mean: float
    low: float
    high: float
    lower: float = Field(description="Four in five sessions lie between lower and upper.")
    upper: float
    n: int
    visitors: int


class Curves(AnswerBody):
    """Partial dependence on price, pause and absence."""

    currency: str | None
    curves: dict[str, dict[str, list[CurvePoint]]] = Field(description="By number and intent.")


class PlausibilityMeasure(AnswerBody):
    """How well heatmaps point where people marked events, beside a random order."""

    measure: str
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    lead: float | None
    lead_low: float | None
    lead_high: float | None
    n: int
    visitors: int


class Plausibility(AnswerBody):
    """Where people point."""

    verdict: Literal["ahead", "unsure", "behind", "few"]
    measures: list[PlausibilityMeasure]


class StudyResult(AnswerBody):
    """What a study found: its verdicts, and the parts that were asked for."""

    study_id: str
    model_id: str
    method: str
    unlabelled: bool = Field(description="Nobody had labelled the sessions.")
    predictions: int = Field(ge=1, description="Sessions that were explained.")
    intents: dict[str, int] = Field(description="In how many of them the model says which intent.")
    reliability: dict[str, int] = Field(description="How many heatmaps got which verdict.")
    sanity: Sanity
    pointing: Literal["ahead", "unsure", "behind", "few"]
    measures: dict[str, list[OfIntent]] = Field({}, description="By measure of faithfulness.")
    chance_comprehensiveness: list[OfIntent] = Field([])
    randomized: list[OfStage] = Field([])
    parts: Parts | None = Field(None, description="What fields and event types add.")
    speaking: Occurring | None = Field(None, description="What transitions and words add.")
    dependence: Curves | None = Field(None)
    plausibility: Plausibility | None = Field(None)


class IntervalScore(AnswerBody):
    """A figure with its interval; null where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class IntentAgreement(AnswerBody):
    """In how many sessions each model says an intent, and their agreement on it."""

    intent: str
    first: int
    second: int
    both: int
    agreement: float | None
    low: float | None
    high: float | None


class SessionApart(AnswerBody):
    """A session that the two answer otherwise; `divergence` is Jensen-Shannon's, in bits."""

    session_id: str
    visitor_id: str
    event_id: str
    first: str
    second: str
    first_probability: float
    second_probability: float
    divergence: float = Field(ge=0, le=1)


class AnswersApart(AnswerBody):
    """What both say at the last events of the same sessions."""

    source: Literal["scored", "held_out"]
    sessions: int
    visitors: int
    agreement: IntervalScore
    kappa: IntervalScore
    intents: list[str]
    confusion: list[list[int]] = Field(description="A row an intent of the first, a column one of the second.")
    per_intent: list[IntentAgreement]
    furthest: list[SessionApart]


class Difference(AnswerBody):
    """What a part adds in each model, and first less second."""

    name: str
    first: float
    second: float
    value: float
    low: float
    high: float
    n_first: int
    n_second: int
    adjusted_p: float = Field(
        ge=0, le=1, description="The chance of so much where nothing differs, adjusted for the number of rows."
    )


class StudiesApart(AnswerBody):
    """How what speaks for an intent differs, by the newest studies of both."""

    unstudied: list[str] = Field(description="Models without a study; nothing is compared then.")
    methods: list[str] = Field(description="Of both studies; nothing is compared unless they are the same.")
    shared_sessions: int
    intents: list[str] = Field(description="Those that both say for at least ten visitors.")
    differences: dict[str, dict[str, list[Difference]]] = Field(description="By kind of part and intent.")


class Divergence(AnswerBody):
    """Where two models differ: the parts that were asked for."""

    model: str
    against: str
    answers: AnswersApart | None = Field(None, description="Null where no session was answered by both.")
    study: StudiesApart | None = Field(None)
