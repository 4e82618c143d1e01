"""The HTTP client that delivers: it connects to the very address that was checked."""

from collections.abc import Callable
from typing import Any
from urllib.request import getproxies_environment

import httpx2

from core.errors import InvalidWebhookError
from core.webhooks.address import Address, is_public, looked_up


class CheckedTransport(httpx2.HTTPTransport):
    """Looks a receiver's name up once, refuses it where an address of it is not allowed, and connects to one of these.

    Who checks a name and lets another layer look it up again can be led inside by a name server that answers
    differently the second time (DNS rebinding). The Host header and what TLS verifies stay the name's. A connection
    serves one message, for the next one to that address may be another name's.
    """

    def __init__(
        self,
        *,
        look_up: Callable[[str], list[Address]] = looked_up,
        allowed: Callable[[Address], bool] = is_public,
        **options: Any,
    ) -> None:
        """Args: options: httpx2.HTTPTransport's own."""
        super().__init__(limits=httpx2.Limits(max_keepalive_connections=0), **options)
        self._look_up = look_up
        self._allowed = allowed

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises: InvalidWebhookError of an address that is not allowed, and what httpx2 raises."""
        name = request.url.raw_host.decode("ascii")
        addresses = self._look_up(name)
        if not addresses or not all(map(self._allowed, addresses)):
            raise InvalidWebhookError(f"'{name}' is not known, or leads to an address inside a network.")
        for left, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                return super().handle_request(_to(request, address, name))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if not left:
                    raise
        raise AssertionError("unreachable: the last address answers or raises")


def webhook_client(*, allow_private: bool, timeout_s: float) -> httpx2.Client:
    """A client that follows no redirect.

    Where the environment names a proxy (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`), that looks the name up and connects.
    """
    checks = not allow_private and not getproxies_environment().keys() & {"http", "https", "all"}
    transport = CheckedTransport() if checks else None
    return httpx2.Client(timeout=timeout_s, follow_redirects=False, transport=transport)


def _to(request: httpx2.Request, address: Address, name: str) -> httpx2.Request:
    """The same request, whose connection goes to this address."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": name},
    )
