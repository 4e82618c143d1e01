"""What a purchase run can be told."""

from dataclasses import dataclass

from core.events.schema import EVENT_TYPES
from core.model.config import SIZES
from core.model.purchase_cut import PURCHASE
from core.training.arguments import expect


@dataclass(frozen=True)
class PurchaseArguments:
    """Supervision by the logs themselves; the settings tried on real sessions differ by less than two seeds do.

    target: the event_type that counts as buying; size: of a new model, where there is no pretrained one.
    length_power: 1 gives every session the same weight, 0 every event.
    teaching: how far answers are drawn towards what boosted trees believe (`teacher.py`); 0 learns from orders alone.
    """

    target: str = PURCHASE
    size: str = "small"
    epochs: int = 12
    patience: int = 2
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    batch_events: int = 2048
    field_masking: float = 0.1
    dropout: float = 0.1
    length_power: float = 0.5
    averaging: float = 0.98
    teaching: float = 0.5
    validation_share: float = 0.2
    test_share: float = 0.2

    def __post_init__(self) -> None:
        expect(self.target in EVENT_TYPES, "target", self.target, f"one of {', '.join(EVENT_TYPES)}")
        expect(self.size in SIZES, "size", self.size, f"one of {sorted(SIZES)}")
        expect(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1000")
        expect(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "a number between 0 and 1")
        expect(16 <= self.batch_events <= 1_000_000, "batch_events", self.batch_events, "16 to 1000000")
        expect(0 <= self.field_masking < 1, "field_masking", self.field_masking, "0 up to 1")
        expect(0 <= self.dropout < 1, "dropout", self.dropout, "0 up to 1")
        expect(0 <= self.length_power <= 1, "length_power", self.length_power, "0 to 1")
        expect(0 <= self.averaging < 1, "averaging", self.averaging, "0 up to 1")
        expect(0 <= self.teaching <= 1, "teaching", self.teaching, "0 to 1")
        for name in ("validation_share", "test_share"):
            expect(0 < getattr(self, name) <= 0.4, name, getattr(self, name), "a share above 0 and at most 0.4")
