"""The one error of the client, in the API's error shape."""

from collections.abc import Mapping
from typing import Any

import httpx2


class RequestError(Exception):
    """A request was refused, or could not be made at all.

    status: of HTTP; 0 when there was no answer
    code: for programs; `unreachable` when there was no answer, `no_json` when it was not the API that answered
    field, value: what is to blame, where the server says so
    retry_after_s: when it may be asked again, where the server says so
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        value: Any = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        self.retry_after_s = retry_after_s

    @classmethod
    def of_answer(cls, answer: httpx2.Response) -> "RequestError":
        """That of an answer other than 2xx, whose body has been read."""
        text = answer.headers.get("retry-after", "")
        pause_s = float(text) if text.isascii() and text.isdigit() else None
        try:
            return cls.of_body(answer.json()["error"], answer.status_code, pause_s)
        except (ValueError, KeyError, TypeError):
            message = f"The answer is no error of this API: {answer.text[:200]}"
            return cls(answer.status_code, "no_json", message, retry_after_s=pause_s)

    @classmethod
    def of_body(cls, body: Mapping[str, Any], status: int = 200, retry_after_s: float | None = None) -> "RequestError":
        """That of an error object, such as one question of many has."""
        return cls(
            status,
            body["code"],
            body["message"],
            field=body.get("field"),
            value=body.get("value"),
            retry_after_s=retry_after_s,
        )
