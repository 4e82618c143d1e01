"""Where webhooks may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidWebhookError
from core.webhooks.address import check_url, is_private

INSIDE = [
    "http://127.0.0.1:8080/hook",
    "http://localhost/hook",
    "https://10.1.2.3/",
    "http://192.168.0.4/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "http://[fd00::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:a00:1::1]/",
    "http://224.0.0.1/",
    "http://no-such-host.invalid/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_addresses_inside_are_for_loopback_servers_only(url: str) -> None:
    check_url(url, allow_private=True)
    assert is_private(url)
    with pytest.raises(InvalidWebhookError, match="inside a network"):
        check_url(url, allow_private=False)


@pytest.mark.parametrize("url", ["https://93.184.216.34/hook", "http://[2606:2800:220:1::1]:8443/x?y=1"])
def test_public_addresses_are_for_every_server(url: str) -> None:
    check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user:word@shop.example/",
        "http://shop.example:99999/",
        "http://shop.example:0/",
        "http://shop .example/",
        "http://shop.example/\n",
        "http://[::1",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidWebhookError):
        check_url(url, allow_private=True)


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        check_url(text, allow_private=True)
    except InvalidWebhookError:
        return
    assert text.lower().startswith(("http://", "https://"))
