"""What the routes of the Live page and of the timeline answer; held by the fuzz test as those of answers.py."""

from typing import Literal

from pydantic import Field

from app.api.operations.answers import AnswerBody
from core.realtime.alarm_settings import AlarmRule
from core.realtime.alarm_state import Ending
from core.realtime.replay import ReplayState


class PresentVisitor(AnswerBody):
    """A visitor who is on the shop now; `since`, `first` and `seen` are epoch milliseconds of arrival."""

    id: str
    session: str | None
    intent: str = Field(description="The likeliest after the last event.")
    before: str | None = Field(description="The intent until then; null where it is the visit's first.")
    confidence: float = Field(ge=0, le=1, description="The intent's calibrated probability.")
    unsure: bool = Field(description="It is below the model's threshold.")
    since: int = Field(description="When this intent began.")
    first: int
    seen: int
    occurred: str = Field(description="The last event's own time, UTC.")
    event: str
    type: str
    words: str = Field(description="What the last event was about; empty where nobody knows.")
    events: int = Field(ge=1)
    cart: int = Field(ge=0, description="Pieces put into the cart less those taken out.")
    ordered: bool
    left: bool = Field(description="Gone without an order after wanting to buy.")


class FindingBody(AnswerBody):
    """What an alarm's rule found: the rate or share now (`value`) and before (`base`), and what they were counted of.

    `chance` is the one-sided p-value.
    """

    rule: AlarmRule
    value: float
    base: float
    count: float
    n: float
    base_count: float
    base_n: float
    chance: float = Field(ge=0, le=1)
    over: bool = Field(description="Large enough, sure enough and on enough numbers to ring.")


class AlarmBody(AnswerBody):
    """An alarm that rang; `numbers` are those of its beginning."""

    alarm_id: str
    rule: AlarmRule
    began_at: str
    ended_at: str | None
    ending: Ending | None = Field(description="Why it ended; null while it rings.")
    numbers: FindingBody
    acknowledged_at: str | None


class ReplayBody(AnswerBody):
    """How far the replay is, or the last one was."""

    state: ReplayState
    name: str
    speed: float = Field(description="1 is real time; 0 as fast as the disk allows.")
    total: int = Field(ge=0)
    sent: int = Field(ge=0, description="Events on disk.")
    refused: int = Field(ge=0)
    progress: float = Field(ge=0, le=1)
    at: str | None = Field(description="The source's own time of the last event, UTC.")
    behind_s: float = Field(ge=0, description="By how much it lags behind its speed.")
    error: str | None


class ReplayAnswer(ReplayBody):
    """The same after an order."""

    removed: int = Field(0, ge=0, description="Events that were removed; only where that was the order.")


class Presence(AnswerBody):
    """Who is on the shop now, what they are about, the alarms, and how far a replay is."""

    now_s: float
    active: int = Field(ge=0, description="Visitors seen in the window.")
    matching: int = Field(ge=0, description="Of these, the ones asked for; `visitors` holds the first of them.")
    unsure: int = Field(ge=0)
    left: int = Field(ge=0)
    by_intent: dict[str, int]
    visitors: list[PresentVisitor]
    first_bar_s: int
    bar_s: int
    bars: list[dict[str, int]] = Field(description="Visitors by intent in each bar_s seconds from first_bar_s on.")
    changes: list[tuple[str, str, int]] = Field(description="From which intent to which, and how often.")
    ordered_in_window: int = Field(ge=0)
    left_in_window: int = Field(ge=0)
    stored_in_window: int = Field(ge=0)
    watching_since: int = Field(description="Epoch milliseconds; nobody is known from before.")
    pushed_out: int = Field(ge=0, description="Visitors forgotten because too many were there.")
    model: Literal["none", "loading", "ready"]
    alarms: list[AlarmBody] = Field(description="The newest, those that rang and those that ring.")
    found: list[FindingBody] = Field(description="What each rule found when they were judged last.")
    replay: ReplayBody


class AcknowledgedAlarm(AnswerBody):
    """The alarm that was seen."""

    acknowledged: str


_Texts = list[str | None]
_Numbers = list[float | None]
_Whole = list[int | None]


class EventColumns(AnswerBody):
    """Events by column, all of one length; a column in which no event has a value is left out."""

    event_id: list[str] = Field([])
    session_id: list[str] = Field([])
    visitor_id: list[str] = Field([], description="Only of a person of several visitors.")
    t: list[int] = Field([], description="Epoch milliseconds.")
    type: list[str] = Field([])
    name: _Texts = Field([], description="What the tracker calls it.")
    item_id: _Texts = Field([])
    title: _Texts = Field([])
    category: _Texts = Field([])
    brand: _Texts = Field([])
    image: _Texts = Field([], description="Where the picture is served.")
    query: _Texts = Field([])
    text: _Texts = Field([])
    price: _Numbers = Field([])
    currency: _Texts = Field([])
    quantity: _Whole = Field([])
    order_id: _Texts = Field([])
    cart_value: list[float] = Field([], description="What the cart is worth after the event.")
    cart_currency: _Texts = Field([])


class TimelineLabel(AnswerBody):
    """Somebody's current label of a session, or of one of its events."""

    session_id: str
    event_id: str | None
    intent: str | None = Field(description="Null: the annotator could not tell.")
    annotator: str
    status: str
    note: str | None
    created_at: int = Field(description="Epoch milliseconds.")


class TimelineEvents(AnswerBody):
    """A window of a visitor's events."""

    events: EventColumns
    count: int = Field(ge=0)
    annotations: list[TimelineLabel]
    earlier: bool = Field(description="The visitor has events before these.")
    later: bool = Field(description="The visitor has events after these.")


class TimelineScores(AnswerBody):
    """A model's probabilities at the events of a window."""

    event_ids: list[str]
    values: list[int] = Field(
        description="Ten-thousandths, one event after the other, each in the order of the intents asked for."
    )
    changes: list[tuple[str, str, str]] = Field(description="An event, the intent before it, and the one after.")
    scored_now: bool = Field(description="Computed for this answer, not read from the warehouse.")
