"""All methods by name, in the order they are offered.

DeepLift is not among them: its rules know neither RMSNorm nor attention, and on this backbone its attributions missed
the change of the output by more than the change itself.
"""

from core.errors import NotFoundError
from core.explain.methods.attention_rollout import AttentionRollout
from core.explain.methods.gradient_times_input import GradientTimesInput
from core.explain.methods.integrated_gradients import IntegratedGradients
from core.explain.methods.method import Method
from core.explain.methods.occlusion_of_events import OcclusionOfEvents
from core.explain.methods.occlusion_of_fields import OcclusionOfFields
from core.explain.methods.shapley_sampling import ShapleyValueSampling

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        IntegratedGradients(),
        GradientTimesInput(),
        ShapleyValueSampling(),
        OcclusionOfEvents(),
        OcclusionOfFields(),
        AttentionRollout(),
    )
}
DEFAULT_METHOD = IntegratedGradients.name


def method_named(name: str) -> Method:
    """One method.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name not in METHODS:
        raise NotFoundError(f"There is no method '{name}', expected one of {', '.join(METHODS)}.")
    return METHODS[name]
