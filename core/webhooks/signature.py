"""Signing and verifying as the Standard Webhooks specification has it (standardwebhooks.com, version 1).

The signed text is `ID.TIMESTAMP.BODY`; the signature is HMAC-SHA256 under the secret's bytes, as `v1,BASE64`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - its beginning, not its value
SHORTEST_SECRET, LONGEST_SECRET = 24, 64
"""Bytes, as the specification has them."""

TOLERANCE_S = 300
"""Older or later messages are not verified, so that a recorded one cannot be sent again much later."""

LONGEST_TIMESTAMP = 18
"""Digits; Python reads no number of thousands of them."""

_VERSION = "v1"


class InvalidSignatureError(ValueError):
    """A message is not from the holder of the secret, or too old."""


def new_secret() -> str:
    """A fresh secret of 32 bytes."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_bytes(secret: str) -> bytes:
    """The bytes behind a secret; `whsec_` in front of it may be left out.

    Raises:
        ValueError: it is not base64, or not of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the secret is not {SECRET_PREFIX} followed by base64: {error}") from error
    if not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise ValueError(f"the secret has {len(key)} bytes, expected {SHORTEST_SECRET} to {LONGEST_SECRET}")
    return key


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at `at` (naive UTC)."""
    timestamp = str(int(at.replace(tzinfo=UTC).timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"{_VERSION},{_signature(secret, message_id, timestamp, body)}",
    }


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Check that a received message is from the holder of the secret, and recent.

    Args:
        headers: as received; their names in any case.
        now: naive UTC.

    Raises:
        InvalidSignatureError: it is not; it must not be trusted.
    """
    given = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not given.get(name)]
    if missing:
        raise InvalidSignatureError(f"The header '{missing[0]}' is missing.")
    message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise InvalidSignatureError(f"webhook-timestamp is '{timestamp[:40]}', expected seconds since 1970.")
    if abs(now.replace(tzinfo=UTC).timestamp() - int(timestamp)) > TOLERANCE_S:
        raise InvalidSignatureError(f"The message is of '{timestamp[:40]}', more than {TOLERANCE_S} s from now.")
    expected = _signature(secret, message_id, timestamp, body).encode()
    for signature in given["webhook-signature"].split():
        version, _, value = signature.partition(",")
        if version == _VERSION and hmac.compare_digest(value.encode(), expected):
            return
    raise InvalidSignatureError("The signature does not fit the message and the secret.")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b"%s.%s.%s" % (message_id.encode(), timestamp.encode(), body)
    return base64.b64encode(hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()).decode()
