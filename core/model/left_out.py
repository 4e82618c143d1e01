"""Fields that a model must not read: to be fair (country), to be robust, or to see what each field adds."""

from core.errors import InvalidSettingError
from core.model.fields import CODE_COLUMNS, FIELDS, NUMBER_COLUMNS, CodeColumn, NumberColumn

_COLUMNS: tuple[CodeColumn | NumberColumn, ...] = (*CODE_COLUMNS, *NUMBER_COLUMNS)
NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(name for name in (*FIELDS, *(column.name for column in _COLUMNS)) if name != "event_type")
)
"""What can be left out: a field with all its columns, or one column of a field; not the event type."""


class LeftOut:
    """What reads as missing everywhere: in pretraining and its targets, in fine-tuning, scoring and explaining.

    codes, numbers: indices into CODE_COLUMNS and NUMBER_COLUMNS.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            raise InvalidSettingError(f"leave_out names '{unknown[0]}', expected some of {', '.join(NAMES)}.")
        self._names = frozenset(names)
        self.codes = [index for index, column in enumerate(CODE_COLUMNS) if {column.name, column.field} & self._names]
        self.numbers = [
            index for index, column in enumerate(NUMBER_COLUMNS) if {column.name, column.field} & self._names
        ]

    def hides(self, field: str) -> bool:
        """Whether a whole field is left out."""
        return field in self._names


def names_in(text: str) -> tuple[str, ...]:
    """`"country, text"` -> ("country", "text")."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
