"""Which addresses a webhook may be sent to: a server that others use must not be made to ask inside its own network."""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from core.errors import InvalidWebhookError

LONGEST_URL = 2000


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is no plain http or https address, and addresses inside networks unless these are allowed.

    The name is looked up, and looked up again at each delivery.

    Raises:
        InvalidWebhookError: the address cannot be used.
    """
    parts = _split(url)
    if parts.username is not None or parts.password is not None:
        raise InvalidWebhookError("The url holds a user name or password; receivers know us by the signature.")
    if not allow_private and is_private(url):
        raise InvalidWebhookError(
            f"'{parts.hostname}' is, or leads to, an address inside a network. A server that listens on more than "
            "loopback sends webhooks to public addresses only."
        )


def is_private(url: str) -> bool:
    """Whether the url leads to this machine or into a private network; also when its name cannot be looked up."""
    host = _split(url).hostname or ""
    try:
        found = [ipaddress.ip_address(host)]
    except ValueError:
        found = _looked_up(host)
    return not found or not all(_of_this_kind(address).is_global for address in found)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise InvalidWebhookError(f"url is '{url[:200]}', expected http://… or https://… with a host.")
    return parts


def _looked_up(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(address[4][0]).partition("%")[0]) for address in found]


def _of_this_kind(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address in IPv6's clothes as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
