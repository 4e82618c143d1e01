"""Visitors' states within a budget of memory: the one used longest ago is forgotten first."""

from collections import OrderedDict
from collections.abc import Iterable

from core.realtime.visitor_state import VisitorState


class StateMemory:
    """States by visitor_id. For one thread."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._states: OrderedDict[str, VisitorState] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._states)

    def __contains__(self, visitor_id: str) -> bool:
        return visitor_id in self._states

    def get(self, visitor_id: str) -> VisitorState | None:
        """The state, used just now."""
        state = self._states.get(visitor_id)
        if state is not None:
            self._states.move_to_end(visitor_id)
        return state

    def put(self, state: VisitorState) -> None:
        """Remember a state instead of the visitor's former one, and forget others if there is no room."""
        self.drop([state.visitor_id])
        self._states[state.visitor_id] = state
        self._sizes[state.visitor_id] = state.nbytes
        self.nbytes += self._sizes[state.visitor_id]
        while self.nbytes > self._budget:
            self.drop([next(iter(self._states))])

    def drop(self, visitor_ids: Iterable[str]) -> None:
        """Forget these visitors."""
        for visitor_id in visitor_ids:
            if self._states.pop(visitor_id, None) is not None:
                self.nbytes -= self._sizes.pop(visitor_id)

    def drop_with_items(self, item_ids: frozenset[str]) -> None:
        """Forget the visitors who saw one of these items in their window."""
        self.drop([visitor for visitor, state in self._states.items() if not item_ids.isdisjoint(state.items)])

    def items(self) -> set[str]:
        """Ids of all items that a state holds."""
        return set().union(*(state.items for state in self._states.values()))

    def clear(self) -> None:
        """Forget everybody."""
        self._states.clear()
        self._sizes.clear()
        self.nbytes = 0
