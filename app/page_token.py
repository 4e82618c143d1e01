"""A secret that only our own pages know, so that a foreign page in the same browser cannot write in their name."""

import hmac
import secrets

_TOKEN = secrets.token_urlsafe(32)


def page_token() -> str:
    """The token of this server process, handed to pages over their own connection; a restart makes another."""
    return _TOKEN


def is_page_token(given: str) -> bool:
    """Whether it is this process's token, compared in a time that does not tell how much is right."""
    return hmac.compare_digest(given.encode(), _TOKEN.encode())
