"""Answers that leave at once: Nagle's algorithm (RFC 896) off on the socket the server listens on.

Streamlit makes that socket without naming its protocol, and asyncio then leaves the algorithm on: the body of every
answer waited for the browser's delayed acknowledgement of the head, 40 ms. Accepted connections inherit the option.
"""

import os
import socket
import stat
from contextlib import suppress

OPEN_FILES = "/dev/fd"


def send_at_once(port: int) -> bool:
    """Switch it off where this process listens on `port`; False where no such socket was found."""
    names = os.listdir(OPEN_FILES) if os.path.isdir(OPEN_FILES) else []
    found = [_switch_off(int(name), port) for name in names if name.isdigit()]
    return any(found)


def _switch_off(number: int, port: int) -> bool:
    with suppress(OSError):  # closed meanwhile, or not of a kind that has a port
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            with socket.socket(fileno=os.dup(number)) as found:
                listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if listens and found.family != socket.AF_UNIX and found.getsockname()[1] == port:
                    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return True
    return False
