"""What became of all events since the start, by the dialect they came in; one addition for each post."""

from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Fates:
    """Events that were stored, those that were there already, and messages that were refused."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0

    def __add__(self, other: "Fates") -> "Fates":
        return Fates(self.accepted + other.accepted, self.duplicate + other.duplicate, self.refused + other.refused)


FATES: Sequence[str] = tuple(field.name for field in fields(Fates))
