"""The bodies the API takes: trackers' batches, an annotator's labels, and questions for an intent."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

MAX_MESSAGES = 5000
MAX_GIVEN_EVENTS = 1024
MOST_QUESTIONS = 500
"""Of one request; a forward pass takes many, and reading their events takes some milliseconds each."""
MAX_OPERATIONS = 1000
MAX_ANNOTATOR_CHARACTERS = 60
MOST_STUDIED, MOST_SWEPT = 5_000, 20_000
"""Sessions of one study, as its job takes them; a test holds the two together."""

FIRST_MS, LAST_MS = -2_208_988_800_000, 7_258_118_400_000
"""1900 and 2200: moments outside are nobody's events."""

_FIRST, _LAST = (datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None) for ms in (FIRST_MS, LAST_MS))


def _utc(value: object) -> datetime:
    """Naive UTC of an ISO 8601 text; one without a zone is UTC already."""
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("expected an ISO 8601 text such as 2026-05-04T10:00:00Z") from None
    offset = moment.utcoffset()
    moment = moment.replace(tzinfo=None)
    if not _FIRST <= moment <= _LAST:  # before the zone is taken off, which may leave what a datetime can hold
        raise ValueError("expected a moment from 1900 to 2200")
    return moment if offset is None else moment - offset


Moment = Annotated[datetime, BeforeValidator(_utc)]
"""A moment as text in, naive UTC out."""

Id = Annotated[str, Field(min_length=1, max_length=1000)]


def _number(value: object) -> object:
    """Neither a text nor a truth, which pydantic would take as a number; 5.0 is one of JSON's whole numbers."""
    if isinstance(value, str | bool):
        raise ValueError("expected a number")
    return value


Whole = Annotated[int, BeforeValidator(_number)]

_Text = str | Annotated[int, Field(strict=True)]


class Batch(BaseModel):
    """POST /v1/batch; the messages are checked one by one, so that a bad one does not keep the others out."""

    model_config = ConfigDict(extra="ignore")

    batch: list[Any] = Field(max_length=MAX_MESSAGES)
    sentAt: str | None = None  # noqa: N815 - Segment's name
    writeKey: str | None = None  # noqa: N815
    context: dict[str, Any] | None = None


class PosthogBatch(BaseModel):
    """POST /batch/; `sent_at` is the name PostHog's libraries give it."""

    model_config = ConfigDict(extra="ignore")

    batch: list[Any] = Field(max_length=MAX_MESSAGES)
    api_key: str | None = None
    sent_at: str | None = None
    sentAt: str | None = None  # noqa: N815


class Ga4Body(BaseModel):
    """POST /mp/collect: one client's events."""

    model_config = ConfigDict(extra="ignore")

    client_id: _Text | None = None
    app_instance_id: _Text | None = None
    user_id: _Text | None = None
    timestamp_micros: _Text | None = None
    events: list[Any] = Field(max_length=MAX_MESSAGES)


_KNOWN_BY_AN_ID: JsonDict = {
    "type": "object",
    "required": ["client_id"],
    "properties": {"client_id": {"type": "string"}},
}


class LabelBatch(BaseModel):
    """POST /v1/labels: one annotator's operations, oldest first; `save_operations` says what they hold."""

    model_config = ConfigDict(extra="forbid")

    annotator: str = Field(min_length=1, max_length=MAX_ANNOTATOR_CHARACTERS)
    operations: list[dict[str, Any]] = Field(max_length=MAX_OPERATIONS, json_schema_extra={"items": _KNOWN_BY_AN_ID})

    @model_validator(mode="after")
    def _every_operation_is_known_by_an_id(self) -> "LabelBatch":
        if not all(isinstance(operation.get("client_id"), str) for operation in self.operations):
            raise ValueError("every operation has a client_id, a text of the client's own")
        return self

    @model_validator(mode="after")
    def _every_text_can_be_stored(self) -> "LabelBatch":
        try:
            json.dumps(self.operations, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text has half a surrogate pair, which no file can hold") from None
        return self


class CardRequest(BaseModel):
    """POST /v1/labels/cards: the page `desk` wants more sessions than the `loaded` ones it holds; 0 only says which."""

    model_config = ConfigDict(extra="forbid")

    desk: str = Field(min_length=1, max_length=100)
    wanted: int = Field(ge=0, le=1000)
    loaded: list[str] = Field(default_factory=list, max_length=10_000)


class TimelineQuestion(BaseModel):
    """POST /v1/timeline/events: at most `limit` of a visitor's events; with `person` of all who are the same person.

    Those before or after an event (`before`, `after`: its id), else those about an event, a moment or the beginning of
    a session, whichever is named first; else the newest.
    """

    model_config = ConfigDict(extra="forbid")

    visitor_id: Id
    person: bool = Field(False, strict=True)
    limit: Whole = Field(5000, ge=1, le=10_000)
    before: Id | None = None
    after: Id | None = None
    event_id: str | None = Field(None, max_length=1000)
    at_ms: float | None = Field(None, ge=FIRST_MS, le=LAST_MS, strict=True)
    session_id: str | None = Field(None, max_length=1000)


class ScoresQuestion(BaseModel):
    """POST /v1/timeline/scores: a model's probabilities at the `events` events of a visitor (with `person`, of all who
    are the same person) in [from_ms, to_ms].
    """

    model_config = ConfigDict(extra="forbid")

    visitor_id: Id
    person: bool = Field(False, strict=True)
    model_id: Id
    intents: list[Id] = Field(min_length=1, max_length=200)
    from_ms: float = Field(ge=FIRST_MS, le=LAST_MS, strict=True)
    to_ms: float = Field(ge=FIRST_MS, le=LAST_MS, strict=True)
    events: Whole = Field(ge=1, le=20_000)


_ASKED = ("visitor_id", "session_id", "events")


def _only(name: str) -> JsonDict:
    """The JSON Schema of a question for this alone."""
    return {"required": [name], "properties": {other: {"type": "null"} for other in _ASKED if other != name}}


class IntentQuestion(BaseModel):
    """Of a stored visitor, of a stored session, or of events given here: exactly one of the three."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": [_only(name) for name in _ASKED]})

    visitor_id: str | None = Field(None, min_length=1, max_length=1000)
    session_id: str | None = Field(None, min_length=1, max_length=1000)
    events: list[dict[str, Any]] | None = Field(None, min_length=1, max_length=MAX_GIVEN_EVENTS)
    top_k: int | None = Field(None, ge=1, le=100)
    explain: bool = Field(False, strict=True)

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> "IntentQuestion":
        if sum(given is not None for given in (self.visitor_id, self.session_id, self.events)) != 1:
            raise ValueError("give exactly one of visitor_id, session_id and events")
        return self


_Name = Annotated[str, Field(min_length=1, max_length=1000)]


MOST_NEIGHBOURS = 50
"""Labelled sessions in each list beside an explanation."""


class ExplainQuestion(BaseModel):
    """POST /v1/explain: of a stored visitor, of a stored session, or of events given here, at one of their events.

    intent: the likeliest without; event_id: the last event without; words: the event whose words are told too;
    model: the id of a fine-tuned one, the champion without;
    neighbours: labelled sessions in each of the lists that are told too, the similar and the influential ones
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": [_only(name) for name in _ASKED]})

    visitor_id: _Name | None = None
    session_id: _Name | None = None
    events: list[dict[str, Any]] | None = Field(None, min_length=1, max_length=MAX_GIVEN_EVENTS)
    event_id: _Name | None = None
    intent: _Name | None = None
    against: _Name | None = None
    method: _Name = "integrated_gradients"
    thorough: bool = Field(False, strict=True)
    words: _Name | None = None
    model: _Name | None = None
    neighbours: int | None = Field(None, ge=1, le=MOST_NEIGHBOURS, strict=True)

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> "ExplainQuestion":
        if sum(given is not None for given in (self.visitor_id, self.session_id, self.events)) != 1:
            raise ValueError("give exactly one of visitor_id, session_id and events")
        return self

    def asked(self) -> IntentQuestion:
        """The same visitor, session or events as a question for an intent."""
        return IntentQuestion(visitor_id=self.visitor_id, session_id=self.session_id, events=self.events)


class StudyOrder(BaseModel):
    """POST /v1/studies: the champion without `model`; prefixes: sessions in which price and pause are swept."""

    model_config = ConfigDict(extra="forbid")

    model: _Name | None = None
    sessions: Whole = Field(150, ge=1, le=MOST_STUDIED)
    method: _Name = "integrated_gradients"
    prefixes: Whole = Field(500, ge=0, le=MOST_SWEPT)
    seed: Whole = Field(0, ge=0, le=2**31 - 1)


class IntentQuestions(BaseModel):
    """POST /v1/intent/batch; the questions are checked one by one, so that a bad one does not keep the others out."""

    model_config = ConfigDict(extra="forbid")

    questions: list[Any] = Field(min_length=1, max_length=MOST_QUESTIONS)


_Intents = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=100)]
_Score = Annotated[float, Field(ge=0, le=1, strict=True)]
_Truth = Annotated[bool, Field(strict=True)]
_Words = Annotated[str, Field(max_length=200)]
_Url = Annotated[str, Field(min_length=1, max_length=2000, pattern="^https?://")]


class NewWebhook(BaseModel):
    """POST /v1/webhooks. `intents` and `previous` choose the changes that are told: to, and from; empty: any."""

    model_config = ConfigDict(extra="forbid")

    url: _Url
    description: _Words = ""
    intents: _Intents = []
    previous: _Intents = []
    min_score: _Score = 0.0
    active: _Truth = True
    secret: Annotated[str, Field(max_length=100)] | None = None


class WebhookChange(BaseModel):
    """PATCH /v1/webhooks/{webhook_id}: what is given changes, the rest stays."""

    model_config = ConfigDict(extra="forbid")

    url: _Url = ""
    description: _Words = ""
    intents: _Intents = []
    previous: _Intents = []
    min_score: _Score = 0.0
    active: _Truth = True
