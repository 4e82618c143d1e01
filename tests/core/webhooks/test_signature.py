"""Signatures against the specification's own library, both ways."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.webhooks.signature import InvalidSignatureError, new_secret, secret_bytes, signed_headers, verify

KEYS = st.binary(min_size=24, max_size=64).map(lambda key: "whsec_" + base64.b64encode(key).decode())
IDS = st.from_regex(r"msg_[A-Za-z0-9]{1,30}", fullmatch=True)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@given(KEYS, IDS, st.text().map(lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()))
def test_the_specifications_library_verifies_what_we_sign(secret: str, message_id: str, body: bytes) -> None:
    headers = signed_headers(secret, message_id, _now(), body)
    timestamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    assert Webhook(secret).sign(message_id, timestamp, body.decode()) == headers["webhook-signature"]
    verify(secret, headers, body, now=_now())


def test_it_verifies_a_whole_message_as_a_receiver_does() -> None:
    secret, body = new_secret(), b'{"type":"intent.changed","data":{"updates":[]}}'
    headers = signed_headers(secret, "msg_1", _now(), body)
    assert Webhook(secret).verify(body, headers)["type"] == "intent.changed"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)


def test_we_verify_what_the_specifications_library_signs() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = {
        "Webhook-Id": "msg_2",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": "v1,bm90aGluZw== v1a,x " + Webhook(secret).sign("msg_2", now, "{}"),
    }
    verify(secret, headers, b"{}", now=_now())


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1" * 5000},
        {"webhook-timestamp": "١٢٣"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,abc"},
        {"webhook-signature": ""},
    ],
)
def test_a_changed_message_is_refused(changed: dict[str, str]) -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", _now(), b"{}") | changed
    with pytest.raises(InvalidSignatureError):
        verify(secret, headers, b"{}", now=_now())


def test_another_body_another_secret_and_an_old_message_are_refused() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", _now(), b"{}")
    for key, body, now in (
        (secret, b"{ }", _now()),
        (new_secret(), b"{}", _now()),
        (secret, b"{}", _now() + timedelta(seconds=301)),
        (secret, b"{}", _now() - timedelta(seconds=301)),
    ):
        with pytest.raises(InvalidSignatureError):
            verify(key, headers, body, now=now)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_***", "whsec_" + "A" * 100])
def test_an_unusable_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        secret_bytes(secret)
