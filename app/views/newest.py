"""The newest answers of a page, so that what is undone and done again is not asked twice."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Newest(Generic[Answer]):
    """Answers by what was asked; of more than `most`, those not looked at for longest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[str, Answer] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def get(self, key: str, ask: Callable[[], Answer]) -> Answer:
        """The answer known, or a new one."""
        if key not in self._known:
            self._known[key] = ask()
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
