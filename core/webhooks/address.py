"""Which addresses a webhook may be sent to: a server that others use must not be made to ask inside its own network."""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from core.errors import InvalidWebhookError

LONGEST_URL = 2000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Leads to the IPv4 address in its last 32 bits (RFC 6052)."""


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is no plain http or https address, and addresses inside networks unless these are allowed.

    The name is looked up, and looked up again at each delivery, which goes to the address found then.

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
    found = looked_up(_split(url).hostname or "")
    return not found or not all(map(is_public, found))


def looked_up(host: str) -> list[Address]:
    """The addresses of a host, itself where it is one; none where it is not known."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(address[4][0]).partition("%")[0]) for address in found]


def is_public(address: Address) -> bool:
    """Whether the address is of the whole internet, and of one machine there; of one in another's clothes, that one."""
    meant = _inner(address)
    return meant.is_global and not meant.is_multicast


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise InvalidWebhookError(f"url is '{url[:200]}', expected http://… or https://… with a host.")
    return parts


def _inner(address: Address) -> Address:
    """An IPv4 address in IPv6's clothes as what it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
