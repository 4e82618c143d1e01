"""The server's answers leave at once, as the options of a real socket say."""

import socket
from collections.abc import Iterator

import pytest

from app.listening import send_at_once
from tests.browser.server import free_port


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as made:  # without naming its protocol, as Streamlit does
        made.bind(("127.0.0.1", 0))
        made.listen(1)
        yield made


def test_accepted_connections_do_not_wait_for_acknowledgements(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert send_at_once(port)
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_nobody_listens_on_is_told(listening: socket.socket) -> None:
    assert not send_at_once(free_port())
