"""The regularisers by the name of the argument that gives their strength."""

from core.training.regularizers.adversarial import Adversarial
from core.training.regularizers.augmentation import Augmentation
from core.training.regularizers.averaging import Averaging
from core.training.regularizers.consistency import Consistency
from core.training.regularizers.mixup import Mixup
from core.training.regularizers.pull import Pull
from core.training.regularizers.regularizer import Regularizer

REGULARIZERS: dict[str, type[Regularizer]] = {
    "augmentation": Augmentation,
    "adversarial": Adversarial,
    "mixup": Mixup,
    "consistency": Consistency,
    "pull": Pull,
    "averaging": Averaging,
}
