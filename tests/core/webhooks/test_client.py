"""A webhook goes to the very address that was checked, over real sockets and TLS."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import InvalidWebhookError
from core.webhooks.address import Address
from core.webhooks.client import CheckedTransport, webhook_client
from tests.core.webhooks.receiver import Receiver, listening

NAME = "receiver.example"
"""Known to no name server: only a connection to a given address can reach it."""


def _a_name_that_turns_inside(*answers: str) -> Callable[[str], list[Address]]:
    """A name server that answers differently each time, as one does that leads a server into its own network."""
    left = list(answers)
    return lambda _: [ipaddress.ip_address(address) for address in left.pop(0).split()]


@contextmanager
def _client(
    *answers: str, allowed: str = "127.0.0.1 127.0.0.3", verify: ssl.SSLContext | bool = True
) -> Iterator[httpx2.Client]:
    transport = CheckedTransport(
        look_up=_a_name_that_turns_inside(*answers), allowed=lambda one: str(one) in allowed.split(), verify=verify
    )
    with httpx2.Client(timeout=5, transport=transport) as client:
        yield client


def _url(receiver: Receiver, scheme: str = "http") -> str:
    return f"{scheme}://{NAME}:{httpx2.URL(receiver.url).port}/hook"


def test_it_connects_to_the_address_that_was_checked_under_the_name_that_was_asked_for() -> None:
    with listening(Receiver()) as receiver, _client("127.0.0.1", "127.0.0.2") as client:
        assert client.post(_url(receiver), content=b"{}").status_code == 204
        (message,) = receiver.messages
        assert message.headers["host"] == _url(receiver).split("/")[2]
        with pytest.raises(InvalidWebhookError, match=f"'{NAME}' is not known, or leads to"):
            client.post(_url(receiver), content=b"{}")
        assert len(receiver.messages) == 1, "the second look-up led inside, and nothing was sent there"


def test_one_address_inside_among_others_is_enough_to_refuse() -> None:
    with listening(Receiver()) as receiver, _client("127.0.0.1 10.0.0.1") as client:
        with pytest.raises(InvalidWebhookError):
            client.post(_url(receiver), content=b"{}")
        assert receiver.messages == []


def test_where_one_address_does_not_answer_the_next_one_is_asked() -> None:
    with listening(Receiver()) as receiver, _client("127.0.0.3 127.0.0.1") as client:
        assert client.post(_url(receiver), content=b"{}").status_code == 204
        assert [message.body for message in receiver.messages] == [b"{}"]


def test_a_connection_is_not_used_again_for_another_name_at_the_same_address() -> None:
    with listening(Receiver()) as receiver, _client("127.0.0.1", "127.0.0.1") as client:
        for name in ("one.example", "other.example"):
            client.post(_url(receiver).replace(NAME, name), content=b"{}")
        assert [message.headers["host"].partition(":")[0] for message in receiver.messages] == [
            "one.example",
            "other.example",
        ]
        assert len({message.peer for message in receiver.messages}) == 2


@pytest.mark.parametrize(("named", "refused"), [(NAME, False), ("somebody-else.example", True)])
def test_tls_verifies_the_name_and_not_the_address(tmp_path: Path, named: str, refused: bool) -> None:
    certificate = _certificate(tmp_path, named)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    asked_for: list[str | None] = []
    served.sni_callback = lambda _, name, __: asked_for.append(name)
    trusted = ssl.create_default_context(cafile=str(certificate))
    with listening(Receiver(), tls=served) as receiver, _client("127.0.0.1", verify=trusted) as client:
        if refused:
            with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                client.post(_url(receiver, "https"), content=b"{}")
        else:
            assert client.post(_url(receiver, "https"), content=b"{}").status_code == 204
        assert asked_for == [NAME]
        assert len(receiver.messages) == (not refused)


def test_a_server_that_others_reach_sends_nothing_inside_even_where_nobody_checked_before() -> None:
    with listening(Receiver()) as receiver:
        with webhook_client(allow_private=False, timeout_s=5) as client, pytest.raises(InvalidWebhookError):
            client.post(receiver.url, content=b"{}")
        assert receiver.messages == []
        with webhook_client(allow_private=True, timeout_s=5) as client:
            assert client.post(receiver.url, content=b"{}").status_code == 204


def _certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
