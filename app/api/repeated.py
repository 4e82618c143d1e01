"""Query parameters that are repeated: bounded, so that the address stays below what servers and proxies take."""

from starlette.requests import Request

from app.api.errors import ApiError

MOST_NAMED = 50
LONGEST_NAME = 250


def repeated(request: Request, name: str) -> list[str]:
    """The values of `?name=a&name=b`; none when it is absent.

    Raises:
        ApiError: 400 for too many values, an empty one, or one that is too long.
    """
    values = request.query_params.getlist(name)
    if len(values) > MOST_NAMED:
        message = f"{name} is given {len(values)} times, at most {MOST_NAMED} are taken."
        raise ApiError(400, "invalid_query", message, field=name)
    for value in values:
        if not 1 <= len(value) <= LONGEST_NAME:
            message = f"A {name} has {len(value)} characters, expected 1 to {LONGEST_NAME}."
            raise ApiError(400, "invalid_query", message, field=name, value=value)
    return values
