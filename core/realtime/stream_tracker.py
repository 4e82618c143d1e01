"""Visitors' streams in memory: new events are read by one step of the model for all of their visitors together.

The rule that all of it serves: a state equals the model read over the visitor's stored events with the items as they
are known now. What cannot be had by a step (a visitor not remembered, an event older than the newest, an item of which
more became known) is computed anew from the warehouse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.realtime.intent_update import IntentUpdate
from core.realtime.item_memory import ItemMemory
from core.realtime.session_names import DerivedSession, next_session, stored_sessions
from core.realtime.state_memory import StateMemory
from core.realtime.visitor_intent import VisitorIntent, ranked
from core.realtime.visitor_state import EventKey, VisitorState
from core.store.stream_queries import STREAM_COLUMNS, visitor_streams
from core.store.taxonomy_queries import merges
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.model.featurizer import EventRow
    from core.model.scorer import SessionScorer
    from core.model.stream import VisitorStream

CONTEXT_EVENTS = 10_000
"""Newest events of a visitor that are read; of one with more, counts of sessions and purchases begin there."""

VISITORS_A_PASS = 128
"""Visitors computed anew together: more only takes more memory."""

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Stored:
    """What a commit has added: new events (EVENT_SCHEMA), and what was told of items (ITEM_SCHEMA)."""

    events: pa.Table
    items: pa.Table


@dataclass(frozen=True)
class _Reading:
    """A visitor's events on their way through the model; `rows`, `events` and `sessions` belong together.

    before: the state that they continue; None when they begin the stream, or a window of it
    events_before: how many events were read before these
    """

    visitor_id: str
    stream: "VisitorStream"
    rows: list["EventRow"]
    events: Sequence[Event]
    sessions: Sequence[str]
    derived: DerivedSession | None
    before: VisitorState | None
    events_before: int


@dataclass(frozen=True)
class _Told:
    """An event with the probabilities [K] at it and at the visitor's event before."""

    visitor_id: str
    session_id: str
    event_id: str
    event_type: str
    key: EventKey
    probabilities: np.ndarray
    previous: np.ndarray | None


class StreamTracker:
    """For one thread. `serve` comes first."""

    def __init__(self, warehouse: Warehouse, *, media: Path | None, budget_bytes: int) -> None:
        """Args: media: the folder of product pictures; budget_bytes: of the states together."""
        self._warehouse = warehouse
        self._media = media
        self._gap = timedelta(minutes=warehouse.settings.inactivity_gap_minutes)
        self._scorer: SessionScorer | None = None
        self._merged: dict[str, str] | None = None
        self.memory = StateMemory(budget_bytes)
        self._items = ItemMemory(warehouse)

    @property
    def scorer(self) -> "SessionScorer":
        """The model that serves."""
        if self._scorer is None:
            raise ValueError("no model serves yet, expected a call of serve() before.")
        return self._scorer

    def serve(self, scorer: "SessionScorer") -> None:
        """Read by this model from now on; what another one has cached is forgotten."""
        if scorer is self._scorer:
            return
        self.forget_everything()
        self._scorer = scorer

    def forget(self, visitor_ids: Iterable[str]) -> None:
        """Compute these visitors anew when they come again."""
        self.memory.drop(visitor_ids)

    def forget_everything(self) -> None:
        """Compute every visitor anew who comes."""
        self.memory.clear()
        self._items.clear()

    def learn_items(self, item_ids: Iterable[str]) -> None:
        """Compute anew whoever saw one of these items, if the model reads it differently now."""
        changed = self._items.changed_among(item_ids)
        if changed:
            self.memory.drop_with_items(frozenset(changed))

    def learn_taxonomy(self) -> None:
        """Ask again which intents count as which."""
        self._merged = None

    def follow(self, stored: Sequence[Stored]) -> list[IntentUpdate]:
        """An update of each event, in order of arrival, for events that were committed just now.

        An event older than the newest of its visitor is told at its own place, and the newest is told again after it.
        """
        events = [event for one in stored for event in _records(one.events)]
        self._learn_from(stored, events)
        return self._follow(events)

    def follow_ahead(self, storing: Stored) -> list[IntentUpdate] | None:
        """As `follow`, for events that are still being committed; None, with nothing done, if the warehouse is needed.

        Whoever calls forgets their visitors should the commit fail.
        """
        events = _records(storing.events)
        if not self._goes_on(events, storing.items.to_pylist()):
            return None
        return self._follow(events)

    def _goes_on(self, events: Sequence[Event], told: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these are the next events of remembered visitors, with items that are remembered as they are told."""
        for event in events:
            state = self.memory.get(event["visitor_id"])
            if state is None or _key(event) <= state.newest:
                return False
        item_ids = [event["item_id"] for event in events if event["item_id"]]
        return self._items.knows_all(item_ids) and not self._items.told_otherwise(told)

    def _follow(self, events: Sequence[Event]) -> list[IntentUpdate]:
        by_visitor: dict[str, list[Event]] = {}
        for event in events:
            by_visitor.setdefault(event["visitor_id"], []).append(event)
        told: list[_Told] = []
        steps: list[tuple[VisitorState, list[Event]]] = []
        anew: dict[str, Sequence[Event]] = {}
        for visitor_id, new in by_visitor.items():
            state = self.memory.get(visitor_id)
            if state is not None and min(map(_key, new)) >= state.newest:
                told += self._told_late(state, new)
                if newer := sorted((event for event in new if _key(event) > state.newest), key=_key):
                    steps.append((state, newer))
            else:
                anew[visitor_id] = new
        told += self._step(steps)
        told += self._compute(anew)
        self._items.shrink(self.memory.items)
        return self._updates(told, {event["event_id"]: place for place, event in enumerate(events)})

    def states(self, visitor_ids: Iterable[str]) -> dict[str, VisitorState | None]:
        """The present state of each visitor; None of one without events."""
        states = {visitor_id: self.memory.get(visitor_id) for visitor_id in visitor_ids}
        cold = [visitor_id for visitor_id, state in states.items() if state is None]
        for start in range(0, len(cold), VISITORS_A_PASS):
            part = cold[start : start + VISITORS_A_PASS]
            readings = self._read_stored(dict.fromkeys(part, ()))
            for reading, probabilities in self._run(readings):
                states[reading.visitor_id] = self._remember(reading, probabilities, told=False)
        self._items.shrink(self.memory.items)
        return states

    def intents(self, states: Sequence[VisitorState]) -> list[VisitorIntent]:
        """The states as they are answered."""
        if not states:
            return []
        scorer = self.scorer
        rows = ranked(np.stack([state.probabilities for state in states]), scorer.intents, self._merges())
        return [
            VisitorIntent(
                visitor_id=state.visitor_id,
                session_id=state.session_id,
                model_version=scorer.model_id,
                as_of=state.newest[0],
                intents=intents,
                events_used=state.events,
                abstained=intents[0][1] < scorer.abstain_below,
            )
            for state, intents in zip(states, rows, strict=True)
        ]

    def _learn_from(self, stored: Sequence[Stored], events: Sequence[Event]) -> None:
        """Read again the items of which the commits told something new."""
        told = self._items.told_otherwise(row for one in stored for row in one.items.to_pylist())
        self.learn_items(told | self._items.unknown_among(event["item_id"] for event in events if event["item_id"]))

    def _told_late(self, state: VisitorState, new: Sequence[Event]) -> list[_Told]:
        """The newest event, if it is among the new ones and was read with the past, for a question, before its turn."""
        if state.told or all(_key(event) != state.newest for event in new):
            return []
        self.memory.put(replace(state, told=True))
        return [_told_of(state)]

    def _step(self, new: Sequence[tuple[VisitorState, Sequence[Event]]]) -> list[_Told]:
        """Go on from the states by events newer than they are."""
        known = self._items.read(event["item_id"] for _, events in new for event in events if event["item_id"])
        readings = []
        for state, events in new:
            derived, sessions, named = state.derived, [], []
            for event in events:
                session, derived = next_session(derived, event, self._gap)
                sessions.append(session)
                named.append({**event, "session_id": session})
            stream = state.stream.fork()
            rows = [self.scorer.read(stream, event, known.get(event["item_id"])) for event in named]
            readings.append(_Reading(state.visitor_id, stream, rows, named, sessions, derived, state, state.events))
        told = []
        for reading, probabilities in self._run(readings):
            self._remember(reading, probabilities, told=True)
            told += [_told_at(reading, probabilities, place) for place in range(len(reading.rows))]
        return told

    def _compute(self, wanted: Mapping[str, Sequence[Event]]) -> list[_Told]:
        """Compute visitors anew; tell their wanted events, and again the newest if it came before them."""
        told = []
        visitors = list(wanted)
        for start in range(0, len(visitors), VISITORS_A_PASS):
            part = {visitor_id: wanted[visitor_id] for visitor_id in visitors[start : start + VISITORS_A_PASS]}
            for reading, probabilities in self._run(self._read_stored(part)):
                new, newest = part[reading.visitor_id], reading.events[-1]
                keys = set(map(_key, new))
                if newest["received_at"] <= max(event["received_at"] for event in new):
                    keys.add(_key(newest))
                before = self.memory.get(reading.visitor_id)
                was_told = before is not None and before.told and before.newest == _key(newest)
                self._remember(reading, probabilities, told=was_told or _key(newest) in keys)
                told += [
                    _told_at(reading, probabilities, place)
                    for place, event in enumerate(reading.events)
                    if _key(event) in keys
                ]
        return told

    def _read_stored(self, wanted: Mapping[str, Sequence[Event]]) -> list[_Reading]:
        """Featurize visitors' stored events from the window on that answers before the first wanted event."""
        streams = visitor_streams(self._warehouse, list(wanted), CONTEXT_EVENTS)
        known = self._items.read(
            event["item_id"] for events in streams.values() for event in events if event["item_id"]
        )
        readings = []
        for visitor_id, events in streams.items():
            if not events:
                continue
            sessions, derived = stored_sessions(events, self._gap)
            named = [{**event, "session_id": session} for event, session in zip(events, sessions, strict=True)]
            keys = set(map(_key, wanted[visitor_id]))
            first = next((place for place, event in enumerate(events) if _key(event) in keys), len(events) - 1)
            begin = self.scorer.window_start(max(first - 1, 0))
            stream = self.scorer.start()
            for event in named[:begin]:
                self.scorer.pass_by(stream, event, known.get(event["item_id"]))
            rows = [self.scorer.read(stream, event, known.get(event["item_id"])) for event in named[begin:]]
            readings.append(_Reading(visitor_id, stream, rows, named[begin:], sessions[begin:], derived, None, begin))
        return readings

    def _run(self, readings: Sequence[_Reading]) -> list[tuple[_Reading, np.ndarray]]:
        """Each reading with the probabilities [n, K] at its rows."""
        if not readings:
            return []
        streams, rows = [reading.stream for reading in readings], [reading.rows for reading in readings]
        return list(zip(readings, self.scorer.advance(streams, rows, self._media), strict=True))

    def _remember(self, reading: _Reading, probabilities: np.ndarray, *, told: bool) -> VisitorState:
        before = reading.before
        items = (*(before.items if before else ()), *(event["item_id"] or "" for event in reading.events))
        newest = _told_at(reading, probabilities, len(reading.rows) - 1)
        state = VisitorState(
            visitor_id=reading.visitor_id,
            stream=reading.stream,
            newest=newest.key,
            session_id=newest.session_id,
            event_type=newest.event_type,
            probabilities=newest.probabilities.copy(),
            previous=None if newest.previous is None else newest.previous.copy(),
            derived=reading.derived,
            items=items[-self.scorer.model.config.max_events - 1 :],
            events=reading.events_before + len(reading.rows),
            told=told,
        )
        self.memory.put(state)
        return state

    def _updates(self, told: Sequence[_Told], arrival: Mapping[str, int]) -> list[IntentUpdate]:
        """Events in order of arrival, then those told again."""
        if not told:
            return []
        told = sorted(told, key=lambda one: arrival.get(one.event_id, len(arrival)))
        scorer = self.scorer
        intents = ranked(np.stack([one.probabilities for one in told]), scorer.intents, self._merges())
        blank = np.zeros_like(told[0].probabilities)
        before = ranked(
            np.stack([blank if one.previous is None else one.previous for one in told]), scorer.intents, self._merges()
        )
        return [
            IntentUpdate(
                visitor_id=one.visitor_id,
                session_id=one.session_id,
                event_id=one.event_id,
                event_type=one.event_type,
                occurred_at=one.key[0],
                model_version=scorer.model_id,
                intents=now,
                previous=None if one.previous is None else then[0][0],
                abstained=now[0][1] < scorer.abstain_below,
            )
            for one, now, then in zip(told, intents, before, strict=True)
        ]

    def _merges(self) -> dict[str, str]:
        if self._merged is None:
            self._merged = merges(self._warehouse)
        return self._merged


def _key(event: Event) -> EventKey:
    return event["occurred_at"], event["event_id"]


def _told_at(reading: _Reading, probabilities: np.ndarray, place: int) -> _Told:
    previous = probabilities[place - 1] if place else None if reading.before is None else reading.before.probabilities
    event = reading.events[place]
    return _Told(
        visitor_id=reading.visitor_id,
        session_id=reading.sessions[place],
        event_id=event["event_id"],
        event_type=event["event_type"],
        key=_key(event),
        probabilities=probabilities[place],
        previous=previous,
    )


def _told_of(state: VisitorState) -> _Told:
    at, event_id = state.newest
    return _Told(
        state.visitor_id,
        state.session_id,
        event_id,
        state.event_type,
        (at, event_id),
        state.probabilities,
        state.previous,
    )


def _records(events: pa.Table) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = events.select(list(STREAM_COLUMNS)).to_pylist()
    return records
