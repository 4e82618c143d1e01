"""A path with several methods as one route: Starlette names only the first route's methods to who asks by another."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Awaitable[Response]]


def resource(path: str, by_method: Mapping[str, Endpoint]) -> Route:
    """One route that answers each method by its endpoint."""

    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await by_method[method](request)

    return Route(path, answer, methods=list(by_method))
