"""What trackers send, as far as a schema can say it; the rest is checked message by message."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.api.messages import MAX_MESSAGES

_Id = str | int | bool | None
_Words = dict[str, Any] | None


class SegmentBody(BaseModel):
    """One message of Segment's or RudderStack's libraries; what is not named here is kept as it is."""

    model_config = ConfigDict(extra="allow")

    messageId: _Id = Field(None, description="A message is taken once by it.")  # noqa: N815 - Segment's names
    anonymousId: _Id = None  # noqa: N815
    userId: _Id = None  # noqa: N815
    timestamp: _Id = Field(None, description="When it happened, ISO 8601; now without.")
    sentAt: _Id = Field(None, description="The client's clock at sending; corrects the other times.")  # noqa: N815
    properties: _Words = None
    traits: _Words = None
    context: _Words = None


class TrackBody(SegmentBody):
    """Something a shopper did."""

    event: str = Field(min_length=1, max_length=1000, description="Such as Product Viewed.")


class PosthogEvent(BaseModel):
    """One event alone."""

    event: Any = Field(description="Such as $pageview.")


class PosthogEvents(BaseModel):
    """Many events."""

    batch: list[Any] = Field(max_length=MAX_MESSAGES)
    api_key: str | None = Field(None, description="The write key.")


class PosthogBody(RootModel[PosthogEvents | PosthogEvent | Annotated[list[Any], Field(max_length=MAX_MESSAGES)]]):
    """What PostHog's libraries send: one event, a list of events, or a batch."""
