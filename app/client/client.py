"""The client itself: one connection pool, retries where the server asks for them."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from app.client.answers import Collected, IntentAnswer, Missed, PersonVisitor, Update
from app.client.errors import RequestError
from app.client.explanations import Explanation
from app.client.sse import ServerEvent, read_events
from app.client.studies import Divergence, Study, StudyResult

TRY_AGAIN = frozenset({429, 503})
LONGEST_PAUSE_S = 30.0
SILENCE_S = 60.0
"""The stream says something every 15 s; after this long without a word it is opened anew."""

Properties = Mapping[str, Any]
_WITH_INTENT = {"intent": "true"}


class IntentLens:
    """A client of one server. Thread-safe; use it as a context manager, or close it.

    Messages carry ids of their own, so that sending one again after a lost answer counts once.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8501",
        key: str | None = None,
        *,
        timeout_s: float = 10.0,
        retries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Args: key: the API key, or a write key, which sends events only; retries: of a request, on 429, 503 and
        where there was no answer; sleep: waits between them."""
        headers = {"X-API-Key": key} if key else {}
        self._http = httpx2.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout_s)
        self._timeout_s = timeout_s
        self._retries = retries
        self._sleep = sleep

    def track(
        self,
        event: str,
        *,
        visitor_id: str | None = None,
        user_id: str | None = None,
        properties: Properties | None = None,
        at: datetime | None = None,
        message_id: str | None = None,
        intent: bool = False,
    ) -> Collected:
        """Store one thing a shopper did, such as `Product Viewed`.

        Args:
            intent: the answer holds the visitor's intent after it; that needs the API key where the server has one.

        Raises:
            RequestError: it was not stored, or (403, 401) the intent may not be read.
        """
        message = {"event": event, "properties": dict(properties or {})}
        return self._store("/v1/track", message, visitor_id, user_id, at, message_id, intent)

    def identify(
        self,
        user_id: str,
        *,
        visitor_id: str | None = None,
        traits: Properties | None = None,
        at: datetime | None = None,
        message_id: str | None = None,
        intent: bool = False,
    ) -> Collected:
        """Say who a visitor is; `intent` as for `track`. Raises RequestError."""
        message = {"traits": dict(traits or {})}
        return self._store("/v1/identify", message, visitor_id, user_id, at, message_id, intent)

    def batch(self, messages: Sequence[Mapping[str, Any]], *, intent: bool = False) -> Collected:
        """Store many messages in Segment's shape; the answer names those that are refused. `intent` as for `track`, of
        each visitor in them. Raises RequestError."""
        named = [{"messageId": str(uuid.uuid4())} | dict(message) for message in messages]
        body = {"batch": named, "sentAt": _iso(datetime.now(UTC))}
        return Collected.of(self._ask("POST", "/v1/batch", body, _WITH_INTENT if intent else None))

    def intent(
        self,
        visitor_id: str | None = None,
        *,
        session_id: str | None = None,
        events: Sequence[Mapping[str, Any]] | None = None,
        top_k: int | None = None,
        explain: bool = False,
    ) -> IntentAnswer:
        """The intent of a visitor, of a session, or of given events: exactly one of them. Raises RequestError."""
        asked = {"visitor_id": visitor_id, "session_id": session_id, "events": events, "top_k": top_k}
        question = {name: value for name, value in asked.items() if value is not None} | {"explain": explain}
        return IntentAnswer.of(self._ask("POST", "/v1/intent", question))

    def intents(self, questions: Sequence[Mapping[str, Any]]) -> list[IntentAnswer | RequestError]:
        """Many questions, named as the arguments of `intent`: to each its answer, or why it has none.

        Raises:
            RequestError: nothing could be answered.
        """
        body = self._ask("POST", "/v1/intent/batch", {"questions": [dict(question) for question in questions]})
        return [
            RequestError.of_body(answer["error"]) if "error" in answer else IntentAnswer.of(answer)
            for answer in body["answers"]
        ]

    def explain(
        self,
        visitor_id: str | None = None,
        *,
        session_id: str | None = None,
        events: Sequence[Mapping[str, Any]] | None = None,
        event_id: str | None = None,
        intent: str | None = None,
        against: str | None = None,
        method: str | None = None,
        thorough: bool = False,
        words: str | None = None,
        model: str | None = None,
        neighbours: int | None = None,
    ) -> Explanation:
        """Why an intent at one event of a visitor, of a session, or of given events: exactly one of them.

        Args:
            event_id: the last event without; intent: the likeliest without; against: why rather than this one
            method: Integrated Gradients without; thorough: measure steadiness too, a few times as long
            words: an event whose words are told as well; model: the id of another model than the one that serves
            neighbours: so many labelled sessions are told as well: the similar, and those that spoke for and against

        Raises:
            RequestError: there is no such visitor, session, event, intent, method or model.
        """
        about = {"visitor_id": visitor_id, "session_id": session_id, "events": events, "event_id": event_id}
        asked = about | {"intent": intent, "against": against, "method": method, "words": words, "model": model}
        question: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        question |= {"thorough": thorough} | ({} if neighbours is None else {"neighbours": neighbours})
        return Explanation.of(self._ask("POST", "/v1/explain", question))

    def visitor_intent(self, visitor_id: str, *, top_k: int | None = None) -> IntentAnswer:
        """A visitor's intent now. Raises RequestError."""
        query = {} if top_k is None else {"top_k": top_k}
        return IntentAnswer.of(self._ask("GET", f"/v1/visitors/{quote(visitor_id, safe='')}/intent", None, query))

    def person(self, visitor_id: str) -> tuple[PersonVisitor, ...]:
        """All visitors known to be the same person as this one, itself among them.

        Raises:
            RequestError: nobody knows the visitor.
        """
        body = self._ask("GET", f"/v1/visitors/{quote(visitor_id, safe='')}/person", None)
        return tuple(map(PersonVisitor.of, body["visitors"]))

    def start_study(
        self,
        *,
        model: str | None = None,
        sessions: int = 150,
        prefixes: int = 500,
        method: str | None = None,
        seed: int = 0,
    ) -> Study:
        """Queue a study of what speaks for each intent of a model, the one that serves without.

        Args:
            sessions: to explain; prefixes: in which price and pause are swept, 0: none; method: Integrated Gradients
                without

        Raises:
            RequestError: no such model or method, or (409) the model is being studied already.
        """
        asked = {"model": model, "method": method}
        named = {name: value for name, value in asked.items() if value is not None}
        order = named | {"sessions": sessions, "prefixes": prefixes, "seed": seed}
        return Study.of(self._ask("POST", "/v1/studies", order))

    def studies(self, *, model: str | None = None, status: str | None = None, limit: int = 100) -> tuple[Study, ...]:
        """Studies, the newest first; only of a model, or of a status. Raises RequestError."""
        query = {"model": model, "status": status, "limit": limit}
        body = self._ask(
            "GET", "/v1/studies", None, {name: value for name, value in query.items() if value is not None}
        )
        return tuple(map(Study.of, body["studies"]))

    def study(self, study_id: str) -> Study:
        """Where a study is. Raises RequestError."""
        return Study.of(self._ask("GET", _study_path(study_id), None))

    def cancel_study(self, study_id: str) -> Study:
        """Ask a study to stop. Raises RequestError, with 409 where it is over."""
        return Study.of(self._ask("POST", f"{_study_path(study_id)}/cancel", None))

    def study_result(
        self, study_id: str, *, parts: Sequence[str] = (), intents: Sequence[str] = (), limit: int | None = None
    ) -> StudyResult:
        """What a finished study found; all of it, which is large, without further arguments.

        Args:
            parts: of measures, randomized, field, type, transition, word, dependence, plausibility
            limit: rows of each list, the largest first

        Raises:
            RequestError: there is no such study, part or intent, or (409) it is not finished.
        """
        query = _chosen(parts, intents, limit)
        return StudyResult.of(self._ask("GET", f"{_study_path(study_id)}/result", None, query))

    def divergence(
        self,
        against: str,
        *,
        model: str | None = None,
        parts: Sequence[str] = (),
        intents: Sequence[str] = (),
        limit: int | None = None,
    ) -> Divergence:
        """Where a model, the one that serves without, differs from another on the same sessions.

        Args:
            parts: of answers, field, type, transition, word; all without

        Raises:
            RequestError: there is no such model or part.
        """
        query = _chosen(parts, intents, limit) | {"against": against} | ({} if model is None else {"model": model})
        return Divergence.of(self._ask("GET", "/v1/divergence", None, query))

    def stream(
        self,
        *,
        intents: Sequence[str] = (),
        previous: Sequence[str] = (),
        visitor_ids: Sequence[str] = (),
        min_score: float = 0.0,
        only_changes: bool = True,
        last_event_id: str = "",
    ) -> Iterator[Update | Missed]:
        """Changes of intents as they happen, without an end: a lost connection is opened anew after the last update.

        Raises:
            RequestError: the server refuses, other than for a moment.
        """
        query = {
            "intent": list(intents),
            "previous": list(previous),
            "visitor_id": list(visitor_ids),
            "min_score": min_score,
            "events": "changes" if only_changes else "all",
        }
        pause_s = wait_s = 2.0
        while True:
            try:
                for event in self._events(query, last_event_id):
                    pause_s = event.retry_ms / 1000 if event.retry_ms is not None else pause_s
                    wait_s = pause_s
                    last_event_id = event.id or last_event_id
                    if event.kind == "intent":
                        yield Update.of(json.loads(event.data), event.id)
                    elif event.kind == "missed":
                        yield Missed(**json.loads(event.data))
            except httpx2.TransportError:
                wait_s = min(wait_s * 2, LONGEST_PAUSE_S)
            except RequestError as error:
                if error.status not in TRY_AGAIN:
                    raise
                wait_s = error.retry_after_s or min(wait_s * 2, LONGEST_PAUSE_S)
            self._sleep(wait_s)

    def close(self) -> None:
        """Let all connections go."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _events(self, query: Mapping[str, Any], last_event_id: str) -> Iterator[ServerEvent]:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        timeout = httpx2.Timeout(self._timeout_s, read=SILENCE_S)
        with self._http.stream("GET", "/v1/stream", params=query, headers=headers, timeout=timeout) as answer:
            if not answer.is_success:
                answer.read()
                raise RequestError.of_answer(answer)
            yield from read_events(answer.iter_lines())

    def _store(
        self,
        path: str,
        message: dict[str, Any],
        visitor_id: str | None,
        user_id: str | None,
        at: datetime | None,
        message_id: str | None,
        intent: bool,
    ) -> Collected:
        named = {"anonymousId": visitor_id, "userId": user_id, "timestamp": at and _iso(at)}
        known = {name: value for name, value in named.items() if value is not None}
        body = message | known | {"messageId": message_id or str(uuid.uuid4())}
        return Collected.of(self._ask("POST", path, body, _WITH_INTENT if intent else None))

    def _ask(self, method: str, path: str, body: Any, query: Mapping[str, Any] | None = None) -> Any:
        for left in range(self._retries, -1, -1):
            try:
                return self._ask_once(method, path, body, query)
            except RequestError as error:
                if not left or error.status not in TRY_AGAIN | {0}:
                    raise
                tried = self._retries - left
                pause_s = error.retry_after_s if error.retry_after_s is not None else 0.2 * 2**tried
                self._sleep(min(pause_s, LONGEST_PAUSE_S))
        raise AssertionError("unreachable: the last try returns or raises")

    def _ask_once(self, method: str, path: str, body: Any, query: Mapping[str, Any] | None) -> Any:
        try:
            answer = self._http.request(method, path, json=body, params=query)
        except httpx2.TransportError as error:
            raise RequestError(0, "unreachable", f"'{self._http.base_url}' did not answer: {error}.") from error
        if not answer.is_success:
            raise RequestError.of_answer(answer)
        try:
            return answer.json()
        except ValueError:
            raise RequestError.of_answer(answer) from None


def _study_path(study_id: str) -> str:
    return f"/v1/studies/{quote(study_id, safe='')}"


def _chosen(parts: Sequence[str], intents: Sequence[str], limit: int | None) -> dict[str, Any]:
    return {"part": list(parts), "intent": list(intents)} | ({} if limit is None else {"limit": limit})


def _iso(at: datetime) -> str:
    """ISO 8601; a time without a zone is taken as UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
