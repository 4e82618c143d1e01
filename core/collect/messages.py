"""What a tracker's message must look like to be read at all; fields not named here are kept as they are."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MessageType = Literal["track", "page", "screen", "identify", "alias", "group"]

_Text = str | int


class SegmentMessage(BaseModel):
    """One message of Segment's or RudderStack's."""

    model_config = ConfigDict(extra="allow")

    type: MessageType
    event: str | None = Field(None, max_length=1000)
    messageId: _Text | None = None  # noqa: N815 - Segment's name
    anonymousId: _Text | None = None  # noqa: N815
    userId: _Text | None = None  # noqa: N815
    timestamp: _Text | None = None
    sentAt: _Text | None = None  # noqa: N815
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _track_names_its_event(self) -> "SegmentMessage":
        if self.type == "track" and not self.event:
            raise ValueError("a track message names its event")
        return self


class PosthogMessage(BaseModel):
    """One event of PostHog's capture API."""

    model_config = ConfigDict(extra="allow")

    event: str = Field(min_length=1, max_length=1000)
    uuid: str | None = None
    distinct_id: _Text | None = None
    timestamp: _Text | None = None
    properties: dict[str, Any] | None = None


class Ga4Message(BaseModel):
    """One event of a Measurement Protocol request, with the request's client, user and time put into it."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, max_length=1000)
    params: dict[str, Any] | None = None
    client_id: _Text | None = None
    user_id: _Text | None = None
    timestamp_micros: _Text | None = None


class CanonicalMessage(BaseModel):
    """An event of our own shape; the cleaning judges its values as it does a file's."""

    model_config = ConfigDict(extra="allow")

    event_id: _Text | None = None
    visitor_id: _Text | None = None
    user_id: _Text | None = None
    event_type: str | None = None
    event_name: str | None = None
    occurred_at: _Text | None = None
    properties: dict[str, Any] | None = None
