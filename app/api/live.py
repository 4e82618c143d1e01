"""GET /v1/live: who is on the shop now, for a Live page that is open; POST /v1/live/acknowledge: an alarm was seen;
POST /v1/replay: start, stop or remove a replay, for the page and for `intentlens replay`.

The Live page asks here once a second and not through its component's channel, where every look would cost a run of the
page's script.
"""

from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.messages import Id, Moment
from app.context import AppContext
from app.views.live_snapshot import live_snapshot, replay_record
from core.errors import NotFoundError
from core.realtime.live_view import SHOWN, Asked
from core.realtime.replay import MOST_SPEED
from core.realtime.replay_source import ReplaySource

LIVE_URL = "/v1/live"
ACKNOWLEDGE_URL = "/v1/live/acknowledge"
REPLAY_URL = "/v1/replay"


class LiveQuestion(BaseModel):
    """The query of GET /v1/live; see `Asked`."""

    model_config = ConfigDict(extra="ignore")

    minutes: int = 5
    intent: str = ""
    search: str = Field("", max_length=1000)
    order: str = "seen"
    limit: int = SHOWN


class Acknowledgement(BaseModel):
    """POST /v1/live/acknowledge."""

    model_config = ConfigDict(extra="forbid")

    alarm_id: str = Field(min_length=1, max_length=100)


class ReplayOrder(BaseModel):
    """POST /v1/replay; `speed` 0 is as fast as possible, times are UTC."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["start", "stop", "remove"]
    source: Literal["sample", "stored", "import"] = "sample"
    import_id: Id | None = None
    start: Moment | None = None
    end: Moment | None = None
    speed: float = Field(60.0, ge=0, le=MOST_SPEED, strict=True)


async def get_live(request: Request) -> Response:
    """The presence of now, the alarms and how far a replay is."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    question = LiveQuestion.model_validate(dict(request.query_params))
    asked = Asked(**question.model_dump())
    body = await run_in_threadpool(_snapshot, app_context, asked)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def post_acknowledge(request: Request) -> Response:
    """Record that an alarm was seen."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    given = Acknowledgement.model_validate(await read_json(request))
    if not await run_in_threadpool(app_context.alarms.acknowledge, given.alarm_id):
        raise NotFoundError(f"There is no alarm '{given.alarm_id}'; GET /v1/live lists the newest.")
    return JSONResponse({"acknowledged": given.alarm_id})


async def post_replay(request: Request) -> Response:
    """Start, stop or remove; the answer says how far the replay is."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    order = ReplayOrder.model_validate(await read_json(request))
    return JSONResponse(await run_in_threadpool(_obey, app_context, order))


def _snapshot(app_context: AppContext, asked: Asked) -> bytes:
    """Written as JSON in the thread too: times are UTC."""
    return orjson.dumps(live_snapshot(app_context, asked), option=orjson.OPT_NAIVE_UTC | orjson.OPT_SERIALIZE_DATACLASS)


def _obey(app_context: AppContext, order: ReplayOrder) -> dict[str, Any]:
    replays = app_context.replays
    removed = None
    if order.action == "start":
        source = ReplaySource(order.source, order.import_id, order.start, order.end)
        replays.start(source, order.speed)
    elif order.action == "stop":
        replays.stop()
    else:
        removed = replays.remove()
    return replay_record(replays.status) | ({} if removed is None else {"removed": removed})
