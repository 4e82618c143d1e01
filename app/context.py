"""The live parts of the one server process: warehouse, intake, jobs, models, tracker, shared by pages and API."""

from dataclasses import dataclass

import pyarrow as pa

from app.import_runner import ImportRunner
from app.lessons_holder import LessonsHolder
from app.model_holder import ModelHolder
from app.startup import Startup, StartupState
from core.clock import Clock, utc_now
from core.collect.broker.feed import BrokerFeed
from core.collect.broker.opening import jetstream_consumer, open_feed
from core.collect.intake import Intake
from core.collect.key_usage import KeyUsage
from core.collect.rate_limit import RateLimiter
from core.collect.write_keys import WriteKeys
from core.errors import BrokenCheckpointError
from core.jobs.manager import JobManager
from core.learning.loop import LearningLoop
from core.projection.maps import SessionMaps
from core.realtime.alarms import Alarms
from core.realtime.live_tracker import LiveTracker
from core.realtime.presence import Presence
from core.realtime.replay import Replays
from core.realtime.tracker import IntentTracker
from core.realtime.updates import Updates
from core.settings import Settings
from core.store.session_queue import resume_sessions
from core.store.warehouse import Ended, Warehouse
from core.webhooks.service import Webhooks

MODEL_WAIT_S = 20.0
"""How long a question for an intent waits for the model to load, before it is told to ask again."""


@dataclass(frozen=True)
class AppContext:
    """Everything live; one per process."""

    settings: Settings
    clock: Clock
    warehouse: Warehouse
    jobs: JobManager
    models: ModelHolder
    lessons: LessonsHolder
    tracker: IntentTracker
    updates: Updates
    live: LiveTracker
    presence: Presence
    alarms: Alarms
    replays: Replays
    imports: ImportRunner
    starter: Startup
    maps: SessionMaps
    learning: LearningLoop
    intake: Intake
    write_keys: WriteKeys
    key_usage: KeyUsage
    rate_limiter: RateLimiter
    webhooks: Webhooks
    broker: BrokerFeed | None

    @property
    def startup(self) -> StartupState:
        """Where the first start is: phase, progress, error."""
        return self.starter.state

    def unready_reason(self) -> str | None:
        """Why the server cannot answer well yet; None when it can. Starts loading the champion."""
        if not self.startup.can_answer:
            return f"The sample shop is being prepared (phase '{self.startup.phase}')."
        try:
            self.models.champion()
        except BrokenCheckpointError as error:
            return str(error)
        return "The model is being loaded." if self.models.state() == "loading" else None

    def close(self) -> None:
        """Stop watching jobs (they go on by themselves), finish the writes and give the data folder back."""
        if self.broker is not None:
            self.broker.close()
        self.replays.close()
        self.intake.close()
        self.live.close()
        self.webhooks.close()
        self.alarms.close()
        self.starter.close()
        self.learning.close()
        self.imports.close()
        self.jobs.close()
        self.warehouse.close()


_current: AppContext | None = None


def start_context(settings: Settings, *, clock: Clock = utc_now) -> AppContext:
    """Open the data folder and start everything that lives with the server; the first start goes on behind.

    Raises:
        WarehouseBusyError: another process owns the data folder.
        MissingPackageError: a broker is configured whose client is not installed.
        RuntimeError: this process has a context already.
    """
    global _current
    if _current is not None:
        raise RuntimeError(f"This process serves '{_current.settings.home}' already, close that context first.")
    if settings.broker_url:
        jetstream_consumer()  # a missing client is told before anything is opened
    warehouse = Warehouse.open(settings, clock=clock)
    jobs = JobManager(warehouse, settings)
    models = ModelHolder(warehouse)
    updates = Updates()
    live = LiveTracker(warehouse, updates, lambda: models.awaited(MODEL_WAIT_S), media=settings.media_folder)
    tracker = IntentTracker(
        warehouse,
        lambda: models.serving(MODEL_WAIT_S),
        media=settings.media_folder,
        present=live.intent_of,
    )
    presence = Presence(clock)
    updates.listen(presence.on_updates)
    alarms = Alarms(warehouse, presence)

    def on_storing(events: pa.Table, items: pa.Table) -> Ended:
        follow = live.on_storing(events, items)

        def on_end(committed: bool) -> None:
            if committed:
                presence.on_stored(len(events))
            follow(committed)

        return on_end

    intake = Intake(warehouse, on_storing)
    _current = AppContext(
        settings=settings,
        clock=clock,
        warehouse=warehouse,
        jobs=jobs,
        models=models,
        lessons=LessonsHolder(warehouse, models, media=settings.media_folder),
        tracker=tracker,
        updates=updates,
        live=live,
        presence=presence,
        alarms=alarms,
        replays=Replays(warehouse, intake, presence, alarms.compare_from_now),
        imports=ImportRunner(warehouse),
        starter=Startup(warehouse, jobs),
        maps=SessionMaps(warehouse),
        learning=LearningLoop(warehouse, jobs),
        intake=intake,
        write_keys=WriteKeys(settings.home),
        key_usage=KeyUsage(),
        rate_limiter=RateLimiter(),
        webhooks=Webhooks(warehouse, updates),
        broker=open_feed(settings, intake, clock),
    )
    resume_sessions(warehouse)
    _current.starter.start()
    live.start()
    _current.webhooks.start()
    alarms.start()
    _current.learning.start()
    if _current.broker is not None:
        _current.broker.start()
    return _current


def context() -> AppContext:
    """The process's context.

    Raises:
        RuntimeError: the server was not started by `intentlens serve`.
    """
    if _current is None:
        raise RuntimeError("No server runs in this process; start it by `intentlens serve`.")
    return _current


def close_context() -> None:
    """Close the process's context if there is one."""
    global _current
    if _current is not None:
        _current.close()
        _current = None
