"""The shapes of the API's answers. They document, and the fuzz test holds every answer against them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class AnswerBody(BaseModel):
    """Nothing but what is declared: so a field that nobody documented is found."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(AnswerBody):
    """What went wrong; `field` and `value` where one is to blame."""

    code: str = Field(description="For programs; it does not change.")
    message: str = Field(description="For people: what, which value, what was expected.")
    field: str = Field("", description="Where in the request.")
    value: str | int | float | bool = Field("", description="What was found there, cut after 200 characters.")


class Problem(AnswerBody):
    """The one shape of every error."""

    error: ErrorBody


class RefusedMessage(ErrorBody):
    """Why one message was not taken; it is kept as rejected."""

    index: int = Field(description="Its place in the batch, from 0.")


class Collected(AnswerBody):
    """What became of the messages; all of it is on disk."""

    success: Literal[True]
    status: Literal[1] = Field(description="What PostHog's older libraries look for.")
    added: int = Field(ge=0)
    duplicates: int = Field(ge=0, description="Messages whose id was there already.")
    rejected: list[RefusedMessage]
    intents: list["IntentAnswer"] = Field([], description="Of their visitors after them, where asked for.")
    intents_error: ErrorBody | None = Field(None, description="Why the intents asked for are missing.")


class ScoredIntent(AnswerBody):
    """An intent and its calibrated probability."""

    label: str
    score: float = Field(ge=0, le=1)


class FaithfulnessBody(AnswerBody):
    """How well the heatmap predicts what the model does when events are taken away (DeYoung et al. 2020)."""

    comprehensiveness: float | None
    sufficiency: float | None
    agreement: float | None = Field(description="Kendall's tau with leaving out each event; null below 3 events.")
    left_out: int = Field(description="Events left out one by one for it.")
    infidelity: float | None = Field(description="What the heatmap fails to foresee: 0 nothing, 1 all of it.")
    chance: float | None = Field(description="Comprehensiveness of events in random order: the base rate.")
    sensitivity: float | None = Field(description="How far shaking the input changes it; null unless thorough.")


class Explanation(AnswerBody):
    """Why an intent: signed shares of its probability, by event and field."""

    model_version: str
    method: str
    intent: str
    probability: float
    baseline_probability: float = Field(description="If all events were the mean event.")
    event_ids: list[str]
    fields: list[str]
    values: list[list[float]] = Field(description="A row an event, a column a field.")
    convergence_delta: float
    relative_error: float
    n_steps: int
    reliability: Literal["trust", "careful", "unreliable", "curiosity"]
    reason: str = Field(description="The measure that decided the reliability; empty where nothing speaks against it.")
    is_complete: bool = Field(description="Whether the method promises that the values add up.")
    block: int = Field(description="Events of long sessions that were taken together.")
    sampling_error: float = Field(description="Standard error of sampled values, as a share of their size.")
    faithfulness: FaithfulnessBody | None


class WordBody(AnswerBody):
    """A word of a text, and what it added to the probability."""

    text: str
    start: int
    end: int
    value: float
    read: bool = Field(description="False beyond what the model reads of a text.")


class TextWordsBody(AnswerBody):
    """A text of the event, word by word."""

    part: Literal["own", "title"] = Field(description="The query or message, or the title of the item.")
    text: str
    words: list[WordBody]


class WordsBody(AnswerBody):
    """What each word of one event added (Layer Integrated Gradients)."""

    event_id: str
    texts: list[TextWordsBody]
    value: float
    value_hidden: float = Field(description="With every word hidden.")
    value_neutral: float = Field(description="With the mean event's text instead.")
    baseline: str = Field(description="What hides the words.")
    convergence_delta: float
    relative_error: float
    n_steps: int


class NeighbourBody(AnswerBody):
    """A labelled session, or one labelled event of it, that the model learned from."""

    session_id: str
    visitor_id: str
    event_id: str = Field(description="Where the label stands: the event, or the session's last.")
    taught: str = Field(description="The intent that the model learned.")
    label: str | None = Field(description="The intent it is labelled as now; null where that was taken back.")
    annotators: list[str] = Field(description="Who says so.")
    guess: str = Field(description="What the model says there, at `probability`.")
    probability: float
    similarity: float = Field(description="Cosine of the model's states there and at the explained event.")
    influence: float = Field(description="Share of all influence (TracInCP, last layer); above 0 for the intent.")


class NeighboursBody(AnswerBody):
    """The most similar labelled sessions, and those whose labels spoke most for and against the intent."""

    similar: list[NeighbourBody]
    speaking_for: list[NeighbourBody]
    speaking_against: list[NeighbourBody]
    labelled: int = Field(description="Labelled sessions and events in all.")
    checkpoints: int = Field(description="States of the model that the influence was summed over.")
    labels_noted: bool = Field(description="False where the journal tells what the training did not note.")


class ExplanationAnswer(Explanation):
    """The heatmap of one prediction, as the Explain page shows it."""

    visitor_id: str
    event_id: str = Field(description="The event whose prediction is explained.")
    against: str | None = Field(description="The other intent; probabilities and values are differences then.")
    words: WordsBody | None = Field(None, description="Only where it was asked for.")
    neighbours: NeighboursBody | None = Field(None, description="Only where it was asked for.")


class IntentAnswer(AnswerBody):
    """What a shopper is about."""

    visitor_id: str
    session_id: str | None
    model_version: str
    as_of: str = Field(description="UTC time of the last event that was read.")
    intents: list[ScoredIntent] = Field(description="The likeliest first; all scores sum to 1.")
    events_used: int = Field(ge=1)
    abstained: bool = Field(description="The likeliest is below the model's threshold; better not act on it.")
    explanation: Explanation | None = Field(None, description="Only where it was asked for.")


class IntentAnswers(AnswerBody):
    """An answer or an error for each question, in the order asked."""

    answers: list[IntentAnswer | Problem]


class PersonVisitorBody(AnswerBody):
    """One of the visitors that are a person; moments in UTC, null as long as it has no event of its own."""

    visitor_id: str
    sessions: int = Field(ge=0)
    events: int = Field(ge=0)
    first_at: str | None
    last_at: str | None


class PersonAnswer(AnswerBody):
    """All visitors known to be the same person, the one that was asked for among them."""

    visitor_id: str
    visitors: list[PersonVisitorBody] = Field(description="In the order of their ids.")


class WebhookBody(AnswerBody):
    """A webhook, without its secret."""

    webhook_id: str
    url: str
    description: str
    intents: list[str] = Field(description="Changes to these are told; empty: to any.")
    previous: list[str] = Field(description="Changes from these are told; empty: from any.")
    min_score: float
    active: bool
    stopped_by: str | None = Field(description="Why it was switched off, if not by a person.")
    created_at: str
    due: int = Field(description="Messages on their way.")
    dead: int = Field(description="Messages given up after the last try.")


class MadeWebhook(WebhookBody):
    """A new webhook with its secret, which is shown this once."""

    secret: str


class WebhookList(AnswerBody):
    """All webhooks, the oldest first."""

    webhooks: list[WebhookBody]


class DeliveryBody(AnswerBody):
    """A message on its way to a webhook, or given up; a delivered one is no longer listed."""

    delivery_id: str = Field(description="The webhook-id header, the same at each try.")
    webhook_id: str
    body: str
    updates: int
    status: Literal["due", "dead"]
    tries: int
    next_try_at: str | None
    last_status: int | None
    last_error: str | None
    created_at: str
    tried_at: str | None


class DeliveryList(AnswerBody):
    """Messages, the newest first."""

    deliveries: list[DeliveryBody]


class SavedLabels(AnswerBody):
    """What is durable now."""

    acknowledged: list[str] = Field(description="The client_ids that need not be sent again.")
    refused: dict[str, str] = Field(description="Of some of them, why they can never be taken.")
    progress: dict[str, dict[str, int]] = Field(description="This annotator's labels by intent.")


class Cards(AnswerBody):
    """The next sessions to label."""

    cards: list[dict[str, Any]]
    exhausted: bool


class GuidelineExample(AnswerBody):
    """A session that shows the intent, or does not."""

    session_id: str
    visitor_id: str | None
    why: str
    positive: bool


class GuidelineBody(AnswerBody):
    """How to decide for or against one intent."""

    text: str
    yes: str
    no: str
    examples: list[GuidelineExample]


class Guidelines(AnswerBody):
    """The guidelines that hold now."""

    version: int
    intents: dict[str, GuidelineBody]


class Alive(AnswerBody):
    """The process answers."""

    status: Literal["ok"]


class Ready(AnswerBody):
    """It can answer well."""

    status: Literal["ready"]
    model: Literal["none", "ready"] = Field(description="Whether there is a model; it is warm then.")
