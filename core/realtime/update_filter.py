"""Which updates somebody wants to hear of: streams and webhooks choose by the same rules."""

from dataclasses import dataclass

from core.realtime.intent_update import IntentUpdate


@dataclass(frozen=True)
class UpdateFilter:
    """An empty set lets everything pass.

    intents: the likeliest intent is one of these; previous: the one before was one of these
    visitor_ids: only these visitors
    min_score: the likeliest intent's score is at least this
    only_changes: leave out events after which the likeliest intent is the same as before
    """

    intents: frozenset[str] = frozenset()
    previous: frozenset[str] = frozenset()
    visitor_ids: frozenset[str] = frozenset()
    min_score: float = 0.0
    only_changes: bool = True

    def lets_pass(self, update: IntentUpdate) -> bool:
        """Whether the update is wanted."""
        return (
            (update.changed or not self.only_changes)
            and (not self.intents or update.intent in self.intents)
            and (not self.previous or update.previous in self.previous)
            and (not self.visitor_ids or update.visitor_id in self.visitor_ids)
            and update.intents[0][1] >= self.min_score
        )
