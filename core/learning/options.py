"""The options of learning while labeling, kept in the warehouse: they are the shop's, whoever labels."""

from core.active.learning_loop import LearningOptions
from core.store.learning_queries import LearningOptionsRow, append_learning_options, newest_learning_options
from core.store.warehouse import Warehouse


def load_learning_options(warehouse: Warehouse) -> LearningOptions:
    """As chosen last; the defaults while nobody chose."""
    row = newest_learning_options(warehouse)
    return LearningOptions() if row is None else LearningOptions(row.enabled, row.first_per_intent, row.every)


def save_learning_options(warehouse: Warehouse, options: LearningOptions, *, changed_by: str) -> None:
    """Keep them; every choice stays in the table, with who made it."""
    row = LearningOptionsRow(options.enabled, options.first_per_intent, options.every, changed_by, warehouse.clock())
    append_learning_options(warehouse, row)
